import { IdentityReject, type Transaction } from '@icn/protocol'
import { type BlockContext, type Outcome, reject, type State } from '../../kernel/index.ts'
import { recordVersion } from './record.ts'
import { identities } from './tables.ts'

/** Ends an identity for good: from this block on it signs nothing. Its memberships stay as they are. */
export function deactivateIdentity(tx: Transaction, block: BlockContext, state: State): Outcome {
  const identity = state.open(identities).get({ did: tx.signer })
  if (identity === undefined) return reject(IdentityReject.DID_NOT_FOUND)
  if (identity.status !== 'active') return reject(IdentityReject.DID_DEACTIVATED)
  const ended = { ...identity, status: 'deactivated', keys: [], services: [], version: identity.version + 1 }
  return recordVersion(state, block, ended, 'deactivated')
}
