import type { ConsensusStatus } from '@icn/consensus'
import { beginningOf, type Genesis } from '@icn/protocol'
import { createOverlay, type StateStore } from '@icn/state-machine/kernel'
import { votersAt } from '@icn/state-machine/network'

/**
 * Answers who votes on the next block, by the state; where that has no validators, or is still of the network that this one
 * is made of, those of the genesis do.
 * PERF: asked with every transaction, so rows are read once a block.
 */
export function currentVoters(store: StateStore, genesis: Genesis): () => ConsensusStatus['validators'] {
  let height = -1
  let voters: ConsensusStatus['validators'] = genesis.validators
  return () => {
    const head = store.head().height
    if (head === height) return voters
    height = head
    const isBegun = head > beginningOf(genesis).height
    voters = (isBegun ? votersAt(createOverlay(store), head + 1) : undefined) ?? genesis.validators
    return voters
  }
}
