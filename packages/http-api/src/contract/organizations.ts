import { charterSchema } from '@icn/protocol'
import { Type } from 'typebox'
import {
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

const OrgParams = object({ org: Did })
const MemberParams = object({ org: Did, did: Did })
/** `proof=1` adds an ICS 23 proof of the row under the app hash of the height named. */
export const ProofQuery = object({
  proof: Type.Optional(Type.Enum(['0', '1'])),
  ...HeightQuery.properties,
})
export const Proof = Type.Object(
  {
    table: Type.String(),
    key: Type.Array(Type.Union([Type.String(), Type.Integer()])),
    module: Type.String(),
    height: Height,
    appHash: Hex32,
    /** ICS 23 commitment proofs (protobuf, base64url): the row under its module, the module under the app hash. */
    ics23: object({ row: Type.String(), module: Type.String() }),
    steps: Type.Unknown({ description: 'The same proof as lists of hashes (docs/protocol.md)' }),
  },
  { title: 'Proof' },
)

export const Organization = object(
  {
    did: Did,
    name: Type.String(),
    kind: Type.String(),
    founder: Did,
    foundedHeight: Height,
    founded: Time,
    members: Count,
    voices: Type.Integer({ description: 'Members with voice: the electorate of a vote that starts now' }),
    rollVersion: Count,
    rollRoot: Hex32,
    charterVersion: Count,
    readAccess: Type.Enum(['public', 'members']),
    proof: Type.Optional(Proof),
  },
  'Organization',
)

export const Member = object(
  {
    did: Did,
    name: Type.String(),
    status: Type.Enum(['active', 'left', 'expelled']),
    roles: Type.Array(Type.String()),
    joined: Time,
    hasVoice: Type.Boolean(),
    voiceFrom: Time,
    ended: nullable(Time),
    proof: Type.Optional(Proof),
  },
  'Member',
)

const Application = object({ did: Did, name: Type.String(), statement: Type.String(), applied: Time, expires: Time })
const Invitation = object(
  {
    id: LedgerId,
    org: Did,
    uses: Count,
    usesLeft: Count,
    expires: Time,
    roles: Type.Array(Type.String()),
    invitedBy: Did,
  },
  'Invitation',
)
const Bylaw = object({
  bylaw: Type.String(),
  title: Type.String(),
  text: Type.String(),
  version: Count,
  proposal: LedgerId,
  time: Time,
})
const Resolution = object({ proposal: LedgerId, index: Count, text: Type.String(), time: Time })

export const organizationRoutes = {
  organizations: {
    method: 'GET',
    path: '/v1/organizations',
    tag: 'organizations',
    summary: 'Organizations by DID',
    query: PageQuery,
    response: page(Organization),
  },
  organization: {
    method: 'GET',
    path: '/v1/organizations/:org',
    tag: 'organizations',
    summary: 'One organization',
    params: OrgParams,
    query: ProofQuery,
    response: Organization,
  },
  charter: {
    method: 'GET',
    path: '/v1/organizations/:org/charter',
    tag: 'organizations',
    summary: 'The charter in force: every rule is a value in it',
    params: OrgParams,
    query: HeightQuery,
    response: object({ version: Count, charter: charterSchema }, 'CharterInForce'),
  },
  members: {
    method: 'GET',
    path: '/v1/organizations/:org/members',
    tag: 'organizations',
    summary: 'Members by DID',
    params: OrgParams,
    query: PageQuery,
    response: page(Member),
  },
  member: {
    method: 'GET',
    path: '/v1/organizations/:org/members/:did',
    tag: 'organizations',
    summary: 'One member',
    params: MemberParams,
    query: ProofQuery,
    response: Member,
  },
  applications: {
    method: 'GET',
    path: '/v1/organizations/:org/applications',
    tag: 'organizations',
    summary: 'Open applications',
    params: OrgParams,
    query: PageQuery,
    response: page(Application),
  },
  invitations: {
    method: 'GET',
    path: '/v1/organizations/:org/invitations',
    tag: 'organizations',
    summary: 'Invitations that can still be used',
    params: OrgParams,
    query: PageQuery,
    response: page(Invitation),
  },
  invitation: {
    method: 'GET',
    path: '/v1/invitations/:id',
    tag: 'organizations',
    summary: 'One invitation',
    params: object({ id: LedgerId }),
    query: HeightQuery,
    response: Invitation,
  },
  bylaws: {
    method: 'GET',
    path: '/v1/organizations/:org/bylaws',
    tag: 'organizations',
    summary: 'Bylaws in force',
    params: OrgParams,
    query: PageQuery,
    response: page(Bylaw),
  },
  resolutions: {
    method: 'GET',
    path: '/v1/organizations/:org/resolutions',
    tag: 'organizations',
    summary: 'Standard resolutions, by proposal',
    params: OrgParams,
    query: PageQuery,
    response: page(Resolution),
  },
  decisionMetrics: {
    method: 'GET',
    path: '/v1/organizations/:org/metrics',
    tag: 'organizations',
    summary: 'How decisions went: totals, active, approved, rejected, failed, average participation',
    params: OrgParams,
    query: HeightQuery,
    response: object(
      {
        total: Count,
        active: Count,
        approved: Count,
        rejected: Count,
        failed: Count,
        averageParticipation: nullable(Type.String({ description: 'Share of the roll, `0.4375`' })),
      },
      'DecisionMetrics',
    ),
  },
} as const satisfies Record<string, Route>
