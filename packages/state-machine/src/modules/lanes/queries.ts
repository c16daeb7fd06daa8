import { type Log, logTrees, toHex } from '@icn/crypto'
import type { LaneEvent, LaneGroup } from '@icn/protocol'
import { assert, idsOfBlock, positionOfId, type SqlReader } from '../../kernel/index.ts'

/** Where the log of a lane stands. */
export interface LaneFacts {
  readonly lane: number
  readonly log: Log
  /** Of the last block that has events of the lane; 0 where there is none. */
  readonly height: number
}

/** A block as the log of a lane has it. */
export interface LaneBlockFacts {
  readonly height: number
  readonly timeMs: number
  readonly groups: readonly LaneGroupFacts[]
}

export interface LaneGroupFacts extends LaneGroup {
  /** Of the transaction; `null` at the end of a block. */
  readonly signer: string | null
}

interface EventRow {
  readonly tx: number
  readonly topic: string
  readonly org: string | null
  readonly subject: string
  readonly data: string
  readonly hash: Uint8Array | null
  readonly signature: Uint8Array | null
  readonly signer: string | null
}

/** Nothing before the first event of the network. */
export function listLanes(sql: SqlReader): LaneFacts[] {
  return sql.all<LaneRow>('SELECT lane, log, height FROM lane_log ORDER BY lane').map(laneFacts)
}

export function findLane(sql: SqlReader, lane: number): LaneFacts | undefined {
  const row = sql.get<LaneRow>('SELECT lane, log, height FROM lane_log WHERE lane = ?', lane)
  return row === undefined ? undefined : laneFacts(row)
}

interface LaneRow {
  readonly lane: number
  readonly log: string
  readonly height: number
}

function laneFacts({ lane, log, height }: LaneRow): LaneFacts {
  return { lane, log: JSON.parse(log) as Log, height }
}

/**
 * How many leaves the log of a lane had before a height. 20 point reads at a million leaves.
 *
 * @param keptFrom - the lowest height whose block is kept; not above `height`
 */
export function laneSizeBefore(sql: SqlReader, lane: number, height: number, keptFrom: number): number {
  const size = findLane(sql, lane)?.log.size ?? 0
  // Below the blocks that are kept only some leaves are, which the others need.
  const kept = sql.get<{ position: number }>(
    'SELECT position FROM lane_entry WHERE lane = ? AND height >= ? ORDER BY position LIMIT 1',
    lane,
    keptFrom,
  )
  let low = kept?.position ?? size
  let high = size
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (heightAt(sql, lane, middle) < height) low = middle + 1
    else high = middle
  }
  return low
}

function heightAt(sql: SqlReader, lane: number, position: number): number {
  const row = sql.get<{ height: number }>(
    'SELECT height FROM lane_entry WHERE lane = ? AND position = ?',
    lane,
    position,
  )
  assert(row !== undefined, `leaf ${position} of lane ${lane} is there`)
  return row.height
}

/** The log of a lane when it had so many leaves. */
export function laneLogOf(sql: SqlReader, lane: number, size: number): Log {
  return { size, peaks: laneRoots(sql, lane, 0, size).map(toHex).join('') }
}

/** What leads the log of a lane from so many leaves to so many more: the roots of `logTrees`. */
export function laneRoots(sql: SqlReader, lane: number, from: number, to: number): Uint8Array[] {
  return logTrees(from, to).map(({ first, height }) => {
    const last = first + 2 ** height - 1
    const row = sql.get<{ nodes: Uint8Array }>(
      'SELECT nodes FROM lane_entry WHERE lane = ? AND position = ?',
      lane,
      last,
    )
    assert(row !== undefined, `leaf ${last} of lane ${lane} is there`)
    return row.nodes.slice(height * 32, height * 32 + 32)
  })
}

/**
 * Blocks of a lane in order, from one leaf to before another.
 *
 * @param enough - of groups: no further block is read when there are so many
 */
export function laneBlocks(sql: SqlReader, lane: number, from: number, to: number, enough: number): LaneBlockFacts[] {
  const entries = sql.all<{ height: number; timeMs: number }>(
    `SELECT e.height, b.timeMs FROM lane_entry e JOIN block b ON b.height = e.height
     WHERE e.lane = ? AND e.position >= ? AND e.position < ? ORDER BY e.position`,
    lane,
    from,
    to,
  )
  const blocks: LaneBlockFacts[] = []
  let count = 0
  for (const { height, timeMs } of entries) {
    if (count >= enough) break
    const groups = groupsOf(sql, lane, height)
    count += groups.length
    blocks.push({ height, timeMs, groups })
  }
  return blocks
}

function groupsOf(sql: SqlReader, lane: number, height: number): LaneGroupFacts[] {
  const rows = sql.all<EventRow>(
    `SELECT e.tx, e.topic, e.org, e.subject, e.data, t.hash, t.signer, substr(t.bytes, -64) AS signature
     FROM event e LEFT JOIN tx t ON t.id = e.tx WHERE e.id BETWEEN ? AND ? AND e.lane = ? ORDER BY e.id`,
    ...idsOfBlock(height),
    lane,
  )
  const groups: (LaneGroupFacts & { readonly events: LaneEvent[] })[] = []
  for (const { tx, topic, org, subject, data, hash, signature, signer } of rows) {
    const index = positionOfId(tx)
    const event: LaneEvent = [topic, org, subject, JSON.parse(data)]
    const last = groups.at(-1)
    // At the end of a block each event is a group of its own.
    if (last?.index === index && hash !== null) last.events.push(event)
    else groups.push({ index, transaction: hash, signature, signer, events: [event] })
  }
  return groups
}
