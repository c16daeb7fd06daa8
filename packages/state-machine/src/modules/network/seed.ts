import { type Genesis, maxValidatorsOf } from '@icn/protocol'
import type { BlockContext, LedgerEvent, State } from '../../kernel/index.ts'
import { foundFederation } from '../membership/index.ts'
import { isRenewal, renewNetwork } from './renew.ts'
import { rulesOf } from './rules.ts'
import { seedRows } from './seed-rows.ts'

/** Whether the validators of a network can ever be others than those of the genesis. */
export function isChangeable({ validators: given, federation, origin }: Genesis): boolean {
  return given.length > 1 || federation !== undefined || origin !== undefined
}

/**
 * Brings what the genesis says of validators and of the federation into the state, with the first block that does not find
 * it there. A network with one validator and nobody who could decide about it needs no rows; one that is made of another
 * one's state finds those of the other.
 */
export function seedNetwork(genesis: Genesis, block: BlockContext, state: State): readonly LedgerEvent[] {
  const { origin } = genesis
  if (origin !== undefined) return isRenewal(genesis, block.height) ? renewNetwork(genesis, origin, block, state) : []
  if (!isChangeable(genesis) || rulesOf(state) !== undefined) return []
  const founded = genesis.federation === undefined ? undefined : foundFederation(state, block, genesis.federation)
  seedRows(state, genesis, founded?.org, maxValidatorsOf(genesis))
  return founded?.events ?? []
}
