import { type CharterChange, ExecutionFailure } from '@icn/protocol'
import { assert, type BlockContext, type State } from '../../kernel/index.ts'
import { faultOfCharter, mergeCharter } from './charter.ts'
import { type ActionResult, end, join } from './coming-and-going.ts'
import { isLastSteward } from './roles.ts'
import { getMember, getOrganization, isActive, type Organization } from './standing.ts'
import { applications, organizations } from './tables.ts'

/** Admits an applicant by decision, or takes back somebody who left or was expelled. An active member stays as they are. */
export function admitMember(state: State, block: BlockContext, org: string, did: string): ActionResult {
  const before = getMember(state, org, did)
  if (isActive(before)) return { ok: true, events: [] }
  const name = state.open(applications).get({ org, did })?.name ?? before?.name
  if (name === undefined) return { ok: false, failure: ExecutionFailure.APPLICATION_NOT_FOUND }
  return { ok: true, events: join(state, block, organizationOf(state, org), { did, name, roles: [] }) }
}

/** Expels a member by decision. */
export function expelMember(state: State, block: BlockContext, org: string, did: string): ActionResult {
  const member = getMember(state, org, did)
  if (!isActive(member)) return { ok: false, failure: ExecutionFailure.MEMBER_NOT_FOUND }
  if (isLastSteward(state, member)) return { ok: false, failure: ExecutionFailure.LAST_STEWARD }
  return { ok: true, events: end(state, block, member, 'expelled') }
}

/** Changes rules of the charter by decision; running votes keep the rules that they froze. */
export function changeCharter(state: State, org: string, change: CharterChange): ActionResult {
  const organization = organizationOf(state, org)
  const charter = mergeCharter(organization.charter, change)
  if (faultOfCharter(charter) !== undefined) return { ok: false, failure: ExecutionFailure.CHARTER_INVALID }
  const charterVersion = organization.charterVersion + 1
  state.open(organizations).put({ ...organization, charter, charterVersion })
  return { ok: true, events: [{ topic: 'org.charter-changed', org, subject: org, data: { version: charterVersion } }] }
}

/** The founder's rule ends with the first decision that passes; what roles the founder holds then stay until revoked. */
export function endFounderRules(state: State, org: string): void {
  const organization = organizationOf(state, org)
  if (organization.founderRules) state.open(organizations).put({ ...organization, founderRules: false })
}

function organizationOf(state: State, org: string): Organization {
  const organization = getOrganization(state, org)
  assert(organization !== undefined, `a decision belongs to an organization, ${org} too`)
  return organization
}
