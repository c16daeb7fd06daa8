import type { PoolMirror } from './pool-mirror.ts'
import type { Submissions } from './submissions.ts'

export interface RoomOptions {
  readonly submissions: Submissions
  readonly pool: PoolMirror
  /** Transactions of this node's clients that may wait at once. */
  readonly maxWaiting: number
  /** Transactions of all nodes that may wait in CometBFT's pool. */
  readonly poolSize: number
  /** How many nodes fill the pool. */
  readonly nodes: () => number
}

/**
 * How many transactions the node may still take from its clients. What it has handed over and CometBFT has not asked about
 * yet counts as if it were in the pool; and since other nodes hand over theirs in the same moment, one node may have no
 * more than its part of the pool under way. Whoever comes beyond that would be refused after all nodes had checked it.
 */
export function roomLeft({ submissions, pool, maxWaiting, poolSize, nodes }: RoomOptions): number {
  const unchecked = submissions.unchecked()
  const part = Math.ceil(poolSize / Math.max(1, nodes()))
  return Math.max(0, Math.min(maxWaiting - submissions.count(), poolSize - pool.count() - unchecked, part - unchecked))
}
