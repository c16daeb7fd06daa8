import type { ServerResponse } from 'node:http'
import { LANES } from '@icn/protocol'
import { heightOfId, historyId, idsOfBlock, positionOfId, type SqlReader } from '@icn/state-machine/kernel'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { HttpContext } from '../context.ts'
import { nodeProblem, notKept } from '../problem.ts'
import { time } from '../views/times.ts'

const PARAMETERS = ['topic', 'org', 'subject', 'lane', 'lastEventId']
/** Streams at once; each costs a query when a block comes, and they leave half of all connections to others. */
const MOST_STREAMS = 1_000
const HEARTBEAT_MS = 15_000
/** Blocks often come faster than anybody reads: what several bring goes out together. */
const PAUSE_MS = 50
const PAGE = 500
/** Heights looked through by one query, so that a filter that nothing matches does not read the whole history at once. */
const HEIGHTS = 2_000

interface EventRow {
  readonly id: number
  readonly lane: number
  readonly topic: string
  readonly org: string | null
  readonly subject: string
  readonly data: string
  readonly timeMs: number
}

interface Filter {
  readonly topic: string
  readonly org: string
  readonly subject: string
  /** Number of a lane as text; empty: all. */
  readonly lane: string
}

/**
 * `GET /v1/events`: what happened, as server-sent events, from `Last-Event-ID` or from now on. A reader that is slow
 * is simply asked less often: nothing is buffered for it, since every event stands in the database.
 */
export function eventRoutes(app: FastifyInstance, context: HttpContext): void {
  const pumps = new Set<() => void>()
  const stop = context.consensus.onCommit(() => {
    for (const pump of pumps) pump()
  })
  const open = new Set<ServerResponse>()
  app.addHook('preClose', async () => {
    stop()
    for (const response of open) response.end()
  })

  app.get('/v1/events', { exposeHeadRoute: false }, (request, reply) => {
    if (open.size >= Math.min(MOST_STREAMS, context.config.connections / 2))
      throw nodeProblem(503, 'TOO_MANY_STREAMS', 'The node serves as many streams as it may.', 'Try again later.')
    const who = context.sessions.whoIs(request.headers.authorization)
    const filter = filterOf(request)
    const start = startOf(request, context)
    reply.hijack()
    const { raw: response } = reply
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    response.write(': what happens on the ledger\n\n')
    open.add(response)
    const pump = startPump(context, response, filter, who, start)
    pumps.add(pump.wake)
    response.on('close', () => {
      pump.stop()
      pumps.delete(pump.wake)
      open.delete(response)
    })
  })
}

function startPump(
  context: HttpContext,
  response: ServerResponse,
  filter: Filter,
  who: string | undefined,
  start: number,
) {
  let cursor = start
  let waiting: NodeJS.Timeout | undefined
  let isFull = false
  const heartbeat = setInterval(() => response.write(': still here\n\n'), HEARTBEAT_MS)

  function wake(): void {
    if (isFull || waiting !== undefined) return
    waiting = setTimeout(send, PAUSE_MS)
  }

  function send(): void {
    waiting = undefined
    const { rows, next, isLast } = context.reader.read((sql, at) => page(sql, filter, who, cursor, at.height))
    cursor = next
    isFull = rows.length > 0 && !response.write(rows.map(eventText).join(''))
    if (!isLast) wake()
  }

  response.on('drain', () => {
    isFull = false
    wake()
  })
  wake()
  return {
    wake,
    stop: () => {
      clearInterval(heartbeat)
      clearTimeout(waiting)
    },
  }
}

/** Events after the cursor, a `historyId`, that the filter lets through and that this reader may see. */
function page(
  sql: SqlReader,
  { topic, org, subject, lane }: Filter,
  who: string | undefined,
  cursor: number,
  last: number,
) {
  const until = Math.min(last, heightOfId(cursor) + HEIGHTS)
  const mayRead = `(e.org IS NULL OR (SELECT charter ->> 'readAccess' FROM organization WHERE did = e.org) IS NOT 'members'
    OR EXISTS (SELECT 1 FROM member m WHERE m.org = e.org AND m.did = ? AND m.status = 'active'))`
  const rows = sql.all<EventRow>(
    `SELECT e.*, b.timeMs FROM event e JOIN block b ON b.height = e.id >> 20
     WHERE e.id > ? AND e.id <= ? AND (? = '' OR e.topic = ? OR e.topic LIKE ? || '.%')
       AND (? = '' OR e.org = ?) AND (? = '' OR e.subject = ?) AND (? = '' OR e.lane = CAST(? AS INTEGER)) AND ${mayRead}
     ORDER BY e.id LIMIT ?`,
    ...[cursor, endOf(until), topic, topic, topic, org, org, subject, subject, lane, lane, who ?? '', PAGE],
  )
  const found = rows.at(-1)
  const isWhole = rows.length < PAGE
  const next = isWhole || found === undefined ? endOf(until) : found.id
  return { rows, next, isLast: isWhole && until === last }
}

function endOf(height: number): number {
  return idsOfBlock(height)[1]
}

function eventText({ id, lane, topic, org, subject, data, timeMs }: EventRow): string {
  const height = heightOfId(id)
  const event = { topic, lane, height, time: time(timeMs), org, subject, data: JSON.parse(data) }
  return `id: ${height}-${positionOfId(id)}\nevent: ${topic}\ndata: ${JSON.stringify(event)}\n\n`
}

function filterOf(request: FastifyRequest): Filter {
  const query = request.query as Record<string, unknown>
  const unknown = Object.keys(query).find((name) => !PARAMETERS.includes(name))
  if (unknown !== undefined) throw badFilter(unknown)
  const text = (name: string) => {
    const value = query[name] ?? ''
    if (typeof value !== 'string' || value.length > 200 || /[%_\0]/.test(name === 'topic' ? value : '')) {
      throw badFilter(name)
    }
    return value
  }
  const lane = text('lane')
  if (lane !== '' && !(/^\d$/.test(lane) && LANES[Number(lane)] !== undefined)) throw badFilter('lane')
  return { topic: text('topic'), org: text('org'), subject: text('subject'), lane }
}

function badFilter(name: string): Error {
  return nodeProblem(
    400,
    'BAD_REQUEST',
    `The filter ${name.slice(0, 64)} is not understood.`,
    'Filters are topic, org, subject and lane; a topic is a word such as vote or vote.cast, a lane 0, 1 or 2. lastEventId says where to go on.',
  )
}

/** The `historyId` of the event named, or of the end of the present block. */
function startOf(request: FastifyRequest, { consensus, store }: HttpContext): number {
  const query = request.query as Record<string, unknown>
  const id = request.headers['last-event-id'] ?? query.lastEventId
  if (id === undefined) return endOf(consensus.status().height)
  const [, height, seq] = /^(\d{1,9})-(\d{1,15})$/.exec(String(id)) ?? []
  if (height === undefined || seq === undefined)
    throw nodeProblem(400, 'BAD_REQUEST', 'Last-Event-ID is not one of this stream.', 'It looks like 12-3.')
  // Whoever asks for all there is gets what is kept; whoever has seen something before must know of the gap.
  const from = store.keptFrom()
  if (Number(height) > 0 && Number(height) < from - 1) throw notKept(from)
  return Math.min(historyId(Number(height), Number(seq)), endOf(Number(height)))
}
