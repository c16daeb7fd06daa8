import { type BallotGroup, count, countTotals, type Totals } from '@icn/tally'
import { assert, type BlockContext, type LedgerEvent, type State } from '../../kernel/index.ts'
import { endFounderRules } from '../membership/index.ts'
import { countRules } from './count-rules.ts'
import { decide } from './decide.ts'
import { actionsOf, execute } from './execute.ts'
import { type Proposal, proposalEvent, putProposal } from './proposal.ts'
import { ballotBoxes, ballotGroups } from './tables.ts'

/**
 * Counts and decides. Methods that add up cost the same whatever the turnout; the others grow with the number of
 * different ballots.
 */
export function closeVoting(state: State, block: BlockContext, proposal: Proposal): LedgerEvent[] {
  const { rules, roll, id, org } = proposal
  const box = state.open(ballotBoxes).get({ proposal: id })
  assert(
    box !== undefined && rules !== null && roll !== null,
    'a proposal in voting has a ballot box, rules and a roll',
  )
  const counting = countRules(proposal, box.turnoutHeads)
  const counted =
    box.totals === null ? count(counting, groupsOf(state, id)) : countTotals(counting, box.totals as Totals)
  assert(counted.ballots === box.turnoutHeads, 'as many ballots are counted as members voted')
  const { decision, result } = decide(counted, rules, roll, box.turnoutHeads)
  const closed: Proposal = { ...proposal, status: decision, result, closedHeight: block.height }
  const event = proposalEvent(closed, 'closed', { turnout: box.turnoutHeads, heads: roll.heads })
  if (decision === 'passed') endFounderRules(state, org)
  if (decision !== 'passed' || actionsOf(closed).length === 0) {
    putProposal(state, closed)
    return [event]
  }
  const executeAtMs = block.timeMs + rules.timeLockMs
  const queued: Proposal = {
    ...closed,
    status: 'queued',
    closedHeight: null,
    executeAtMs,
    retryUntilMs: executeAtMs + rules.executionRetryMs,
  }
  return [event, ...execute(state, block, queued)]
}

function groupsOf(state: State, proposal: string): BallotGroup[] {
  return Array.from(
    state.open(ballotGroups).scan([proposal]),
    ({ ballot, count: number }) => ({ ballot, count: number }) as BallotGroup,
  )
}
