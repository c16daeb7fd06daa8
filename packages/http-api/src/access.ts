import type { SqlReader } from '@icn/state-machine/kernel'
import { findMember, findOrganization, type OrganizationFacts } from '@icn/state-machine/membership'
import { nodeProblem, notFound } from './problem.ts'
import { unauthorized } from './sessions.ts'

/** Whether somebody may read what an organization decides. */
export function mayRead(sql: SqlReader, organization: OrganizationFacts, who: string | undefined): boolean {
  if (organization.charter.readAccess === 'public') return true
  return who !== undefined && findMember(sql, organization.did, who)?.status === 'active'
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
