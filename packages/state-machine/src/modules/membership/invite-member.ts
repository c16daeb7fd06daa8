import { type Bodies, MembershipReject, type Transaction } from '@icn/protocol'
import { accept, assignId, type BlockContext, type Outcome, reject, type State, schedule } from '../../kernel/index.ts'
import { getMember, getOrganization, hasPermission, isActive, knowsRole } from './standing.ts'
import { invitations, membershipDeadlines } from './tables.ts'

const LONGEST_MS = 366 * 86_400_000

/** Opens an invitation: whoever holds its secret may join, as often as it has uses. Writes two rows. */
export function inviteMember(tx: Transaction, block: BlockContext, state: State): Outcome {
  const { org, invitationKey: publicKey, uses, expiresTimeMs, roles } = tx.body as Bodies['member.invite']
  const organization = getOrganization(state, org)
  if (organization === undefined) return reject(MembershipReject.ORG_NOT_FOUND)
  const member = getMember(state, org, tx.signer)
  if (!isActive(member)) return reject(MembershipReject.NOT_A_MEMBER)
  for (const permission of roles.length > 0
    ? (['member.invite', 'role.grant'] as const)
    : (['member.invite'] as const)) {
    if (!hasPermission(organization, member, permission))
      return reject(MembershipReject.PERMISSION_DENIED, { permission })
  }
  if (!roles.every((role) => knowsRole(organization, role))) return reject(MembershipReject.ROLE_UNKNOWN)
  if (expiresTimeMs <= block.timeMs || expiresTimeMs > block.timeMs + LONGEST_MS) {
    return reject(MembershipReject.TIME_OUT_OF_RANGE, { expected: 'a time within a year' })
  }
  const id = assignId('i', block)
  const terms = { org, publicKey, uses, usesLeft: uses, expiresTimeMs, roles: [...new Set(roles)] }
  state.open(invitations).put({ id, ...terms, invitedBy: tx.signer })
  schedule(state, membershipDeadlines, { dueMs: expiresTimeMs, id, kind: 'invitation' })
  return accept({ topic: 'member.invited', org, subject: id, data: { uses } }, { invitation: id })
}
