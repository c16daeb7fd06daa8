import { type Bodies, MembershipReject, type Transaction } from '@icn/protocol'
import { accept, type BlockContext, type Outcome, reject, type State } from '../../kernel/index.ts'
import { end } from './coming-and-going.ts'
import { isLastSteward } from './roles.ts'
import { getMember, getOrganization, isActive } from './standing.ts'

/** Leaves, freely; only the last steward first hands the role to somebody, while others remain. */
export function leaveOrganization(tx: Transaction, block: BlockContext, state: State): Outcome {
  const { org } = tx.body as Bodies['member.leave']
  if (getOrganization(state, org) === undefined) return reject(MembershipReject.ORG_NOT_FOUND)
  const member = getMember(state, org, tx.signer)
  if (!isActive(member)) return reject(MembershipReject.NOT_A_MEMBER)
  if (isLastSteward(state, member)) return reject(MembershipReject.LAST_STEWARD)
  return accept(end(state, block, member, 'left'))
}
