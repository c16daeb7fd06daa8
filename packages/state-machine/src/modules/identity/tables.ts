import type { IdentityKey, Service } from '@icn/protocol'
import { defineTable, did, json, text, uint } from '../../kernel/index.ts'

/** Whoever has sent a transaction: sequence and allowance share a row, since each changed row is a path to hash. */
export const signers = defineTable('signer', {
  key: { did },
  columns: {
    /** The next transaction's sequence. */
    sequence: uint,
    /** Millionths of a transaction left at `allowanceTimeMs`. */
    allowanceMicro: uint,
    allowanceTimeMs: uint,
    /** Organizations of which the signer is an active member; 0: a stranger. */
    memberships: uint,
  },
})

/** The one allowance that all strangers share; a single row with id `all`. */
export const strangerPool = defineTable('stranger_pool', {
  key: { id: text },
  columns: { allowanceMicro: uint, allowanceTimeMs: uint },
})

/** A registered did:icn as it stands. did:key needs no row. */
export const identities = defineTable('identity', {
  key: { did },
  columns: {
    /** `active` or `deactivated`. */
    status: text,
    keys: json<readonly IdentityKey[]>(),
    services: json<readonly Service[]>(),
    version: uint,
    createdHeight: uint,
    updatedHeight: uint,
  },
})

/** Every state that a did:icn has had, for resolution by height and by version. */
export const identityVersions = defineTable('identity_version', {
  key: { did, version: uint },
  columns: {
    height: uint,
    timeMs: uint,
    status: text,
    keys: json<readonly IdentityKey[]>(),
    services: json<readonly Service[]>(),
  },
})

export const identityTables = [signers, strangerPool, identities, identityVersions]
