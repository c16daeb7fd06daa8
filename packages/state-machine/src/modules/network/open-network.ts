import { type Bodies, type Genesis, MembershipReject, maxValidatorsOf, NetworkReject } from '@icn/protocol'
import { accept, type Handler, reject } from '../../kernel/index.ts'
import { getOrganization } from '../membership/index.ts'
import { didOfKey } from './node.ts'
import { rulesOf } from './rules.ts'
import { isChangeable } from './seed.ts'
import { seedRows } from './seed-rows.ts'

/** As many as a genesis of several validators has where it does not say. */
const MOST_VALIDATORS = 100

/**
 * The way of a network of one node to one of several: its validator says once which organization decides about further
 * ones. Who makes all blocks alone could refuse any decision of others; from here on it cannot.
 */
export function openNetwork(genesis: Genesis): Handler {
  const [first] = genesis.validators
  const isForGood = isChangeable(genesis) || genesis.params.maxValidators === 1
  return (tx, _block, state) => {
    const { federation } = tx.body as Bodies['network.open']
    if (first === undefined || tx.signer !== didOfKey(first.publicKey)) return reject(NetworkReject.NOT_THE_VALIDATOR)
    const rules = rulesOf(state)
    if (isForGood || rules !== undefined) {
      return reject(NetworkReject.NETWORK_OPEN_ALREADY, rules?.federation ? { expected: rules.federation } : {})
    }
    if (getOrganization(state, federation) === undefined) return reject(MembershipReject.ORG_NOT_FOUND)

    const maxValidators = Math.max(maxValidatorsOf(genesis), MOST_VALIDATORS)
    seedRows(state, genesis, federation, maxValidators)
    return accept({ topic: 'network.opened', org: federation, subject: federation, data: { maxValidators } })
  }
}
