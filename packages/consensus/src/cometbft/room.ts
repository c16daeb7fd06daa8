import type { Submissions } from './submissions.ts'

export interface RoomOptions {
  readonly submissions: Submissions
  /** Transactions that wait or are being checked, of all nodes, as far as this one knows. */
  readonly waiting: () => number
  /** Transactions of this node's clients that may wait at once. */
  readonly maxWaiting: number
  /** Transactions of all nodes that may wait in CometBFT's pool. */
  readonly poolSize: number
  /** How many nodes fill the pool. */
  readonly nodes: () => number
}

/**
 * How many transactions the node may still take from its clients. Since other nodes hand over theirs in the same moment,
 * one node among several may have no more than half its part of the pool under way, which is what CometBFT has not asked
 * about yet. PERF: every node checks what comes to any of them, and makes
 * no block meanwhile: with whole parts a flood keeps four nodes on two processors from deciding for seconds.
 */
export function roomLeft(options: RoomOptions): number {
  const { submissions, waiting, maxWaiting, poolSize } = options
  const left = [maxWaiting - submissions.count(), poolSize - waiting(), partOf(options) - submissions.underWay()]
  return Math.max(0, Math.min(...left))
}

/**
 * Whether a list of so many is taken: where all of it fits, and in part where nobody waits at this node and what fits is no
 * mere rest, since a list is answered with the last of it. Otherwise those that do not fit would learn of it seconds later.
 *
 * @param before - how many come before them
 */
export function takesMany(options: RoomOptions, count: number, before = 0): boolean {
  const room = roomLeft(options) - before
  if (count <= room) return true
  const most = Math.min(count, options.maxWaiting, partOf(options))
  return options.submissions.count() + before === 0 && room >= most / 2
}

function partOf({ poolSize, nodes }: RoomOptions): number {
  const count = nodes()
  return count > 1 ? Math.ceil(poolSize / (2 * count)) : poolSize
}
