import type { StateModule } from '../../kernel/index.ts'
import { admitApplicant, refuseApplicant } from './answer-application.ts'
import { applyForMembership } from './apply-for-membership.ts'
import { endMembershipBlock } from './end-block.ts'
import { foundOrganization } from './found-organization.ts'
import { checkMembershipInvariants } from './invariants.ts'
import { inviteMember } from './invite-member.ts'
import { leaveOrganization } from './leave-organization.ts'
import { grantRoleTransaction, revokeRoleTransaction } from './roles.ts'
import { membershipTables } from './tables.ts'

/** Organizations, their charters, who belongs to them and in which role. */
export const membershipModule: StateModule = {
  name: 'membership',
  lane: 0,
  tables: membershipTables,
  handlers: {
    'org.found': foundOrganization,
    'member.invite': inviteMember,
    'member.apply': applyForMembership,
    'member.admit': admitApplicant,
    'member.refuse': refuseApplicant,
    'member.leave': leaveOrganization,
    'role.grant': grantRoleTransaction,
    'role.revoke': revokeRoleTransaction,
  },
  endBlock: endMembershipBlock,
  checkInvariants: checkMembershipInvariants,
}

export { isUsableInvitation } from './apply-for-membership.ts'
export { defaultCharter, faultOfCharter, mergeCharter } from './charter.ts'
export type { ActionResult } from './coming-and-going.ts'
export { admitMember, changeCharter, endFounderRules, expelMember } from './decisions.ts'
export { foundFederation } from './found-organization.ts'
export * from './queries.ts'
export { grantRole, revokeRole } from './roles.ts'
export { hasVoiceAt, type RollReference, rollOf } from './roll.ts'
export { getMember, getOrganization, hasPermission, isActive, type Member, type Organization } from './standing.ts'
export { applications, invitations, members, organizations, rolls, type VoiceSpan } from './tables.ts'
