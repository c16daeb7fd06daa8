/**
 * Height and position within a block as one integer: the key of transactions and events. PERF: SQLite appends rows with
 * growing integer keys to full pages, and keeps nothing but integers above them.
 */
const POSITIONS = 0x10_0000

/** @param position - below 1,048,576: a block has at most some ten thousand transactions */
export function historyId(height: number, position: number): number {
  return height * POSITIONS + position
}

/** In SQL: `id >> 20`. */
export function heightOfId(id: number): number {
  return Math.floor(id / POSITIONS)
}

export function positionOfId(id: number): number {
  return id % POSITIONS
}

/** First and last id that a block may have, for `BETWEEN ? AND ?`. */
export function idsOfBlock(height: number): [first: number, last: number] {
  return [historyId(height, 0), historyId(height, POSITIONS - 1)]
}
