import { emptyLog, growLog } from '@icn/crypto'
import { LANES, type LaneEvent, laneGroupHash, laneLeaf } from '@icn/protocol'
import type { Moment } from '../../envelope.ts'
import type { EndEvent, LaneEntry, LedgerEvent, State, TransactionRecord } from '../../kernel/index.ts'
import { laneLogs } from './tables.ts'

/** Where the signature stands in the bytes of a transaction: at their end. */
const SIGNATURE_BYTES = 64

/**
 * Adds what happened in a block to the logs of its lanes: first the events of transactions, then those of its end. A block
 * in which nothing happened changes nothing. Reads and writes one row for each lane that has events.
 */
export function logEvents(
  { height, timeMs }: Moment,
  transactions: readonly TransactionRecord[],
  atEnd: readonly EndEvent[],
  state: State,
): LaneEntry[] {
  const byLane = groupsByLane(transactions, atEnd)
  if (byLane.size === 0) return []
  const rows = state.open(laneLogs)
  if (rows.get({ lane: 0 }) === undefined) {
    for (const lane of LANES.keys()) rows.put({ lane, log: emptyLog(), height: 0 })
  }
  return Array.from(byLane, ([lane, groups]) => {
    const before = rows.get({ lane })?.log ?? emptyLog()
    const { log, nodes } = growLog(before, laneLeaf(height, timeMs, groups))
    rows.put({ lane, log, height })
    return { lane, position: before.size, nodes }
  })
}

/** Hashes of the groups of each lane, in the order of the block. */
function groupsByLane(
  transactions: readonly TransactionRecord[],
  atEnd: readonly EndEvent[],
): ReadonlyMap<number, Uint8Array[]> {
  const byLane = new Map<number, Uint8Array[]>()
  const add = (lane: number, hash: Uint8Array) => {
    const groups = byLane.get(lane)
    if (groups === undefined) byLane.set(lane, [hash])
    else groups.push(hash)
  }
  for (const [index, { hash, bytes, lane, events }] of transactions.entries()) {
    if (events.length === 0) continue
    const signature = bytes.subarray(-SIGNATURE_BYTES)
    add(lane, laneGroupHash({ index, transaction: hash, signature, events: events.map(laneEvent) }))
  }
  const end = { index: transactions.length, transaction: null, signature: null }
  for (const event of atEnd) add(event.lane, laneGroupHash({ ...end, events: [laneEvent(event)] }))
  return byLane
}

function laneEvent({ topic, org, subject, data }: LedgerEvent): LaneEvent {
  return [topic, org ?? null, subject, data]
}
