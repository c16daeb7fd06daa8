import { type Bodies, MembershipReject, type Transaction } from '@icn/protocol'
import { accept, type BlockContext, type Outcome, reject, type State } from '../../kernel/index.ts'
import { dropApplication, join } from './coming-and-going.ts'
import { getMember, getOrganization, hasPermission, isActive } from './standing.ts'
import { applications } from './tables.ts'

/** Accepts an applicant, by a member whose role may. */
export function admitApplicant(tx: Transaction, block: BlockContext, state: State): Outcome {
  const { org, member: did } = tx.body as Bodies['member.admit']
  const organization = getOrganization(state, org)
  const fault = faultOfAnswer(tx.signer, org, did, state)
  if (fault !== undefined || organization === undefined) return reject(fault ?? MembershipReject.ORG_NOT_FOUND)
  if (organization.charter.admission === 'proposal') return reject(MembershipReject.ADMISSION_BY_PROPOSAL)
  const { name } = state.open(applications).get({ org, did }) ?? { name: '' }
  return accept(join(state, block, organization, { did, name, roles: [] }), { member: did })
}

/** Turns an applicant down; they may apply again. */
export function refuseApplicant(tx: Transaction, _block: BlockContext, state: State): Outcome {
  const { org, member: did, reason } = tx.body as Bodies['member.refuse']
  const fault = faultOfAnswer(tx.signer, org, did, state)
  if (fault !== undefined) return reject(fault)
  dropApplication(state, org, did)
  return accept({ topic: 'member.refused', org, subject: did, data: { reason } })
}

function faultOfAnswer(signer: string, org: string, did: string, state: State): MembershipReject | undefined {
  const organization = getOrganization(state, org)
  if (organization === undefined) return MembershipReject.ORG_NOT_FOUND
  const member = getMember(state, org, signer)
  if (!isActive(member)) return MembershipReject.NOT_A_MEMBER
  if (!hasPermission(organization, member, 'member.admit')) return MembershipReject.PERMISSION_DENIED
  if (state.open(applications).get({ org, did }) === undefined) return MembershipReject.APPLICATION_NOT_FOUND
  return undefined
}
