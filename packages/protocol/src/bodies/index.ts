import type { Static } from 'typebox'
import * as charter from './charter.ts'
import * as governance from './governance.ts'
import * as identity from './identity.ts'
import * as membership from './membership.ts'
import * as network from './network.ts'

/** Every kind of transaction, by the value of `kind`. */
export const bodySchemas = {
  'identity.register': identity.RegisterIdentity,
  'identity.rotate': identity.RotateKeys,
  'identity.services': identity.SetServices,
  'identity.deactivate': identity.DeactivateIdentity,
  'org.found': membership.FoundOrganization,
  'member.invite': membership.InviteMember,
  'member.apply': membership.ApplyForMembership,
  'member.admit': membership.AdmitMember,
  'member.refuse': membership.RefuseApplicant,
  'member.leave': membership.LeaveOrganization,
  'member.appeal': governance.AppealExpulsion,
  'role.grant': membership.GrantRole,
  'role.revoke': membership.RevokeRole,
  'proposal.new': governance.NewProposal,
  'proposal.sponsor': governance.SponsorProposal,
  'proposal.open': governance.OpenVoting,
  'proposal.withdraw': governance.WithdrawProposal,
  'proposal.discuss': governance.DiscussProposal,
  'vote.cast': governance.CastVote,
  'node.register': network.RegisterNode,
  'node.update': network.UpdateNode,
  'node.drain': network.DrainNode,
  'node.maintenance': network.MaintainNode,
  'node.resume': network.ResumeNode,
  'node.retire': network.RetireNode,
  'node.heartbeat': network.Heartbeat,
  'validator.unjail': network.Unjail,
  'validator.appeal': network.AppealSanction,
  'network.open': network.OpenNetwork,
} as const

export type BodyKind = keyof typeof bodySchemas
export type Bodies = { [K in BodyKind]: Static<(typeof bodySchemas)[K]> }
export type Body = Bodies[BodyKind]

export type Charter = Static<typeof charter.Charter>
export type CharterChange = Static<typeof charter.CharterChange>
export type Fraction = Static<typeof charter.Fraction>
export type Permission = Static<typeof charter.Permission>
export type ProposalType = Static<typeof charter.ProposalType>
export type IdentityKey = Static<typeof identity.IdentityKey>
export type Service = Static<typeof identity.Service>
export type Action = Static<typeof governance.Action>
export type BylawEdit = Static<typeof governance.BylawEdit>
export { METHODS, PROPOSAL_STATUSES } from './governance.ts'
export type Method = Static<typeof governance.Method>
export type ProposalStatus = (typeof governance.PROPOSAL_STATUSES)[number]
export type ProposalOption = Static<typeof governance.Option>
export type Ballot = Static<typeof governance.Ballot>
export type NodeRole = Static<typeof network.NodeRole>
export type NetworkChange = Extract<Action, { do: 'network-param' }>['change']

export const charterSchema = charter.Charter
export const charterChangeSchema = charter.CharterChange
