import type { Consensus } from '@icn/consensus'

/** Refuses requests with many transactions by what their headers say, before they are read. */
export interface BatchRoom {
  /**
   * @param bytes - length of the body, by its headers
   * @returns what to call when it has been handed over or broke off, once or more; `undefined`: there is no room for it
   */
  enter(bytes: number): (() => void) | undefined
  /** What came in has so many transactions. */
  note(bytes: number, transactions: number): void
}

/** Of a vote, until something is known. */
const FIRST_BYTES = 256
/** How many transactions a body has is known when it is read; only what is far too much is refused before. */
const SLACK = 2

/**
 * PERF: reading and taking apart a body of 500 takes longer than refusing it, and in a flood the node has other work. What is
 * being read counts as if it waited.
 */
export function createBatchRoom({ takesMany = () => true }: Pick<Consensus, 'takesMany'>): BatchRoom {
  let transactionBytes = FIRST_BYTES
  let underway = 0

  function enter(bytes: number): (() => void) | undefined {
    const estimate = Math.ceil(bytes / transactionBytes)
    if (!takesMany(Math.floor(estimate / SLACK), underway)) return undefined
    underway += estimate
    let isOver = false
    return () => {
      if (!isOver) underway -= estimate
      isOver = true
    }
  }

  return {
    enter,
    note: (bytes, transactions) => {
      // Half of what was known stays: the next one may be of another sender.
      if (transactions > 0) transactionBytes = (transactionBytes + bytes / transactions) / 2
    },
  }
}
