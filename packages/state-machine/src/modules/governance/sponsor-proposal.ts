import { type Bodies, GovernanceReject, MembershipReject, type Transaction } from '@icn/protocol'
import { accept, type BlockContext, type Outcome, reject, type State } from '../../kernel/index.ts'
import { getMember, isActive } from '../membership/index.ts'
import { beginDiscussion, leaveEarlyPhase } from './phases.ts'
import { getProposal, type Proposal, proposalEvent, putProposal } from './proposal.ts'
import { sponsors } from './tables.ts'

/** Stands behind somebody's draft; the last sponsor that it needs starts its discussion. */
export function sponsorProposal(tx: Transaction, block: BlockContext, state: State): Outcome {
  const proposal = getProposal(state, (tx.body as Bodies['proposal.sponsor']).proposal)
  if (proposal === undefined) return reject(GovernanceReject.PROPOSAL_NOT_FOUND)
  if (!isActive(getMember(state, proposal.org, tx.signer))) return reject(MembershipReject.NOT_A_MEMBER)
  if (proposal.status !== 'draft') return reject(GovernanceReject.WRONG_PHASE, { status: proposal.status })
  const key = { proposal: proposal.id, did: tx.signer }
  if (proposal.author === tx.signer || state.open(sponsors).get(key) !== undefined) {
    return reject(GovernanceReject.ALREADY_SPONSORED)
  }
  state.open(sponsors).put({ ...key, timeMs: block.timeMs })
  const sponsored: Proposal = { ...proposal, sponsors: proposal.sponsors + 1 }
  putProposal(state, sponsored)
  const event = proposalEvent(sponsored, 'sponsored', { sponsor: tx.signer })
  if (sponsored.sponsors < sponsored.sponsorsNeeded) return accept(event)
  leaveEarlyPhase(state, sponsored)
  return accept([event, ...beginDiscussion(state, block, sponsored)])
}
