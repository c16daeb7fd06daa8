/**
 * Every reason for which the ledger refuses, in one place. Codes are consensus data: append only, never renumber or reuse.
 * 1000 a transaction as such, 2000 identity, 2500 membership, 3000 governance, 3500 network.
 */

/**
 * In order of precedence; only faults of the encoding (`NON_CANONICAL` to `FORBIDDEN_KEY`, and too many items) come in
 * the order of the bytes, since a reader meets them so.
 */
export const TransactionReject = {
  TOO_LARGE: 1001,
  NON_CANONICAL: 1002,
  BAD_AMOUNT: 1003,
  FORBIDDEN_KEY: 1004,
  BAD_BODY: 1005,
  UNKNOWN_KIND: 1006,
  BAD_SIGNATURE: 1007,
  DUPLICATE: 1008,
  EXPIRED: 1009,
  EXPIRY_TOO_FAR: 1010,
  BAD_SEQUENCE: 1011,
  ALLOWANCE_USED_UP: 1012,
} as const

export const IdentityReject = {
  DID_TAKEN: 2001,
  DID_MISMATCH: 2002,
  DID_NOT_FOUND: 2003,
  DID_DEACTIVATED: 2004,
  KEY_INVALID: 2005,
  KEY_ID_TAKEN: 2006,
  KEY_NOT_FOUND: 2007,
  LAST_KEY: 2008,
  TOO_MANY_KEYS: 2009,
} as const

export const MembershipReject = {
  ORG_NOT_FOUND: 2501,
  ORG_EXISTS: 2502,
  NOT_A_MEMBER: 2503,
  PERMISSION_DENIED: 2504,
  CHARTER_INVALID: 2505,
  INVITATION_NOT_FOUND: 2506,
  INVITATION_ENDED: 2507,
  INVITATION_PROOF_INVALID: 2508,
  ALREADY_A_MEMBER: 2509,
  ALREADY_APPLIED: 2510,
  APPLICATION_NOT_FOUND: 2511,
  ADMISSION_BY_PROPOSAL: 2512,
  MEMBER_NOT_FOUND: 2513,
  ROLE_UNKNOWN: 2514,
  ROLE_HELD: 2515,
  ROLE_NOT_HELD: 2516,
  LAST_STEWARD: 2517,
  MEMBER_EXPELLED: 2518,
  REJOINED_TOO_OFTEN: 2519,
  TIME_OUT_OF_RANGE: 2520,
} as const

export const GovernanceReject = {
  PROPOSAL_NOT_FOUND: 3001,
  VOTING_NOT_OPEN: 3002,
  NOT_ON_ROLL: 3003,
  BALLOT_INVALID: 3004,
  NOT_AUTHOR: 3005,
  WRONG_PHASE: 3006,
  METHOD_NOT_ALLOWED: 3007,
  OPTIONS_INVALID: 3008,
  SETTINGS_INVALID: 3009,
  ACTION_NOT_ALLOWED: 3010,
  ALREADY_SPONSORED: 3011,
  TOO_MANY_PROPOSALS: 3012,
  COMMENT_NOT_FOUND: 3013,
  APPEAL_NOT_POSSIBLE: 3014,
  DISCUSSION_TOO_SHORT: 3015,
} as const

export const NetworkReject = {
  NODE_NOT_FOUND: 3501,
  NODE_RETIRED: 3502,
  NODE_KEY_TAKEN: 3503,
  TOO_MANY_NODES: 3504,
  WRONG_NODE_STATUS: 3505,
  NODE_IS_VALIDATOR: 3506,
  NOT_NODE_KEY: 3507,
  HEIGHT_AHEAD: 3508,
  HEARTBEAT_TOO_SOON: 3509,
  VALIDATOR_NOT_FOUND: 3510,
  NOT_OPERATOR: 3511,
  NOT_JAILED: 3512,
  JAILED_STILL: 3513,
  POWER_CHANGE_TOO_LARGE: 3514,
  FEDERATION_ONLY: 3515,
  TOO_MANY_VALIDATORS: 3516,
  NOT_THE_VALIDATOR: 3517,
  NETWORK_OPEN_ALREADY: 3518,
} as const

/** Why a decision about the network could not be carried out. */
export const NetworkFailure = {
  NODE_NOT_READY: 'NODE_NOT_READY',
  VALIDATOR_HELD: 'VALIDATOR_HELD',
  VALIDATOR_NOT_FOUND: 'VALIDATOR_NOT_FOUND',
  TOO_MANY_VALIDATORS: 'TOO_MANY_VALIDATORS',
  LAST_VALIDATOR: 'LAST_VALIDATOR',
  POWER_CHANGE_TOO_LARGE: 'POWER_CHANGE_TOO_LARGE',
  PARAMETER_INVALID: 'PARAMETER_INVALID',
  UPGRADE_NOT_POSSIBLE: 'UPGRADE_NOT_POSSIBLE',
} as const

/** Why a passed proposal could not be carried out (`exec_failed`); stored in the proposal. */
export const ExecutionFailure = {
  BYLAW_CONFLICT: 'BYLAW_CONFLICT',
  CHARTER_INVALID: 'CHARTER_INVALID',
  MEMBER_NOT_FOUND: 'MEMBER_NOT_FOUND',
  APPLICATION_NOT_FOUND: 'APPLICATION_NOT_FOUND',
  ROLE_UNKNOWN: 'ROLE_UNKNOWN',
  ROLE_HELD: 'ROLE_HELD',
  ROLE_NOT_HELD: 'ROLE_NOT_HELD',
  LAST_STEWARD: 'LAST_STEWARD',
  ...NetworkFailure,
} as const

export type TransactionReject = (typeof TransactionReject)[keyof typeof TransactionReject]
export type IdentityReject = (typeof IdentityReject)[keyof typeof IdentityReject]
export type MembershipReject = (typeof MembershipReject)[keyof typeof MembershipReject]
export type GovernanceReject = (typeof GovernanceReject)[keyof typeof GovernanceReject]
export type NetworkReject = (typeof NetworkReject)[keyof typeof NetworkReject]
export type ExecutionFailure = (typeof ExecutionFailure)[keyof typeof ExecutionFailure]
export type RejectCode = TransactionReject | IdentityReject | MembershipReject | GovernanceReject | NetworkReject

/** What would have been right, beside a code: `{ expected: 12 }`, `{ at: '/body/ballot', expected: '…' }`. Not consensus data. */
export type Detail = Readonly<Record<string, string | number>>

/** Every code by its name. */
export const rejects = {
  ...TransactionReject,
  ...IdentityReject,
  ...MembershipReject,
  ...GovernanceReject,
  ...NetworkReject,
} as const
export type RejectName = keyof typeof rejects

const names = new Map<number, RejectName>(Object.entries(rejects).map(([name, code]) => [code, name as RejectName]))

/** The name of a code: `BAD_SEQUENCE`; of an unknown one, `UNKNOWN_<code>` (a newer node may know more). */
export function rejectName(code: number): RejectName | `UNKNOWN_${number}` {
  return names.get(code) ?? `UNKNOWN_${code}`
}
