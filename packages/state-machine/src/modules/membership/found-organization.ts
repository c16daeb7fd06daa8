import { type Bodies, MembershipReject, organizationDid, type Transaction } from '@icn/protocol'
import { accept, assignId, type BlockContext, type Outcome, reject, type State } from '../../kernel/index.ts'
import { defaultCharter, faultOfCharter, MEMBER, mergeCharter } from './charter.ts'
import { join } from './coming-and-going.ts'
import { createRoll } from './roll.ts'
import { getOrganization } from './standing.ts'
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
  const facts = { did, name, kind, charter, charterVersion: 1, founder: tx.signer, founderRules: true }
  const organization = { ...facts, foundedHeight: block.height, foundedTimeMs: block.timeMs }
  state.open(organizations).put(organization)
  createRoll(state, did)
  const roles = charter.roles.map((role) => role.name).filter((role) => role !== MEMBER)
  // The founder does not wait for voice: somebody must be able to decide.
  const atOnce = { ...organization, charter: { ...charter, membershipAgeMinMs: 0 } }
  const joined = join(state, block, atOnce, { did: tx.signer, name: founderName, roles })
  return accept([{ topic: 'org.founded', org: did, subject: did, data: { name, kind } }, ...joined], { org: did })
}
