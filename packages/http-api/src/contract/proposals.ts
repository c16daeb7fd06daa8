import { PROPOSAL_STATUSES } from '@icn/protocol'
import { Type } from 'typebox'
import { Proof, ProofQuery } from './organizations.ts'
import {
  Amount,
  Count,
  Did,
  Height,
  HeightQuery,
  Hex32,
  LedgerId,
  nullable,
  object,
  PageQuery,
  page,
  type Route,
  Time,
} from './shared.ts'

const ProposalParams = object({ id: LedgerId })
const Status = Type.Enum(PROPOSAL_STATUSES)
const Summary = {
  id: LedgerId,
  org: Did,
  author: Did,
  type: Type.String(),
  method: Type.String(),
  status: Status,
  title: Type.String(),
  created: Time,
  discussionEnd: nullable(Time),
  votingStart: nullable(Time),
  votingEnd: nullable(Time),
  turnout: Count,
  roll: nullable(Type.Integer({ description: 'Heads of the frozen roll' })),
  winners: Type.Array(Type.String(), { description: 'Labels of the winning options' }),
}
export const ProposalSummary = object(Summary, 'ProposalSummary')
const Fraction = object({ num: Count, den: Count })

export const Proposal = object(
  {
    ...Summary,
    text: Type.String(),
    options: Type.Array(object({ label: Type.String(), cost: Amount, actions: Type.Array(Type.Unknown()) })),
    actions: Type.Array(Type.Unknown()),
    seats: Count,
    maxScore: Count,
    budget: Amount,
    amends: nullable(LedgerId),
    contentHash: Hex32,
    createdHeight: Height,
    sponsors: Type.Array(Did),
    sponsorsNeeded: Count,
    rules: nullable(object({ threshold: Fraction, quorum: Fraction, weights: Type.String() })),
    frozenRoll: nullable(object({ version: Count, root: Hex32, heads: Count, height: Height })),
    /** While voting: what the ballots so far say, if they are soon counted; afterwards the result. Options by label. */
    result: nullable(
      Type.Object(
        {
          final: Type.Boolean(),
          turnout: Count,
          quorum: Count,
          winners: Type.Array(Type.String()),
          tied: Type.Boolean(),
          order: Type.Array(Type.Array(Type.String())),
          counts: Type.Unknown(),
          rounds: Type.Array(Type.Unknown()),
        },
        { title: 'ProposalResult' },
      ),
    ),
    executeAt: nullable(Time),
    failure: nullable(Type.String()),
    closedHeight: nullable(Height),
    proof: Type.Optional(Proof),
  },
  'Proposal',
)

const Comment = object(
  { id: LedgerId, author: Did, text: Type.String(), inReplyTo: nullable(LedgerId), time: Time },
  'Comment',
)
const VoteInForce = object({ voter: Did, ballot: Type.Unknown(), position: Count, height: Height }, 'Vote')

export const proposalRoutes = {
  proposals: {
    method: 'GET',
    path: '/v1/proposals',
    tag: 'decisions',
    summary: 'Proposals, latest first; by organization and status',
    query: object({
      ...PageQuery.properties,
      org: Type.Optional(Did),
      status: Type.Optional(Status),
    }),
    response: page(ProposalSummary),
  },
  proposal: {
    method: 'GET',
    path: '/v1/proposals/:id',
    tag: 'decisions',
    summary: 'One proposal with its rules, roll and result',
    params: ProposalParams,
    query: ProofQuery,
    response: Proposal,
  },
  comments: {
    method: 'GET',
    path: '/v1/proposals/:id/comments',
    tag: 'decisions',
    summary: 'The discussion, oldest first',
    params: ProposalParams,
    query: PageQuery,
    response: page(Comment),
  },
  votes: {
    method: 'GET',
    path: '/v1/proposals/:id/votes',
    tag: 'decisions',
    summary: 'Ballots in force, by voter',
    params: ProposalParams,
    query: PageQuery,
    response: page(VoteInForce),
  },
  vote: {
    method: 'GET',
    path: '/v1/proposals/:id/votes/:did',
    tag: 'decisions',
    summary: 'The ballot of one member',
    params: object({ id: LedgerId, did: Did }),
    query: ProofQuery,
    response: Type.Object({ ...VoteInForce.properties, proof: Type.Optional(Proof) }, { additionalProperties: false }),
  },
  bundle: {
    method: 'GET',
    path: '/v1/proposals/:id/bundle',
    tag: 'decisions',
    summary: 'The audit bundle of a finished decision (DAG-CBOR): all that a recount by a stranger needs',
    params: ProposalParams,
    query: HeightQuery,
    response: Type.Unsafe<Uint8Array>({ type: 'string', format: 'binary' }),
  },
} as const satisfies Record<string, Route>
