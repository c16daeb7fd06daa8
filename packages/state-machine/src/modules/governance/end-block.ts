import {
  type BlockContext,
  type Deadline,
  type LedgerEvent,
  type State,
  schedule,
  takeDue,
} from '../../kernel/index.ts'
import { closeVoting } from './close-voting.ts'
import { execute } from './execute.ts'
import { outageTotalMs, recordBlock, votingEndMs } from './outage.ts'
import { beginVoting } from './phases.ts'
import { getProposal, type Proposal, proposalEvent, putProposal } from './proposal.ts'
import { governanceDeadlines } from './tables.ts'

/** Deadlines handled in one block, since each may count a vote; what is over waits for the next. */
const MOST_ITEMS = 50

/** Ends phases whose time is over: nobody has to ask for it. */
export function endGovernanceBlock(block: BlockContext, state: State): readonly LedgerEvent[] {
  const due = takeDue(state, governanceDeadlines, block.timeMs, MOST_ITEMS)
  const events = due.flatMap((deadline) => handle(deadline, block, state))
  recordBlock(state, block)
  return events
}

function handle({ kind, id }: Deadline, block: BlockContext, state: State): LedgerEvent[] {
  const proposal = getProposal(state, id)
  if (proposal === undefined) return []
  switch (kind) {
    case 'draft-end':
      return expire(state, block, proposal)
    case 'discussion-end':
      return beginVoting(state, block, proposal)
    case 'voting-end':
      return endVoting(state, block, proposal)
    default:
      return execute(state, block, proposal)
  }
}

function expire(state: State, block: BlockContext, proposal: Proposal): LedgerEvent[] {
  const expired: Proposal = { ...proposal, status: 'expired', closedHeight: block.height }
  putProposal(state, expired)
  return [proposalEvent(expired, 'expired')]
}

/** Closes, unless an outage moved the end. */
function endVoting(state: State, block: BlockContext, proposal: Proposal): LedgerEvent[] {
  const endMs = votingEndMs(state, block, proposal)
  if (block.timeMs >= endMs) return closeVoting(state, block, proposal)
  const extended: Proposal = { ...proposal, votingEndMs: endMs, outageMs: outageTotalMs(state, block) }
  putProposal(state, extended)
  schedule(state, governanceDeadlines, { dueMs: endMs, id: proposal.id, kind: 'voting-end' })
  return [proposalEvent(extended, 'extended')]
}
