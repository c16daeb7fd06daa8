import { type Bodies, GovernanceReject, type Transaction } from '@icn/protocol'
import { accept, type BlockContext, type LedgerEvent, type Outcome, reject, type State } from '../../kernel/index.ts'
import { leaveEarlyPhase } from './phases.ts'
import { getProposal, type Proposal, proposalEvent, putProposal } from './proposal.ts'

/** Takes back one's own proposal, until voting starts. */
export function withdrawProposal(tx: Transaction, block: BlockContext, state: State): Outcome {
  const proposal = getProposal(state, (tx.body as Bodies['proposal.withdraw']).proposal)
  if (proposal === undefined) return reject(GovernanceReject.PROPOSAL_NOT_FOUND)
  if (proposal.author !== tx.signer) return reject(GovernanceReject.NOT_AUTHOR)
  const { status } = proposal
  if (status !== 'draft' && status !== 'discussion') return reject(GovernanceReject.WRONG_PHASE, { status })
  return accept(withdraw(state, block, proposal))
}

export function withdraw(state: State, block: BlockContext, proposal: Proposal): LedgerEvent[] {
  leaveEarlyPhase(state, proposal)
  const withdrawn: Proposal = { ...proposal, status: 'withdrawn', closedHeight: block.height }
  putProposal(state, withdrawn)
  return [proposalEvent(withdrawn, 'withdrawn')]
}
