import { type Bodies, GovernanceReject, MembershipReject, type Transaction } from '@icn/protocol'
import { accept, assignId, type BlockContext, type Outcome, reject, type State } from '../../kernel/index.ts'
import { getMember, isActive } from '../membership/index.ts'
import { getProposal, proposalEvent } from './proposal.ts'
import { comments } from './tables.ts'

const TALKED_ABOUT = ['draft', 'discussion', 'voting']

/** Adds a comment, while a proposal is not decided. Writes one row. */
export function discussProposal(tx: Transaction, block: BlockContext, state: State): Outcome {
  const { proposal: id, text, inReplyTo } = tx.body as Bodies['proposal.discuss']
  const proposal = getProposal(state, id)
  if (proposal === undefined) return reject(GovernanceReject.PROPOSAL_NOT_FOUND)
  if (!isActive(getMember(state, proposal.org, tx.signer))) return reject(MembershipReject.NOT_A_MEMBER)
  if (!TALKED_ABOUT.includes(proposal.status)) return reject(GovernanceReject.WRONG_PHASE, { status: proposal.status })
  const rows = state.open(comments)
  if (inReplyTo !== null && rows.get({ proposal: id, id: inReplyTo }) === undefined) {
    return reject(GovernanceReject.COMMENT_NOT_FOUND)
  }
  const comment = assignId('c', block)
  rows.put({ proposal: id, id: comment, author: tx.signer, text, inReplyTo, timeMs: block.timeMs })
  return accept(proposalEvent(proposal, 'commented', { comment, author: tx.signer }), { comment })
}
