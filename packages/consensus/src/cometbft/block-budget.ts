/**
 * How many transactions a block of this node may hold, so that it does not take long: every node executes it while all
 * others wait. Learned from what large blocks took here, since that depends on the machine and on what else it does.
 */
export interface BlockBudget {
  readonly most: () => number
  /** A proposal of this height came, or is asked for; the first one counts. */
  readonly begin: (height: number, nowMs: number) => void
  /** The block of this height is on the disk. */
  readonly end: (height: number, transactions: number, nowMs: number) => void
}

/** From the proposal to the disk. Checks of what waits take about as long again. */
const BUDGET_MS = 1_000
/** Before anything is known. */
const FIRST = 1_500
/** Whatever it takes; below, the fixed cost of a block is more than that of what is in it. */
const LEAST = 250
const MOST = 5_000
/** Smaller blocks say little about what one transaction takes. */
const LARGE = 200

export function createBlockBudget(): BlockBudget {
  let transactionMs = BUDGET_MS / FIRST
  let started = { height: 0, atMs: 0 }

  return {
    most: () => Math.min(MOST, Math.max(LEAST, Math.floor(BUDGET_MS / transactionMs))),
    begin: (height, atMs) => {
      if (height !== started.height) started = { height, atMs }
    },
    end: (height, transactions, nowMs) => {
      if (height !== started.height || transactions < LARGE) return
      // Half of what was known stays: one block may have met something that happens once.
      transactionMs = (transactionMs + Math.max(0, nowMs - started.atMs) / transactions) / 2
    },
  }
}
