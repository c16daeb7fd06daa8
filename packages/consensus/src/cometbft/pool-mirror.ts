import { idOf } from './submissions.ts'

/**
 * What CometBFT holds waiting, as far as its questions show: it has every transaction checked when it comes, and again
 * after each commit. What it did not ask about between two commits it has dropped.
 */
export interface PoolMirror {
  readonly has: (hash: Uint8Array) => boolean
  readonly add: (hash: Uint8Array) => void
  readonly remove: (hash: Uint8Array) => void
  /** A block was committed: from now on the pool is checked again. */
  readonly turn: () => void
  /** CometBFT started with an empty pool. */
  readonly clear: () => void
  readonly count: () => number
}

export function createPoolMirror(): PoolMirror {
  let current = new Set<string>()
  let before = new Set<string>()

  return {
    has: (hash) => current.has(idOf(hash)) || before.has(idOf(hash)),
    add: (hash) => {
      const id = idOf(hash)
      before.delete(id)
      current.add(id)
    },
    remove: (hash) => {
      const id = idOf(hash)
      current.delete(id)
      before.delete(id)
    },
    turn: () => {
      before = current
      current = new Set()
    },
    clear: () => {
      current = new Set()
      before = new Set()
    },
    count: () => current.size + before.size,
  }
}
