import type { ServerResponse } from 'node:http'
import type { Alert, Status } from '@icn/monitor'
import type { FastifyInstance } from 'fastify'
import type { HttpContext } from '../context.ts'
import { isOperator } from '../operator.ts'
import { nodeProblem } from '../problem.ts'
import { alertsFor, statusView } from '../views/monitor.ts'

/** Streams at once; a tenth of all connections, so that those of events and requests have the rest. */
const MOST_STREAMS = 200

interface Reader {
  readonly response: ServerResponse
  readonly full: boolean
}

/**
 * `GET /v1/network/live`: the status as it is sampled (`event: status`), and alerts as they begin and end (`event: alert`),
 * as server-sent events. It begins with the present status. A reader that is slow misses samples, and gets the last one
 * when it reads again: every status names the alerts that last.
 */
export function liveRoutes(app: FastifyInstance, { config, genesis, monitor }: HttpContext): void {
  const readers = new Set<Reader>()
  const stop = monitor.onSample((status, changed) => {
    for (const reader of readers) tell(reader, status, changed)
  })
  app.addHook('preClose', async () => {
    stop()
    for (const { response } of readers) response.end()
  })

  function tell({ response, full }: Reader, status: Status, changed: readonly Alert[]): void {
    if (response.writableNeedDrain) return
    const alerts = alertsFor(changed, full).map((alert) => eventText('alert', alert))
    response.write([eventText('status', statusView(status, monitor.open(), genesis, full)), ...alerts].join(''))
  }

  app.get('/v1/network/live', { exposeHeadRoute: false }, (request, reply) => {
    const [unknown] = Object.keys(request.query as object)
    if (unknown !== undefined)
      throw nodeProblem(400, 'BAD_REQUEST', `There is no ${unknown.slice(0, 64)} here.`, 'It takes no parameters.')
    if (readers.size >= Math.min(MOST_STREAMS, config.connections / 10))
      throw nodeProblem(503, 'TOO_MANY_STREAMS', 'The node serves as many streams as it may.', 'Try again later.')
    const reader = { response: reply.raw, full: isOperator(config, request.raw) }
    reply.hijack()
    const { response } = reader
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    readers.add(reader)
    tell(reader, monitor.last(), [])
    response.on('drain', () => tell(reader, monitor.last(), []))
    response.on('close', () => readers.delete(reader))
  })
}

function eventText(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}
