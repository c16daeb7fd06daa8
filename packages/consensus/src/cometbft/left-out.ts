import { equalBytes } from '@icn/crypto'
import type { FinalizeRequest, Proposal, Refusal } from '../port.ts'
import { idOf } from './submissions.ts'

/**
 * What the last decided block left out though it waited, where this node had prepared that block: nobody else can say of
 * another node's block why something is not in it.
 */
export interface LeftOut {
  /** This node proposes a block. */
  readonly prepared: (timeMs: number, proposal: Proposal) => void
  /** A block was decided, this node's or another one. */
  readonly decided: (request: FinalizeRequest) => void
  /** By the ids of transactions. */
  readonly refusals: () => ReadonlyMap<string, Refusal>
  /** Another state was put in place. */
  readonly clear: () => void
}

interface Prepared {
  readonly timeMs: number
  readonly txs: readonly Uint8Array[]
  readonly refused: ReadonlyMap<string, Refusal>
}

const NONE: ReadonlyMap<string, Refusal> = new Map()

export function createLeftOut(): LeftOut {
  let prepared: Prepared | undefined
  let refusals = NONE

  return {
    prepared: (timeMs, { txs, refused }) => {
      prepared = { timeMs, txs, refused: new Map(refused.map(({ check }) => [idOf(check.hash), check])) }
    },
    decided: (request) => {
      refusals = prepared !== undefined && isOf(prepared, request) ? prepared.refused : NONE
      prepared = undefined
    },
    refusals: () => refusals,
    clear: () => {
      prepared = undefined
      refusals = NONE
    },
  }
}

function isOf({ timeMs, txs }: Prepared, decided: FinalizeRequest): boolean {
  if (timeMs !== decided.timeMs || txs.length !== decided.txs.length) return false
  return txs.every((bytes, index) => equalBytes(bytes, decided.txs[index] ?? new Uint8Array(0)))
}
