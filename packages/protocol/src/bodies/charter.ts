import { Type } from 'typebox'
import { Limits } from '../limits.ts'
import { DurationMs, object, RoleName } from './shared.ts'

/** A share in exact integers: 2/3 is `{ num: 2, den: 3 }`. */
export const Fraction = object({
  num: Type.Integer({ minimum: 0, maximum: 10_000 }),
  den: Type.Integer({ minimum: 1, maximum: 10_000 }),
})

export const Permission = Type.Enum([
  'member.invite',
  'member.admit',
  'role.grant',
  'proposal.create',
  'proposal.veto',
  'org.edit',
  'ledger.manage',
  'dispute.mediate',
  'node.operate',
])

export const ProposalType = Type.Union([
  Type.Literal('constitution'),
  Type.Literal('bylaw'),
  Type.Literal('budget'),
  Type.Literal('standard'),
])

/** Every rule of an organization is a value in its charter. */
export const Charter = object({
  /** Share of yes among yes and no, by type of proposal. */
  thresholds: object({ constitution: Fraction, bylaw: Fraction, budget: Fraction, standard: Fraction }),
  /** Share of heads of the roll that must take part. */
  quorum: Fraction,
  discussionMs: DurationMs,
  votingMs: Type.Integer({ minimum: Limits.votingMs.min, maximum: Limits.votingMs.max }),
  /** A member has voice after this time. */
  membershipAgeMinMs: DurationMs,
  /** Sponsors that a proposal needs beside its author; never more than there are other members. */
  sponsors: Type.Integer({ minimum: 0, maximum: 100 }),
  /** Proposals that one member may have open at once. */
  openProposalsPerMember: Type.Integer({ minimum: 1, maximum: 1_000 }),
  /** Who accepts members: whoever holds the permission `member.admit`, or only a proposal. */
  admission: Type.Union([Type.Literal('role'), Type.Literal('proposal')]),
  /** An open application expires after this time. */
  applicationMs: DurationMs,
  /** Least discussion of an expulsion, so that the member can answer. */
  expulsionNoticeMs: DurationMs,
  /** How long an expelled member may appeal. */
  appealMs: DurationMs,
  weights: Type.Union([Type.Literal('equal'), Type.Literal('reputation')]),
  /** Where the quorum is reached within this last part of voting, the end moves once by as much; 0: never. */
  lateQuorumExtensionMs: DurationMs,
  /** Time between passing and execution. */
  timeLockMs: DurationMs,
  /** How long a failed execution is tried again. */
  executionRetryMs: DurationMs,
  /** Who may read what this organization decides. */
  readAccess: Type.Union([Type.Literal('public'), Type.Literal('members')]),
  /** Roles and what each may do. `member` is held by everybody. */
  roles: Type.Array(object({ name: RoleName, permissions: Type.Array(Permission, { maxItems: 16 }) }), {
    minItems: 1,
    maxItems: 32,
  }),
})

/** Any part of a charter; what is not named stays. */
export const CharterChange = Type.Partial(Charter, { additionalProperties: false })
