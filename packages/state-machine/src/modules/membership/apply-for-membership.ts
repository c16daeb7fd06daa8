import { type Bodies, invitationMessage, MembershipReject, type Transaction, verifyInvitation } from '@icn/protocol'
import { accept, type BlockContext, cancel, type Outcome, reject, type State, schedule } from '../../kernel/index.ts'
import { applicationId, join, MOST_VOICE_SPANS } from './coming-and-going.ts'
import { getMember, getOrganization, type Organization } from './standing.ts'
import { applications, invitations, membershipDeadlines } from './tables.ts'

type Application = Bodies['member.apply']

/**
 * Asks to become a member. With an invitation the applicant is a member at once, unless the charter admits by decision
 * only; without, somebody has to answer before the application expires. Verifies one signature.
 */
export function applyForMembership(tx: Transaction, block: BlockContext, state: State): Outcome {
  const body = tx.body as Application
  const organization = getOrganization(state, body.org)
  if (organization === undefined) return reject(MembershipReject.ORG_NOT_FOUND)
  const fault = faultOfInvitation(tx, block, state) ?? faultOfApplicant(tx, state)
  if (fault !== undefined) return reject(fault)

  const roles = body.invitation === null ? undefined : useInvitation(state, body.invitation.id)
  const { charter } = organization
  if (roles === undefined || charter.admission === 'proposal')
    return keepApplication(tx.signer, body, organization, block, state)
  const known = roles.filter((role) => charter.roles.some(({ name }) => name === role))
  return accept(join(state, block, organization, { did: tx.signer, name: body.name, roles: known }), {
    member: tx.signer,
  })
}

function faultOfInvitation(tx: Transaction, block: BlockContext, state: State): MembershipReject | undefined {
  const { org, invitation } = tx.body as Application
  if (invitation === null) return undefined
  const row = state.open(invitations).get({ id: invitation.id })
  if (row === undefined || row.org !== org) return MembershipReject.INVITATION_NOT_FOUND
  if (row.usesLeft === 0 || row.expiresTimeMs <= block.timeMs) return MembershipReject.INVITATION_ENDED
  const message = invitationMessage(block.chainId, invitation.id, tx.signer)
  return verifyInvitation(message, row.publicKey, invitation.proof)
    ? undefined
    : MembershipReject.INVITATION_PROOF_INVALID
}

function faultOfApplicant(tx: Transaction, state: State): MembershipReject | undefined {
  const { org } = tx.body as Application
  const member = getMember(state, org, tx.signer)
  if (member?.status === 'active') return MembershipReject.ALREADY_A_MEMBER
  if (state.open(applications).get({ org, did: tx.signer }) !== undefined) return MembershipReject.ALREADY_APPLIED
  if (member?.status === 'expelled') return MembershipReject.MEMBER_EXPELLED
  if ((member?.voice.length ?? 0) >= MOST_VOICE_SPANS) return MembershipReject.REJOINED_TOO_OFTEN
  return undefined
}

/** Takes one use; the last one ends the invitation. Answers its roles. */
function useInvitation(state: State, id: string): readonly string[] | undefined {
  const rows = state.open(invitations)
  const row = rows.get({ id })
  if (row === undefined) return undefined
  if (row.usesLeft > 1) rows.put({ ...row, usesLeft: row.usesLeft - 1 })
  else {
    rows.delete({ id })
    cancel(state, membershipDeadlines, { dueMs: row.expiresTimeMs, id })
  }
  return row.roles
}

function keepApplication(
  did: string,
  body: Application,
  { charter }: Organization,
  block: BlockContext,
  state: State,
): Outcome {
  const { org, name, statement } = body
  const expiresTimeMs = block.timeMs + charter.applicationMs
  state.open(applications).put({ org, did, name, statement, appliedTimeMs: block.timeMs, expiresTimeMs })
  schedule(state, membershipDeadlines, { dueMs: expiresTimeMs, id: applicationId(org, did), kind: 'application' })
  return accept({ topic: 'member.applied', org, subject: did, data: { name } }, { application: did })
}

/**
 * Whether a transaction joins by an invitation that still has uses, which then pays for it. The proof is left to the
 * handler: where it is wrong, the transaction is refused and nobody pays.
 */
export function isUsableInvitation(state: State, { body }: Transaction, timeMs: number): boolean {
  if (body.kind !== 'member.apply' || body.invitation === null) return false
  const row = state.open(invitations).get({ id: body.invitation.id })
  return row !== undefined && row.org === body.org && row.usesLeft > 0 && row.expiresTimeMs > timeMs
}
