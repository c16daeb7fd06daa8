import { type Genesis, maxValidatorsOf, validatorAddress } from '@icn/protocol'
import type { BlockContext, LedgerEvent, State } from '../../kernel/index.ts'
import { foundFederation } from '../membership/index.ts'
import { NOTHING_MISSED } from './attendance.ts'
import { rulesOf } from './rules.ts'
import { networkRules, validators } from './tables.ts'

/** Whether the validators of a network can ever be others than those of the genesis. */
export function isChangeable({ validators: given, federation }: Genesis): boolean {
  return given.length > 1 || federation !== undefined
}

/**
 * Brings what the genesis says of validators and of the federation into the state, with the first block that does not find
 * it there. A network with one validator and nobody who could decide about it needs no rows.
 */
export function seedNetwork(genesis: Genesis, block: BlockContext, state: State): readonly LedgerEvent[] {
  if (!isChangeable(genesis) || rulesOf(state) !== undefined) return []
  const founded = genesis.federation === undefined ? undefined : foundFederation(state, block, genesis.federation)
  seedRows(state, genesis, founded?.org, maxValidatorsOf(genesis))
  return founded?.events ?? []
}

/** The rows of a network whose validators can become others: those of the genesis, and who decides about them. */
export function seedRows(state: State, genesis: Genesis, federation: string | undefined, maxValidators: number): void {
  for (const { name, publicKey, power } of genesis.validators) {
    const count = { sinceHeight: 1, ...NOTHING_MISSED, jailedUntilMs: null }
    state
      .open(validators)
      .put({ address: validatorAddress(publicKey), publicKey, name, power, status: 'active', ...count })
  }
  const allowances = { memberAllowance: null, strangerAllowance: null }
  state.open(networkRules).put({
    id: 'all',
    federation: federation ?? null,
    maxValidators,
    isFixed: maxValidators === 1,
    ...allowances,
  })
}
