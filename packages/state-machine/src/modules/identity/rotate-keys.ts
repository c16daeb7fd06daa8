import { type Bodies, IdentityReject, Limits, type Transaction } from '@icn/protocol'
import { type BlockContext, type Outcome, reject, type State } from '../../kernel/index.ts'
import { faultOfKeys, usedKeyIds } from './keys.ts'
import { recordVersion } from './record.ts'
import { identities } from './tables.ts'

/** Adds and revokes keys at once; revoked ones sign nothing from this block on. Cost grows with the versions so far. */
export function rotateKeys(tx: Transaction, block: BlockContext, state: State): Outcome {
  const { add, revoke } = tx.body as Bodies['identity.rotate']
  const identity = state.open(identities).get({ did: tx.signer })
  if (identity === undefined) return reject(IdentityReject.DID_NOT_FOUND)
  if (identity.status !== 'active') return reject(IdentityReject.DID_DEACTIVATED)
  const fault = faultOfKeys(add, usedKeyIds(state, tx.signer))
  if (fault !== undefined) return reject(fault)
  if (revoke.some((id) => !identity.keys.some((key) => key.id === id))) return reject(IdentityReject.KEY_NOT_FOUND)
  const keys = [...identity.keys.filter(({ id }) => !revoke.includes(id)), ...add]
  if (keys.length === 0) return reject(IdentityReject.LAST_KEY)
  if (keys.length > Limits.keysPerIdentity)
    return reject(IdentityReject.TOO_MANY_KEYS, { limit: Limits.keysPerIdentity })
  return recordVersion(state, block, { ...identity, keys, version: identity.version + 1 }, 'rotated')
}
