import {
  type BlockContext,
  type Deadline,
  type LedgerEvent,
  type State,
  schedule,
  takeDue,
} from '../../kernel/index.ts'
import { closeVoting } from './close-voting.ts'
import { CountBudget } from './count-budget.ts'
import { CountRuns } from './count-runs.ts'
import { execute } from './execute.ts'
import { outageTotalMs, recordBlock, votingEndMs } from './outage.ts'
import { beginVoting } from './phases.ts'
import { getProposal, type Proposal, proposalEvent, putProposal } from './proposal.ts'
import { ballotBoxes, countDeadlines, governanceDeadlines } from './tables.ts'

/** Deadlines handled in one block, and counts gone on with; what is over waits for the next. */
const MOST_ITEMS = 50

/** How often the counts of a block may stop. */
const PORTIONS = 400

/** The end of a block, as far as its counts are concerned. */
interface Counts {
  readonly runs: CountRuns
  readonly budget: CountBudget
}

/**
 * Ends phases whose time is over: nobody has to ask for it.
 *
 * @param countUnits - what all counts together may do in a block
 */
export function endGovernanceBlock(countUnits: number): (block: BlockContext, state: State) => readonly LedgerEvent[] {
  const runs = new CountRuns(Math.ceil(countUnits / PORTIONS))
  return (block, state) => {
    const counting = takeDue(state, countDeadlines, block.timeMs, MOST_ITEMS)
    const due = takeDue(state, governanceDeadlines, block.timeMs, MOST_ITEMS)
    const ending = due.filter(({ kind }) => kind === 'voting-end').length
    const counts: Counts = { runs, budget: new CountBudget(countUnits, counting.length + ending) }
    const events = [
      ...counting.flatMap(({ id, units }) => goOnCounting(id, units, block, state, counts)),
      ...due.flatMap((deadline) => handle(deadline, block, state, counts)),
    ]
    recordBlock(state, block)
    return events
  }
}

function handle({ kind, id }: Deadline, block: BlockContext, state: State, counts: Counts): LedgerEvent[] {
  const proposal = getProposal(state, id)
  if (proposal === undefined) return []
  switch (kind) {
    case 'draft-end':
      return expire(state, block, proposal)
    case 'discussion-end':
      return beginVoting(state, block, proposal)
    case 'voting-end':
      return endVoting(state, block, proposal, counts)
    default:
      return execute(state, block, proposal)
  }
}

function expire(state: State, block: BlockContext, proposal: Proposal): LedgerEvent[] {
  const expired: Proposal = { ...proposal, status: 'expired', closedHeight: block.height }
  putProposal(state, expired)
  return [proposalEvent(expired, 'expired')]
}

/** Counts, unless an outage moved the end. */
function endVoting(state: State, block: BlockContext, proposal: Proposal, counts: Counts): LedgerEvent[] {
  const endMs = votingEndMs(state, block, proposal)
  if (block.timeMs >= endMs) return countVotes(state, block, proposal, 0, counts)
  const extended: Proposal = { ...proposal, votingEndMs: endMs, outageMs: outageTotalMs(state, block) }
  putProposal(state, extended)
  schedule(state, governanceDeadlines, { dueMs: endMs, id: proposal.id, kind: 'voting-end' })
  return [proposalEvent(extended, 'extended')]
}

function goOnCounting(id: string, done: number, block: BlockContext, state: State, counts: Counts): LedgerEvent[] {
  const proposal = getProposal(state, id)
  return proposal === undefined ? [] : countVotes(state, block, proposal, done, counts)
}

/** Counts as far as the budget of the block goes; what is left is due in the next one. @param done - units before this block */
function countVotes(
  state: State,
  block: BlockContext,
  proposal: Proposal,
  done: number,
  { runs, budget }: Counts,
): LedgerEvent[] {
  const { id, roll } = proposal
  const { units, result } = runs.goOn(state, proposal, done, budget.share())
  budget.spend(units - done)
  if (result !== undefined) return closeVoting(state, block, proposal, result)
  state.open(countDeadlines).put({ dueMs: block.timeMs, id, units })
  if (proposal.status === 'counting') return []
  const counting: Proposal = { ...proposal, status: 'counting' }
  putProposal(state, counting)
  const turnout = state.open(ballotBoxes).get({ proposal: id })?.turnoutHeads ?? 0
  return [proposalEvent(counting, 'counting', { turnout, heads: roll?.heads ?? 0 })]
}
