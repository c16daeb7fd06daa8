import type { BlockContext, State } from '../../kernel/index.ts'
import { outages } from './tables.ts'

/** A time without blocks that is longer than this was an outage: nobody could vote. */
const OUTAGE_MS = 3_600_000
/**
 * The time of the last block is kept to the minute: were it written with every block, each would change the state, and
 * CometBFT proves every changed state with one more block at once, so an idle network would never rest.
 */
const PRECISION_MS = 60_000
const ID = { id: 'all' } as const

/**
 * All outages of the network so far, the one that this block ends included. One row read, so that a vote finds the end
 * of voting without any proposal being touched.
 */
export function outageTotalMs(state: State, block: BlockContext): number {
  const row = state.open(outages).get(ID)
  if (row === undefined) return 0
  const gapMs = block.timeMs - row.lastBlockMs
  return row.totalMs + (gapMs > OUTAGE_MS + PRECISION_MS ? gapMs : 0)
}

/** At the end of each block. */
export function recordBlock(state: State, block: BlockContext): void {
  const row = state.open(outages).get(ID)
  if (row !== undefined && block.timeMs - row.lastBlockMs < PRECISION_MS) return
  state.open(outages).put({ ...ID, lastBlockMs: block.timeMs, totalMs: outageTotalMs(state, block) })
}

/** When voting really ends: later by the outages since it began. */
export function votingEndMs(
  state: State,
  block: BlockContext,
  proposal: { readonly votingEndMs: number | null; readonly outageMs: number },
): number {
  return (proposal.votingEndMs ?? 0) + outageTotalMs(state, block) - proposal.outageMs
}
