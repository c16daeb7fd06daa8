import {
  type Bodies,
  type Charter,
  type GenesisFederation,
  MembershipReject,
  organizationDid,
  type Transaction,
} from '@icn/protocol'
import {
  accept,
  assert,
  assignId,
  type BlockContext,
  type LedgerEvent,
  type Outcome,
  reject,
  type State,
} from '../../kernel/index.ts'
import { defaultCharter, faultOfCharter, MEMBER, mergeCharter } from './charter.ts'
import { join } from './coming-and-going.ts'
import { createRoll } from './roll.ts'
import { getOrganization, type Organization } from './standing.ts'
import { organizations } from './tables.ts'

/** Founds an organization; its founder holds every role, and may do everything until the first decision. */
export function foundOrganization(tx: Transaction, block: BlockContext, state: State): Outcome {
  const body = tx.body as Bodies['org.found']
  const did = organizationDid(block.chainId, assignId('o', block))
  if (getOrganization(state, did) !== undefined) return reject(MembershipReject.ORG_EXISTS)
  const charter = mergeCharter(defaultCharter, body.charter)
  const reason = faultOfCharter(charter)
  if (reason !== undefined) return reject(MembershipReject.CHARTER_INVALID, { reason })

  const { name, orgKind: kind, founderName } = body
  const founded = create(state, block, { did, name, kind, charter }, { did: tx.signer, name: founderName })
  return accept(founded, { org: did })
}

/** The federation that the genesis names, with its members and the usual charter, at the end of the first block. */
export function foundFederation(
  state: State,
  block: BlockContext,
  { name, members: [founder, ...others] }: GenesisFederation,
): { readonly org: string; readonly events: readonly LedgerEvent[] } {
  assert(founder !== undefined, 'a federation has members')
  const did = organizationDid(block.chainId, assignId('o', block))
  const about = { did, name, kind: 'federation', charter: defaultCharter }
  const founded = create(state, block, about, founder)
  const organization = getOrganization(state, did) as Organization
  const joined = others.flatMap((other) => join(state, block, organization, { ...other, roles: [] }))
  return { org: did, events: [...founded, ...joined] }
}

function create(
  state: State,
  block: BlockContext,
  about: { readonly did: string; readonly name: string; readonly kind: string; readonly charter: Charter },
  founder: { readonly did: string; readonly name: string },
): LedgerEvent[] {
  const { did, name, kind, charter } = about
  const facts = { ...about, charterVersion: 1, founder: founder.did, founderRules: true }
  const organization = { ...facts, foundedHeight: block.height, foundedTimeMs: block.timeMs }
  state.open(organizations).put(organization)
  createRoll(state, did)
  const roles = charter.roles.map((role) => role.name).filter((role) => role !== MEMBER)
  // The founder does not wait for voice: somebody must be able to decide.
  const atOnce = { ...organization, charter: { ...charter, membershipAgeMinMs: 0 } }
  const joined = join(state, block, atOnce, { ...founder, roles })
  return [{ topic: 'org.founded', org: did, subject: did, data: { name, kind } }, ...joined]
}
