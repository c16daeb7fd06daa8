import { equalBytes } from '@icn/crypto'
import type { FinalizeRequest, Proposal, Refusal } from '../port.ts'

/**
 * What the last decided block left out though it waited, where this node had prepared that block: nobody else can say of
 * another node's block why something is not in it.
 */
export interface LeftOut {
  /** This node proposes a block. */
  readonly prepared: (timeMs: number, proposal: Proposal) => void
  /** A block was decided, this node's or another one. */
  readonly decided: (request: FinalizeRequest) => void
  readonly refusals: () => readonly Refusal[]
  /** Another state was put in place. */
  readonly clear: () => void
}

interface Prepared {
  readonly timeMs: number
  readonly txs: readonly Uint8Array[]
  readonly refused: readonly Refusal[]
}

export function createLeftOut(): LeftOut {
  let prepared: Prepared | undefined
  let refusals: readonly Refusal[] = []

  return {
    prepared: (timeMs, { txs, refused }) => {
      prepared = { timeMs, txs, refused: refused.map(({ check }) => check) }
    },
    decided: (request) => {
      refusals = prepared !== undefined && isOf(prepared, request) ? prepared.refused : []
      prepared = undefined
    },
    refusals: () => refusals,
    clear: () => {
      prepared = undefined
      refusals = []
    },
  }
}

function isOf({ timeMs, txs }: Prepared, decided: FinalizeRequest): boolean {
  if (timeMs !== decided.timeMs || txs.length !== decided.txs.length) return false
  return txs.every((bytes, index) => equalBytes(bytes, decided.txs[index] ?? new Uint8Array(0)))
}
