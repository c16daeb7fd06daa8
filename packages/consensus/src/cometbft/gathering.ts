import { sha256 } from '@icn/crypto'
import { idOf } from './submissions.ts'

/**
 * Transactions that pass the check after CometBFT has chosen what it hands over for a proposal. It begins the next block
 * in the moment in which those who waited for the last one are answered, so what they send next would miss it, and every
 * other block would be empty while they wait.
 */
export interface Gathering {
  /** It passed the check, and is on its way into CometBFT's pool. */
  readonly add: (bytes: Uint8Array) => void
  /** A block was committed, with so many for whom somebody waited here. */
  readonly turn: (answered: number) => void
  /** What was handed over and, behind it, what came until as many had come as were answered, or until time was up. */
  readonly join: (txs: readonly Uint8Array[], room: Room) => Promise<readonly Uint8Array[]>
}

/** What fits into the proposal. */
export interface Room {
  readonly maxTxBytes: number
  readonly maxTransactions?: number
}

/** @param waitMs - how long a proposal waits at most for those who were answered by the last block */
export function createGathering(waitMs: number): Gathering {
  /** Since the last block, in the order of CometBFT's pool. */
  let fresh: Uint8Array[] = []
  let expected = 0
  let onEnough: (() => void) | undefined

  function add(bytes: Uint8Array): void {
    fresh.push(bytes)
    if (fresh.length >= expected) onEnough?.()
  }

  async function join(txs: readonly Uint8Array[], room: Room): Promise<readonly Uint8Array[]> {
    const { maxTxBytes, maxTransactions = Number.POSITIVE_INFINITY } = room
    // Where CometBFT handed over what fits, more of its pool may stand between that and what is fresh, in another order.
    if (expected === 0 || txs.length >= maxTransactions || bytesOf(txs) > maxTxBytes / 2) return txs
    if (fresh.length < expected) await enough()
    const given = new Set(txs.map((bytes) => idOf(sha256(bytes))))
    return [...txs, ...fresh.filter((bytes) => !given.has(idOf(sha256(bytes))))]
  }

  function enough(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, waitMs)
    onEnough = resolve
    return promise.finally(() => {
      clearTimeout(timer)
      onEnough = undefined
    })
  }

  return {
    add,
    turn: (answered) => {
      fresh = []
      expected = answered
    },
    join,
  }
}

function bytesOf(txs: readonly Uint8Array[]): number {
  return txs.reduce((sum, { length }) => sum + length, 0)
}
