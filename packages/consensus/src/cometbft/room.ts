import type { Submissions } from './submissions.ts'

export interface RoomOptions {
  readonly submissions: Submissions
  /** Transactions that wait, of all nodes, as far as this one knows. */
  readonly waiting: () => number
  /** Transactions of this node's clients that may wait at once. */
  readonly maxWaiting: number
  /** Transactions of all nodes that may wait in CometBFT's pool. */
  readonly poolSize: number
  /** How many nodes fill the pool. */
  readonly nodes: () => number
}

/**
 * How many transactions the node may still take from its clients. What it has handed over and CometBFT has not asked about
 * yet counts as if it were in the pool; and since other nodes hand over theirs in the same moment, one node among several
 * may have no more than half its part of the pool under way. PERF: every node checks what comes to any of them, and makes
 * no block meanwhile: with whole parts a flood keeps four nodes on two processors from deciding for seconds.
 */
export function roomLeft({ submissions, waiting, maxWaiting, poolSize, nodes }: RoomOptions): number {
  const unchecked = submissions.unchecked()
  const count = nodes()
  const part = count > 1 ? Math.ceil(poolSize / (2 * count)) : poolSize
  return Math.max(0, Math.min(maxWaiting - submissions.count(), poolSize - waiting() - unchecked, part - unchecked))
}
