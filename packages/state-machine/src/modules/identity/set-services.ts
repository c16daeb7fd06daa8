import { type Bodies, IdentityReject, type Transaction } from '@icn/protocol'
import { type BlockContext, type Outcome, reject, type State } from '../../kernel/index.ts'
import { recordVersion } from './record.ts'
import { identities } from './tables.ts'

/** Replaces the service endpoints of an identity. Reads one row, writes two. */
export function setServices(tx: Transaction, block: BlockContext, state: State): Outcome {
  const { services } = tx.body as Bodies['identity.services']
  const identity = state.open(identities).get({ did: tx.signer })
  if (identity === undefined) return reject(IdentityReject.DID_NOT_FOUND)
  if (identity.status !== 'active') return reject(IdentityReject.DID_DEACTIVATED)
  return recordVersion(state, block, { ...identity, services, version: identity.version + 1 }, 'services-set')
}
