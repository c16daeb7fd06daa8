import { isStrictPublicKey } from '@icn/crypto'
import {
  type IdentityKey,
  IdentityReject,
  Limits,
  publicKeyFromDid,
  publicKeyFromText,
  type Transaction,
} from '@icn/protocol'
import type { State } from '../../kernel/index.ts'
import { identities, identityVersions } from './tables.ts'

/**
 * The public key with which a DID signs under this key id; `undefined` where it cannot: unknown, revoked, deactivated.
 * A did:key is its own key, under its own text. One row read for a did:icn, none for a did:key.
 */
export function signingKey(state: State, did: string, keyId: string): Uint8Array | undefined {
  if (did.startsWith('did:key:')) return did.endsWith(`:${keyId}`) ? publicKeyFromDid(did) : undefined
  const identity = state.open(identities).get({ did })
  if (identity?.status !== 'active') return undefined
  return keyAmong(identity.keys, keyId)
}

/** The key that must sign a registration: one of those that it registers, since none is on the ledger yet. */
export function registrationKey(tx: Transaction): Uint8Array | undefined {
  return tx.body.kind === 'identity.register' ? keyAmong(tx.body.keys, tx.keyId) : undefined
}

function keyAmong(keys: readonly IdentityKey[], id: string): Uint8Array | undefined {
  const key = keys.find((candidate) => candidate.id === id)
  return key === undefined ? undefined : publicKeyFromText(key.publicKey)
}

/** Why a set of keys to add is refused; `undefined` where it is sound. 50 µs a key. */
export function faultOfKeys(keys: readonly IdentityKey[], taken: ReadonlySet<string>): IdentityReject | undefined {
  for (const { publicKey } of keys) {
    const bytes = publicKeyFromText(publicKey)
    if (bytes === undefined || !isStrictPublicKey(bytes)) return IdentityReject.KEY_INVALID
  }
  const ids = keys.map(({ id }) => id)
  if (new Set(ids).size < ids.length || ids.some((id) => taken.has(id))) return IdentityReject.KEY_ID_TAKEN
  return keys.length > Limits.keysPerIdentity ? IdentityReject.TOO_MANY_KEYS : undefined
}

/** Ids of every key that a DID has or had: a revoked id is never used again. Cost grows with the versions. */
export function usedKeyIds(state: State, did: string): Set<string> {
  const used = new Set<string>()
  for (const version of state.open(identityVersions).scan([did])) for (const { id } of version.keys) used.add(id)
  return used
}
