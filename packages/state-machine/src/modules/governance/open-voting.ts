import { type Bodies, GovernanceReject, type Transaction } from '@icn/protocol'
import { accept, type BlockContext, type Outcome, reject, type State } from '../../kernel/index.ts'
import { getOrganization } from '../membership/index.ts'
import { leastDiscussionMs } from './new-proposal.ts'
import { beginVoting, leaveEarlyPhase } from './phases.ts'
import { getProposal } from './proposal.ts'

/** The author ends the discussion before its time, not before the least time that the charter names. */
export function openVoting(tx: Transaction, block: BlockContext, state: State): Outcome {
  const proposal = getProposal(state, (tx.body as Bodies['proposal.open']).proposal)
  const organization = proposal === undefined ? undefined : getOrganization(state, proposal.org)
  if (proposal === undefined || organization === undefined) return reject(GovernanceReject.PROPOSAL_NOT_FOUND)
  if (proposal.author !== tx.signer) return reject(GovernanceReject.NOT_AUTHOR)
  if (proposal.status !== 'discussion') return reject(GovernanceReject.WRONG_PHASE, { status: proposal.status })
  const begunMs = (proposal.discussionEndMs ?? 0) - proposal.discussionMs
  const expected = leastDiscussionMs(organization, proposal)
  if (block.timeMs < begunMs + expected) return reject(GovernanceReject.DISCUSSION_TOO_SHORT, { expected })
  leaveEarlyPhase(state, proposal)
  return accept(beginVoting(state, block, proposal))
}
