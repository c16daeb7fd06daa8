import { LEVELS, resolutionFor } from '@icn/monitor'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { HttpContext } from '../context.ts'
import { isOperator } from '../operator.ts'
import { nodeProblem } from '../problem.ts'
import { serve } from '../serve.ts'
import { alertsFor, pointView, statusView } from '../views/monitor.ts'
import { time } from '../views/times.ts'

/** What the monitor knows. It is of the moment and of this node alone, so there is no `?height=` and no entity tag. */
export function monitorRoutes(app: FastifyInstance, context: HttpContext): void {
  const { consensus, config, genesis, monitor } = context
  const answer = (reply: FastifyReply, value: object) =>
    reply
      .header('icn-height', consensus.status().height)
      .header('cache-control', 'no-store')
      .type('application/json')
      .send(JSON.stringify(value))

  serve(app, context, 'networkStatus', async ({ request, reply }) =>
    answer(reply, statusView(await monitor.status(), monitor.open(), genesis, isOperator(config, request.raw))),
  )

  serve(app, context, 'networkHistory', ({ query, request, reply }) => {
    const nowMs = monitor.now()
    const untilMs = query.to === undefined ? nowMs + 1 : instantOf('to', query.to)
    const fromMs = query.from === undefined ? untilMs - LEVELS[0].keepMs : instantOf('from', query.from)
    if (fromMs > untilMs)
      throw nodeProblem(400, 'BAD_REQUEST', 'from is later than to.', 'Give an earlier from, or a later to.')
    const resolution = query.resolution ?? resolutionFor(fromMs, nowMs)
    const full = isOperator(config, request.raw)
    const items = monitor.history(resolution, fromMs, untilMs).map((point) => pointView(point, full))
    return answer(reply, { resolution, from: time(fromMs), to: time(untilMs), items })
  })

  serve(app, context, 'networkAlerts', ({ query, request, reply }) => {
    const open = query.open === undefined ? undefined : query.open === 'true'
    const alerts = monitor.alerts(open, query.limit ?? 100)
    return answer(reply, { items: alertsFor(alerts, isOperator(config, request.raw)) })
  })
}

/** The form was checked; whether there is such a day was not. */
function instantOf(name: string, text: string): number {
  const ms = Date.parse(text)
  if (!Number.isNaN(ms) && ms >= 0) return ms
  throw nodeProblem(400, 'BAD_REQUEST', `${name} is no time that there is.`, 'Give one such as 2026-05-01T00:00:00Z.')
}
