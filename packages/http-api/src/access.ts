import { historyId, idsOfBlock, type SqlReader } from '@icn/state-machine/kernel'
import { findMember, findOrganization, type OrganizationFacts } from '@icn/state-machine/membership'
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
  if (who === undefined) throw unauthorized('Only members read what this organization decides.')
  throw nodeProblem(
    403,
    'MEMBERS_ONLY',
    'Only members read what this organization decides.',
    'Sign in with the DID under which you are a member of it.',
  )
}
