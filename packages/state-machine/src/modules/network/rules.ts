import type { NetworkParams } from '@icn/protocol'
import type { State } from '../../kernel/index.ts'
import { networkRules } from './tables.ts'

/** What decisions may change about the network, as its row holds it. */
export type NetworkRules = NonNullable<(typeof networkRules)['types']>['row']

/** The row; `undefined` where the genesis makes no network that could change. */
export function rulesOf(state: State): NetworkRules | undefined {
  return state.open(networkRules).get({ id: 'all' })
}

/** The organization that decides about validators and the network; `undefined`: nobody does. */
export function federationOf(state: State): string | undefined {
  return rulesOf(state)?.federation ?? undefined
}

/** The parameters in force: those of the genesis, where no decision changed them. One row, read once a block. */
export function paramsInForce(state: State, genesis: NetworkParams): NetworkParams {
  const rules = rulesOf(state)
  if (rules === undefined || (rules.memberAllowance === null && rules.strangerAllowance === null)) return genesis
  return {
    ...genesis,
    memberAllowance: rules.memberAllowance ?? genesis.memberAllowance,
    strangerAllowance: rules.strangerAllowance ?? genesis.strangerAllowance,
  }
}
