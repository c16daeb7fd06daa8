import type { Log } from '@icn/crypto'
import type { Charter } from '@icn/protocol'
import { bool, defineQueue, defineTable, did, json, optional, text, uint } from '../../kernel/index.ts'

export const organizations = defineTable('organization', {
  key: { did },
  columns: {
    name: text,
    /** `cooperative`, `community` or `federation`. */
    kind: text,
    charter: json<Charter>(),
    charterVersion: uint,
    founder: did,
    /** Until the first decision replaces it, the founder may do everything. */
    founderRules: bool,
    foundedHeight: uint,
    foundedTimeMs: uint,
  },
})

/**
 * The roll of an organization as an append-only log of voices gained and lost. A vote freezes it by copying version,
 * root and heads: the cost does not grow with the members.
 */
export const rolls = defineTable('roll', {
  key: { org: did },
  columns: {
    /** Entries of the log so far. */
    version: uint,
    /** Merkle log of the entries, leaf `[version, DID, 'in' | 'out']`. */
    log: json<Log>(),
    /** Members with voice. */
    heads: uint,
    /** Active members, with voice or without yet. */
    members: uint,
    /** Active members with the role `steward`. */
    stewards: uint,
  },
})

/** From version (inclusive) to version (exclusive) of the roll; `null`: still. */
export type VoiceSpan = readonly [since: number, until: number | null]

export const members = defineTable('member', {
  key: { org: did, did },
  columns: {
    name: text,
    /** `active`, `left` or `expelled`. */
    status: text,
    roles: json<readonly string[]>(),
    joinedTimeMs: uint,
    /** When the member gained or gains voice. */
    voiceTimeMs: uint,
    /** When the member was on the roll, oldest first. The whole log can be rebuilt from these. */
    voice: json<readonly VoiceSpan[]>(),
    endedTimeMs: optional(uint),
  },
  indexes: [['did']],
})

/** Open applications; one that nobody answers expires. */
export const applications = defineTable('application', {
  key: { org: did, did },
  columns: { name: text, statement: text, appliedTimeMs: uint, expiresTimeMs: uint },
})

export const invitations = defineTable('invitation', {
  key: { id: text },
  columns: {
    org: did,
    publicKey: text,
    uses: uint,
    usesLeft: uint,
    expiresTimeMs: uint,
    roles: json<readonly string[]>(),
    invitedBy: did,
  },
  indexes: [['org']],
})

/** Kinds: `voice` (id `<org> <did>`), `application` (id `<org> <did>`), `invitation` (id of it). */
export const membershipDeadlines = defineQueue('membership_deadline')

export const membershipTables = [organizations, rolls, members, applications, invitations, membershipDeadlines]
