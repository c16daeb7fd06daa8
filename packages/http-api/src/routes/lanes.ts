import { toBase64Url, toHex } from '@icn/crypto'
import { LANES, laneGroupHash } from '@icn/protocol'
import type { SqlReader, Table } from '@icn/state-machine/kernel'
import {
  findLane,
  type LaneBlockFacts,
  type LaneFacts,
  type LaneGroupFacts,
  laneBlocks,
  laneLogOf,
  laneLogs,
  laneRoots,
  laneSizeBefore,
  listLanes,
} from '@icn/state-machine/lanes'
import type { FastifyInstance } from 'fastify'
import { mayReadOf } from '../access.ts'
import type { HttpContext } from '../context.ts'
import { pageOf } from '../paging.ts'
import { nodeProblem, notFound, notKept } from '../problem.ts'
import { type ReadInput, serve, serveRead } from '../serve.ts'
import { proofView } from '../views/proofs.ts'
import { time } from '../views/times.ts'
import { notReplicated } from './network.ts'

/** Groups of one answer; a block is never cut, so that one large block may bring more. */
const ENOUGH_GROUPS = 5_000

/** What an observer needs who follows one lane and believes nobody: its log, what leads to it, and what proves it. */
export function laneRoutes(app: FastifyInstance, context: HttpContext): void {
  const { consensus, prover, store } = context

  serveRead(app, context, 'lanes', ({ sql }) => ({ items: listLanes(sql).map(laneView) }))

  serveRead(app, context, 'lane', ({ sql, prove, params: { lane }, query }) => {
    const facts = laneOf(sql, lane)
    const view = { ...laneView(facts), log: facts.log }
    return query.proof === '1' ? { ...view, proof: proofView(prove(laneLogs as unknown as Table, [lane])) } : view
  })

  const blocks = ({ sql, params: { lane }, query, height, who }: ReadInput<'laneBlocks'>) => {
    laneOf(sql, lane)
    const keptFrom = store.keptFrom()
    const { limit, after } = pageOf(query, /^\d{1,15}$/)
    const first = after === undefined ? Math.max(1, query.from ?? keptFrom) : Number(after) + 1
    const sizeBefore = (at: number) => laneSizeBefore(sql, lane, Math.max(at, keptFrom), keptFrom)
    const position = after === undefined ? query.position : undefined
    const isForgotten = position === undefined ? first < keptFrom : position < sizeBefore(keptFrom)
    if (isForgotten || height < keptFrom - 1) throw notKept(keptFrom)
    const to = sizeBefore(height + 1)
    const from = Math.min(position ?? sizeBefore(first), to)
    const shown = laneBlocks(sql, lane, from, Math.min(from + limit - 1, to), ENOUGH_GROUPS)
    const end = from + shown.length
    const last = shown.at(-1)
    return {
      lane,
      before: laneLogOf(sql, lane, from),
      items: shown.map((block) => blockView(block, visibleTo(sql, who))),
      after: laneRoots(sql, lane, end, to).map(toHex),
      nextCursor: end < to && last !== undefined ? Buffer.from(String(last.height)).toString('base64url') : null,
    }
  }
  serveRead(app, context, 'laneBlocks', blocks, 'kept')

  serve(app, context, 'lightBlock', async ({ params: { height } }) => {
    if (consensus.lightBlock === undefined) throw notReplicated()
    const bytes = await consensus.lightBlock(height)
    if (bytes === undefined) throw notFound('light block')
    return { height, bytes: toBase64Url(bytes) }
  })

  serve(app, context, 'trustPath', async () => {
    if (prover === undefined) throw notReplicated()
    return { heights: await prover.pivots() }
  })
}

function laneOf(sql: SqlReader, lane: number): LaneFacts {
  const facts = findLane(sql, lane)
  if (facts !== undefined) return facts
  const detail = 'Nothing has happened on this network yet.'
  throw nodeProblem(404, 'NO_LANES_YET', detail, 'Every lane has a log from the first event of the network on.')
}

function laneView({ lane, log, height }: LaneFacts) {
  return { lane, name: LANES[lane] ?? '', blocks: log.size, height }
}

/** The events of a transaction are for its signer, and for those who may read every organization that it touched. */
function visibleTo(sql: SqlReader, who: string | undefined): (group: LaneGroupFacts) => boolean {
  const known = new Map<string, boolean>()
  const mayRead = (org: string) => {
    const may = known.get(org) ?? mayReadOf(sql, org, who)
    known.set(org, may)
    return may
  }
  return ({ signer, events }) =>
    (who !== undefined && who === signer) || events.every(([, org]) => org === null || mayRead(org))
}

function blockView({ height, timeMs, groups }: LaneBlockFacts, isVisible: (group: LaneGroupFacts) => boolean) {
  const groupView = (group: LaneGroupFacts) => {
    if (!isVisible(group)) return { hidden: toHex(laneGroupHash(group)) }
    const { index, transaction, signature, events } = group
    return {
      index,
      transaction: transaction === null ? null : toHex(transaction),
      signature: signature === null ? null : toBase64Url(signature),
      events: events.map(([topic, org, subject, data]): [string, string | null, string, typeof data] => [
        topic,
        org,
        subject,
        data,
      ]),
    }
  }
  return { height, time: time(timeMs), groups: groups.map(groupView) }
}
