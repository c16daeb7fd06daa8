import { type Bodies, GovernanceReject, MembershipReject, type Transaction } from '@icn/protocol'
import { accept, type BlockContext, type Outcome, reject, type State } from '../../kernel/index.ts'
import { getMember, getOrganization } from '../membership/index.ts'
import { draftOf } from './new-proposal.ts'
import { beginPhases } from './phases.ts'
import { proposalEvent, putProposal } from './proposal.ts'
import { appeals } from './tables.ts'

/** Asks for a decision on one's own expulsion: a proposal to admit, once for each expulsion, without sponsors. */
export function appealExpulsion(tx: Transaction, block: BlockContext, state: State): Outcome {
  const { org, statement } = tx.body as Bodies['member.appeal']
  const organization = getOrganization(state, org)
  if (organization === undefined) return reject(MembershipReject.ORG_NOT_FOUND)
  const member = getMember(state, org, tx.signer)
  const key = { org, did: tx.signer }
  const expelledTimeMs = member?.status === 'expelled' ? (member.endedTimeMs ?? 0) : undefined
  const { appealMs, discussionMs, votingMs } = organization.charter
  if (
    member === undefined ||
    expelledTimeMs === undefined ||
    block.timeMs >= expelledTimeMs + appealMs ||
    state.open(appeals).get(key)?.expelledTimeMs === expelledTimeMs
  ) {
    return reject(GovernanceReject.APPEAL_NOT_POSSIBLE)
  }

  const words = { org, type: 'standard', title: `Appeal of ${member.name}`, text: statement, method: 'yes-no' } as const
  const actions = [{ do: 'admit', member: tx.signer } as const]
  const settings = { options: [], actions, seats: 1, maxScore: 0, budgetMinor: 0, amends: null }
  const proposal = draftOf({ ...words, ...settings }, tx.signer, block, { sponsorsNeeded: 0, discussionMs, votingMs })
  state.open(appeals).put({ ...key, expelledTimeMs, proposal: proposal.id })
  putProposal(state, proposal)
  const created = proposalEvent(proposal, 'created', { author: tx.signer })
  return accept([created, ...beginPhases(state, block, proposal)], { proposal: proposal.id })
}
