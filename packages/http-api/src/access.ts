import { findProposal, type ProposalFacts } from '@icn/state-machine/governance'
import { historyId, idsOfBlock, type SqlReader } from '@icn/state-machine/kernel'
import { findMember, findOrganization, isOnRoll, type OrganizationFacts } from '@icn/state-machine/membership'
import { nodeProblem, notFound } from './problem.ts'
import { unauthorized } from './sessions.ts'

/** Whether somebody may read what an organization decides. */
export function mayRead(sql: SqlReader, organization: OrganizationFacts, who: string | undefined): boolean {
  if (organization.charter.readAccess === 'public') return true
  return who !== undefined && findMember(sql, organization.did, who)?.status === 'active'
}

/** The same for the DID of an organization. */
export function mayReadOf(sql: SqlReader, org: string, who: string | undefined): boolean {
  const organization = findOrganization(sql, org)
  return organization !== undefined && mayRead(sql, organization, who)
}

/** Whether somebody may read a proposal: whoever may vote on it reads it until voting ends, after leaving too. */
export function mayReadProposal(
  sql: SqlReader,
  { org, status, roll }: ProposalFacts,
  who: string | undefined,
): boolean {
  if (mayReadOf(sql, org, who)) return true
  return who !== undefined && status === 'voting' && roll !== null && isOnRoll(sql, org, who, roll.version)
}

/** The proposal, for whoever may read it. @throws RequestProblem 404, 401 or 403 */
export function readableProposal(sql: SqlReader, id: string, who: string | undefined): ProposalFacts {
  const facts = findProposal(sql, id)
  if (facts === undefined) throw notFound('proposal')
  if (!mayReadProposal(sql, facts, who)) throw membersOnly(who)
  return facts
}

/**
 * Lets whoever signed a transaction read it, and those who may read every organization that it touched.
 *
 * @throws RequestProblem 401 or 403
 */
export function checkReadableTransaction(
  sql: SqlReader,
  { height, index, signer }: { readonly height: number; readonly index: number; readonly signer: string },
  who: string | undefined,
): void {
  if (who === signer) return
  const touched = 'SELECT DISTINCT org FROM event WHERE id BETWEEN ? AND ? AND tx = ? AND org IS NOT NULL'
  for (const { org } of sql.all<{ org: string }>(touched, ...idsOfBlock(height), historyId(height, index)))
    readableOrganization(sql, org, who)
}

/** The organization, for whoever may read it. @throws RequestProblem 404, 401 or 403 */
export function readableOrganization(sql: SqlReader, org: string, who: string | undefined): OrganizationFacts {
  const organization = findOrganization(sql, org)
  if (organization === undefined) throw notFound('organization')
  if (mayRead(sql, organization, who)) return organization
  throw membersOnly(who)
}

function membersOnly(who: string | undefined): Error {
  const detail = 'Only members read what this organization decides.'
  if (who === undefined) return unauthorized(detail)
  return nodeProblem(403, 'MEMBERS_ONLY', detail, 'Sign in with the DID under which you are a member of it.')
}
