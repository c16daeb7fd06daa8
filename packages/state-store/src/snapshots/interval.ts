/** When snapshots are made, so that every node makes the same ones. */
export type SnapshotInterval =
  /** At heights that this number divides. */
  | { readonly blocks: number }
  /** At the first block of each span of so many milliseconds since 1970, by block time. */
  | { readonly ms: number }

interface Place {
  readonly height: number
  readonly timeMs: number
}

/** A thread is started so much earlier, since its start takes a third of a second. */
const NEAR_BLOCKS = 10
const NEAR_MS = 5_000

/** Whether a snapshot is to be made of the state after `block`. */
export function isDue(interval: SnapshotInterval, block: Place, before: Place): boolean {
  if ('blocks' in interval) return block.height % interval.blocks === 0
  return before.height > 0 && spanOf(interval.ms, block.timeMs) > spanOf(interval.ms, before.timeMs)
}

/** Whether one will be due soon. */
export function isNear(interval: SnapshotInterval, block: Place): boolean {
  if ('blocks' in interval) return block.height % interval.blocks >= interval.blocks - NEAR_BLOCKS
  return spanOf(interval.ms, block.timeMs + NEAR_MS) > spanOf(interval.ms, block.timeMs)
}

function spanOf(ms: number, timeMs: number): number {
  return Math.floor(timeMs / ms)
}
