import { type Bodies, ExecutionFailure, MembershipReject, type Transaction } from '@icn/protocol'
import { accept, type BlockContext, type Outcome, reject, type State } from '../../kernel/index.ts'
import { MEMBER, STEWARD } from './charter.ts'
import type { ActionResult } from './coming-and-going.ts'
import { countMembers, stewardsOf } from './roll.ts'
import { getMember, getOrganization, hasPermission, isActive, knowsRole, type Member } from './standing.ts'
import { members } from './tables.ts'

type RoleFault = 'MEMBER_NOT_FOUND' | 'ROLE_UNKNOWN' | 'ROLE_HELD' | 'ROLE_NOT_HELD' | 'LAST_STEWARD'

/** Grants a role, by a member whose role may. */
export function grantRoleTransaction(tx: Transaction, _block: BlockContext, state: State): Outcome {
  const { org, member, role } = tx.body as Bodies['role.grant']
  const fault = faultOfRoleChange(tx.signer, org, state) ?? asReject(faultOfGrant(state, org, member, role))
  return fault === undefined ? accept(writeRoles(state, org, member, role, 'granted')) : reject(fault)
}

/** Revokes a role, by a member whose role may. */
export function revokeRoleTransaction(tx: Transaction, _block: BlockContext, state: State): Outcome {
  const { org, member, role } = tx.body as Bodies['role.revoke']
  const fault = faultOfRoleChange(tx.signer, org, state) ?? asReject(faultOfRevocation(state, org, member, role))
  return fault === undefined ? accept(writeRoles(state, org, member, role, 'revoked')) : reject(fault)
}

/** Grants a role by decision. */
export function grantRole(state: State, org: string, did: string, role: string): ActionResult {
  const fault = faultOfGrant(state, org, did, role)
  if (fault !== undefined) return { ok: false, failure: ExecutionFailure[fault] }
  return { ok: true, events: [writeRoles(state, org, did, role, 'granted')] }
}

/** Revokes a role by decision. */
export function revokeRole(state: State, org: string, did: string, role: string): ActionResult {
  const fault = faultOfRevocation(state, org, did, role)
  if (fault !== undefined) return { ok: false, failure: ExecutionFailure[fault] }
  return { ok: true, events: [writeRoles(state, org, did, role, 'revoked')] }
}

/** Whether an organization with other members would be left without a steward. */
export function isLastSteward(state: State, { org, roles }: Member): boolean {
  const { members: count, stewards } = stewardsOf(state, org)
  return roles.includes(STEWARD) && stewards === 1 && count > 1
}

function faultOfRoleChange(signer: string, org: string, state: State): MembershipReject | undefined {
  const organization = getOrganization(state, org)
  if (organization === undefined) return MembershipReject.ORG_NOT_FOUND
  const member = getMember(state, org, signer)
  if (!isActive(member)) return MembershipReject.NOT_A_MEMBER
  return hasPermission(organization, member, 'role.grant') ? undefined : MembershipReject.PERMISSION_DENIED
}

function faultOfGrant(state: State, org: string, did: string, role: string): RoleFault | undefined {
  const organization = getOrganization(state, org)
  const member = getMember(state, org, did)
  if (organization === undefined || !isActive(member)) return 'MEMBER_NOT_FOUND'
  if (!knowsRole(organization, role)) return 'ROLE_UNKNOWN'
  return member.roles.includes(role) ? 'ROLE_HELD' : undefined
}

/** The role `member` is what an active member has; it ends with the membership only. */
function faultOfRevocation(state: State, org: string, did: string, role: string): RoleFault | undefined {
  const member = getMember(state, org, did)
  if (!isActive(member)) return 'MEMBER_NOT_FOUND'
  if (role === MEMBER) return 'ROLE_UNKNOWN'
  if (!member.roles.includes(role)) return 'ROLE_NOT_HELD'
  return role === STEWARD && stewardsOf(state, org).stewards === 1 ? 'LAST_STEWARD' : undefined
}

function asReject(fault: RoleFault | undefined): MembershipReject | undefined {
  return fault === undefined ? undefined : MembershipReject[fault]
}

function writeRoles(state: State, org: string, did: string, role: string, change: 'granted' | 'revoked') {
  const member = getMember(state, org, did) as Member
  const roles = change === 'granted' ? [...member.roles, role] : member.roles.filter((held) => held !== role)
  state.open(members).put({ ...member, roles })
  if (role === STEWARD) countMembers(state, org, { stewards: change === 'granted' ? 1 : -1 })
  return { topic: `role.${change}`, org, subject: did, data: { role } }
}
