import { NetworkReject } from '@icn/protocol'
import { type Refused, reject, type State } from '../../kernel/index.ts'
import { countSeats, federationOf, rulesOf } from '../network/index.ts'
import { NETWORK_ACTIONS } from './network-actions.ts'
import type { NewProposal } from './proposal.ts'
import { allActions } from './settings.ts'

/** Why a proposal may not bring what it brings to the network; `undefined` where it may, or brings nothing. */
export function faultOfNetworkActions(body: NewProposal, state: State): Refused | undefined {
  const actions = allActions(body).filter((action) => NETWORK_ACTIONS.includes(action.do))
  if (actions.length === 0) return undefined
  const federation = federationOf(state)
  if (federation !== body.org) {
    return reject(NetworkReject.FEDERATION_ONLY, federation === undefined ? {} : { expected: federation })
  }
  const limit = rulesOf(state)?.maxValidators ?? 1
  const makesRoom = actions.some((action) => action.do === 'network-param' || action.do === 'remove-validator')
  const admits = actions.some((action) => action.do === 'admit-validator')
  return admits && !makesRoom && countSeats(state) >= limit
    ? reject(NetworkReject.TOO_MANY_VALIDATORS, { limit })
    : undefined
}
