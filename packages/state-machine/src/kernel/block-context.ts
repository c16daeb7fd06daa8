import { ledgerId } from '@icn/protocol'

/** Version of the rules with which every network begins. */
export const FIRST_RULES = 1

/** What a rule may know of the block it runs in. Time is block time, never the machine's. */
export interface BlockContext {
  readonly chainId: string
  readonly height: number
  /** Milliseconds since 1970-01-01T00:00:00Z; never less than the previous block's. */
  readonly timeMs: number
  /** Position of the transaction in the block; at the end of a block, the number of transactions. */
  readonly index: number
  /** SHA-256 of the signed transaction, or of the block's height at its end. */
  readonly seed: Uint8Array
  /** Version of the rules by which this block is made. */
  readonly rules: number
}

/** The id that the ledger assigns to what a transaction creates: `p12-0-k3j5x2` (kind, height, index, hash). */
export function assignId(kind: string, block: BlockContext): string {
  return ledgerId(kind, block.height, block.index, block.seed)
}
