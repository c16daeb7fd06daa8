import type { CountResult } from '@icn/tally'
import { assert, type BlockContext, type LedgerEvent, type State } from '../../kernel/index.ts'
import { endFounderRules } from '../membership/index.ts'
import { decide } from './decide.ts'
import { actionsOf, execute } from './execute.ts'
import { type Proposal, proposalEvent, putProposal } from './proposal.ts'

/** Decides as the count says, and carries out or queues what passed. */
export function closeVoting(
  state: State,
  block: BlockContext,
  proposal: Proposal,
  counted: CountResult,
): LedgerEvent[] {
  const { rules, roll, org } = proposal
  assert(rules !== null && roll !== null, 'a proposal in voting has rules and a roll')
  const turnoutHeads = counted.ballots
  const { decision, result } = decide(counted, rules, roll, turnoutHeads)
  const closed: Proposal = { ...proposal, status: decision, result, closedHeight: block.height }
  const event = proposalEvent(closed, 'closed', { turnout: turnoutHeads, heads: roll.heads })
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
