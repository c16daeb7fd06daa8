import { Type } from 'typebox'
import { Limits } from '../limits.ts'
import { CharterChange, ProposalType } from './charter.ts'
import { networkActions } from './network.ts'
import { DidText, DurationMs, Id, LongText, object, RoleName, Slug, Title } from './shared.ts'

const Line = Type.String({ maxLength: 2_000 })

/** A replacement of lines of a bylaw: at `line` (0: before the first) `remove` must stand there, and `insert` takes its place. */
export const BylawEdit = object({
  line: Type.Integer({ minimum: 0, maximum: 100_000 }),
  remove: Type.Array(Line, { maxItems: 1_000 }),
  insert: Type.Array(Line, { maxItems: 1_000 }),
})

/** What a passed proposal does; all of its actions or none. */
export const Action = Type.Union([
  object({ do: Type.Literal('charter'), change: CharterChange }),
  object({ do: Type.Literal('admit'), member: DidText }),
  object({ do: Type.Literal('expel'), member: DidText, reason: Type.String({ maxLength: Limits.commentChars }) }),
  object({ do: Type.Literal('grant-role'), member: DidText, role: RoleName }),
  object({ do: Type.Literal('revoke-role'), member: DidText, role: RoleName }),
  object({
    do: Type.Literal('bylaw'),
    bylaw: Slug,
    title: Title,
    /** 0: adopt a new bylaw. */
    baseVersion: Type.Integer({ minimum: 0, maximum: 1_000_000 }),
    edits: Type.Array(BylawEdit, { minItems: 1, maxItems: 200 }),
  }),
  object({ do: Type.Literal('standard'), text: LongText }),
  ...networkActions,
])

/** Ways to vote and to count. */
export const METHODS = [
  'yes-no',
  'consent',
  'plurality',
  'approval',
  'score',
  'schulze',
  'irv',
  'stv',
  'equal-shares',
  'greedy',
] as const

export const Method = Type.Enum(METHODS)

/** The phases of a proposal: those it passes through, in order, and those in which it may end. */
export const PROPOSAL_STATUSES = [
  'draft',
  'discussion',
  'voting',
  'counting',
  'passed',
  'rejected',
  'no_quorum',
  'tied',
  'withdrawn',
  'queued',
  'executed',
  'exec_failed',
  'vetoed',
  'expired',
] as const

const Actions = Type.Array(Action, { maxItems: Limits.actionsPerProposal })

/** An answer that voters may choose. `actions` run where it wins; `costMinor` only for budgets (else 0). */
export const Option = object({
  label: Title,
  actions: Actions,
  costMinor: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
})

export const NewProposal = object({
  kind: Type.Literal('proposal.new'),
  org: DidText,
  type: ProposalType,
  title: Title,
  text: LongText,
  method: Method,
  /** Empty for `yes-no` and `consent`. */
  options: Type.Array(Option, { maxItems: Limits.optionsPerProposal }),
  /** Run where it passes, whatever option won. */
  actions: Actions,
  /** Winners to elect (`stv`; else 1). */
  seats: Type.Integer({ minimum: 1, maximum: Limits.optionsPerProposal }),
  /** Highest score of a ballot (`score`; else 0). */
  maxScore: Type.Integer({ minimum: 0, maximum: 1_000 }),
  /** What `equal-shares` and `greedy` share out, in minor units; else 0. */
  budgetMinor: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  /** `null`: as the charter says. */
  discussionMs: Type.Union([Type.Null(), DurationMs]),
  votingMs: Type.Union([Type.Null(), Type.Integer({ minimum: Limits.votingMs.min, maximum: Limits.votingMs.max })]),
  /** The author's earlier proposal that this one replaces; that one is withdrawn. */
  amends: Type.Union([Type.Null(), Id]),
})

export const SponsorProposal = object({ kind: Type.Literal('proposal.sponsor'), proposal: Id })
/** The author ends the discussion early, where the rules allow it. */
export const OpenVoting = object({ kind: Type.Literal('proposal.open'), proposal: Id })
export const WithdrawProposal = object({ kind: Type.Literal('proposal.withdraw'), proposal: Id })
export const DiscussProposal = object({
  kind: Type.Literal('proposal.discuss'),
  proposal: Id,
  text: Type.String({ minLength: 1, maxLength: Limits.commentChars }),
  inReplyTo: Type.Union([Type.Null(), Id]),
})

const OptionIndex = Type.Integer({ minimum: 0, maximum: Limits.optionsPerProposal - 1 })
/** By method: a word; an option; options; pairs of option and score; groups of options, best first. See docs/protocol.md, "Counting". */
export const Ballot = Type.Union(
  [
    Type.Enum(['yes', 'no', 'abstain', 'consent', 'stand-aside', 'object']),
    OptionIndex,
    Type.Array(OptionIndex, { maxItems: Limits.optionsPerProposal }),
    Type.Array(
      Type.Array(Type.Integer({ minimum: 0, maximum: 1_000 }), { minItems: 1, maxItems: Limits.optionsPerProposal }),
      {
        maxItems: Limits.optionsPerProposal,
      },
    ),
  ],
  { description: 'a ballot: a word, an option, a list of options, or a list of lists' },
)

export const CastVote = object({
  kind: Type.Literal('vote.cast'),
  proposal: Id,
  ballot: Ballot,
  /** Why, in the voter's words; the reason of an objection. */
  reason: Type.String({ maxLength: Limits.commentChars }),
})

/** An expelled member asks for a decision to be readmitted; opens a proposal of its own. */
export const AppealExpulsion = object({
  kind: Type.Literal('member.appeal'),
  org: DidText,
  statement: Type.String({ minLength: 1, maxLength: Limits.commentChars }),
})
