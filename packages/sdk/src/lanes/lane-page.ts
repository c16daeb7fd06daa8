import { appendLog, extendLog, fromHex, type Log } from '@icn/crypto'
import { type LaneEvent, laneGroupHash, laneLeaf } from '@icn/protocol'
import { type Answer, bytesOf, understood } from './answers.ts'
import { LaneNotProved } from './lane-not-proved.ts'
import type { ProvedLane } from './proved-state.ts'

/** Something that happened in a lane, proved. */
export interface LaneNews {
  /** Position of its transaction in the block; at the end of a block, the number of its transactions. */
  readonly index: number
  /** Hash of its transaction, hexadecimal; `null` at the end of a block. */
  readonly transaction: string | null
  readonly topic: string
  readonly org: string | null
  readonly subject: string
  readonly data: LaneEvent[3]
}

/** A block as far as it is of a lane, and the log of the lane after it. */
export interface LanePageBlock {
  readonly height: number
  readonly timeMs: number
  readonly events: readonly LaneNews[]
  /** Transactions and ends of which only the hash was shown: their events are for members of an organization. */
  readonly hidden: number
  readonly log: Log
}

/**
 * Checks that these blocks go on from a log, and lead to the one that is proved.
 *
 * @param before - the log after the block before; `undefined`: as the node says, since a wrong one leads to another log
 * @throws LaneNotProved
 */
export function checkPage(
  page: Answer<'laneBlocks'>,
  before: Log | undefined,
  proved: ProvedLane,
): readonly LanePageBlock[] {
  const blocks = understood('a page of the lane', () => readBlocks(page, before ?? logOf(page.before)))
  const log = blocks.at(-1)?.log ?? before ?? page.before
  const reached = understood('a page of the lane', () => extendOrFail(log, proved.log.size, page.after))
  if (reached.size === proved.log.size && reached.peaks === proved.log.peaks) return blocks
  const place = blocks.length === 0 ? '' : ` of blocks ${blocks[0]?.height} to ${blocks.at(-1)?.height}`
  throw altered(`the events${place} do not lead to the log after block ${proved.stateHeight}, which is proved`)
}

function readBlocks(page: Answer<'laneBlocks'>, before: Log): LanePageBlock[] {
  let log = before
  return page.items.map(({ height, time, groups }) => {
    const timeMs = Date.parse(time)
    const hashes = groups.map((group) => ('hidden' in group ? fromHex(group.hidden) : laneGroupHash(groupOf(group))))
    log = appendLog(log, laneLeaf(height, timeMs, hashes))
    const events = groups.flatMap((group) => ('hidden' in group ? [] : newsOf(group)))
    return { height, timeMs, events, hidden: groups.filter((group) => 'hidden' in group).length, log }
  })
}

type Shown = Exclude<Answer<'laneBlocks'>['items'][number]['groups'][number], { readonly hidden: string }>

function groupOf({ index, transaction, signature, events }: Shown) {
  return {
    index,
    transaction: transaction === null ? null : fromHex(transaction),
    signature: signature === null ? null : bytesOf(signature),
    events: events as unknown as readonly LaneEvent[],
  }
}

function newsOf({ index, transaction, events }: Shown): LaneNews[] {
  return events.map(([topic, org, subject, data]) => ({ index, transaction, topic, org, subject, data }))
}

function logOf({ size, peaks }: Log): Log {
  return { size, peaks }
}

function extendOrFail(log: Log, size: number, after: readonly string[]): Log {
  try {
    return extendLog(log, size, after.map(fromHex))
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw altered(`after the blocks shown, ${cause.message}`)
  }
}

function altered(message: string): LaneNotProved {
  return new LaneNotProved('EVENTS_ALTERED', message)
}
