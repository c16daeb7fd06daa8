import { emptyLog } from '@icn/crypto'
import { addsUp, emptyTotals } from '@icn/tally'
import { assert, type BlockContext, cancel, type LedgerEvent, type State, schedule } from '../../kernel/index.ts'
import { getOrganization, type Organization, rollOf } from '../membership/index.ts'
import { countRules } from './count-rules.ts'
import { outageTotalMs } from './outage.ts'
import { type Proposal, proposalEvent, putProposal } from './proposal.ts'
import { ballotBoxes, type FrozenRules, governanceDeadlines } from './tables.ts'

/** A draft that finds no sponsors is over after this time. */
const DRAFT_MS = 30 * 86_400_000

/** Begins the first phase that a new proposal needs. */
export function beginPhases(state: State, block: BlockContext, proposal: Proposal): LedgerEvent[] {
  if (proposal.sponsors >= proposal.sponsorsNeeded) return beginDiscussion(state, block, proposal)
  putProposal(state, { ...proposal, status: 'draft' })
  schedule(state, governanceDeadlines, { dueMs: draftEndMs(proposal), id: proposal.id, kind: 'draft-end' })
  return []
}

/** Begins the discussion, or voting where there is none. */
export function beginDiscussion(state: State, block: BlockContext, proposal: Proposal): LedgerEvent[] {
  if (proposal.discussionMs === 0) return beginVoting(state, block, proposal)
  const discussionEndMs = block.timeMs + proposal.discussionMs
  const discussed: Proposal = { ...proposal, status: 'discussion', discussionEndMs }
  putProposal(state, discussed)
  schedule(state, governanceDeadlines, { dueMs: discussionEndMs, id: proposal.id, kind: 'discussion-end' })
  return [proposalEvent(discussed, 'discussed')]
}

/**
 * Begins voting: copies the rules, and the electorate by reference to the roll's version. The cost does not grow with
 * the members.
 */
export function beginVoting(state: State, block: BlockContext, proposal: Proposal): LedgerEvent[] {
  const organization = getOrganization(state, proposal.org)
  assert(organization !== undefined, `a proposal belongs to an organization, ${proposal.id} too`)
  const { version, root, heads } = rollOf(state, proposal.org)
  const votingEndMs = block.timeMs + proposal.votingMs
  const opened: Proposal = {
    ...proposal,
    status: 'voting',
    votingStartMs: block.timeMs,
    votingEndMs,
    outageMs: outageTotalMs(state, block),
    rules: rulesFor(organization, proposal),
    roll: { version, root, heads, height: block.height },
  }
  putProposal(state, opened)
  const totals = addsUp(countRules(opened, 0).method) ? emptyTotals(countRules(opened, 0)) : null
  state.open(ballotBoxes).put({ proposal: proposal.id, turnoutHeads: 0, log: emptyLog(), totals })
  schedule(state, governanceDeadlines, { dueMs: votingEndMs, id: proposal.id, kind: 'voting-end' })
  return [proposalEvent(opened, 'opened', { heads })]
}

/** Calls off the deadline of the phase in which a proposal is before voting. */
export function leaveEarlyPhase(state: State, proposal: Proposal): void {
  const dueMs = proposal.status === 'draft' ? draftEndMs(proposal) : proposal.discussionEndMs
  if (dueMs !== null) cancel(state, governanceDeadlines, { dueMs, id: proposal.id })
}

function rulesFor({ charter }: Organization, { type }: Proposal): FrozenRules {
  const { quorum, weights, lateQuorumExtensionMs, timeLockMs, executionRetryMs, thresholds } = charter
  const threshold = thresholds[type as keyof typeof thresholds]
  return { threshold, quorum, weights, lateQuorumExtensionMs, timeLockMs, executionRetryMs }
}

function draftEndMs({ createdTimeMs }: Proposal): number {
  return createdTimeMs + DRAFT_MS
}
