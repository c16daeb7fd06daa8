import type { Action } from '@icn/protocol'
import { type BlockContext, type LedgerEvent, type State, schedule } from '../../kernel/index.ts'
import {
  type ActionResult,
  admitMember,
  changeCharter,
  expelMember,
  grantRole,
  revokeRole,
} from '../membership/index.ts'
import { admitValidator, cancelUpgrade, changeNetwork, planUpgrade, removeValidator } from '../network/index.ts'
import { adoptBylaw } from './bylaw.ts'
import { type Proposal, proposalEvent, putProposal } from './proposal.ts'
import { governanceDeadlines, resolutions } from './tables.ts'

/** A failed execution is tried again this often, until the proposal expires. */
const RETRY_MS = 3_600_000

/** The actions that a passed proposal brings: its own, and those of the options that won. */
export function actionsOf({
  actions,
  options,
  result,
}: Pick<Proposal, 'actions' | 'options' | 'result'>): readonly Action[] {
  return [...actions, ...(result?.winners ?? []).flatMap((winner) => options[winner]?.actions ?? [])]
}

/** Carries a passed proposal out where its time has come, all of its actions or none; else waits for it. */
export function execute(state: State, block: BlockContext, proposal: Proposal): LedgerEvent[] {
  const executeAtMs = proposal.executeAtMs ?? block.timeMs
  if (block.timeMs < executeAtMs) return wait(state, proposal, executeAtMs, [proposalEvent(proposal, 'queued')])
  const events: LedgerEvent[] = []
  let failure: Proposal['failure'] = null
  const isDone = state.attempt(() => {
    for (const [index, action] of actionsOf(proposal).entries()) {
      const result = perform(state, block, proposal, action, index)
      if (!result.ok) failure = result.failure
      if (!result.ok) return false
      events.push(...result.events)
    }
    return true
  })
  if (isDone) return finish(state, block, { ...proposal, status: 'executed', failure: null }, 'executed', events)
  const failed: Proposal = { ...proposal, status: 'exec_failed', failure }
  const retryUntilMs = proposal.retryUntilMs ?? block.timeMs
  if (block.timeMs >= retryUntilMs) return finish(state, block, { ...failed, status: 'expired' }, 'expired', [])
  const why = proposalEvent(failed, 'failed', { failure: String(failure) })
  return wait(state, failed, Math.min(block.timeMs + RETRY_MS, retryUntilMs), proposal.failure === failure ? [] : [why])
}

function wait(state: State, proposal: Proposal, dueMs: number, events: LedgerEvent[]): LedgerEvent[] {
  putProposal(state, proposal)
  schedule(state, governanceDeadlines, { dueMs, id: proposal.id, kind: 'execute' })
  return events
}

function finish(
  state: State,
  block: BlockContext,
  proposal: Proposal,
  what: string,
  events: LedgerEvent[],
): LedgerEvent[] {
  const finished = { ...proposal, closedHeight: block.height }
  putProposal(state, finished)
  return [...events, proposalEvent(finished, what)]
}

function perform(state: State, block: BlockContext, proposal: Proposal, action: Action, index: number): ActionResult {
  const { org, id } = proposal
  switch (action.do) {
    case 'charter':
      return changeCharter(state, org, action.change)
    case 'admit':
      return admitMember(state, block, org, action.member)
    case 'expel':
      return expelMember(state, block, org, action.member)
    case 'grant-role':
      return grantRole(state, org, action.member, action.role)
    case 'revoke-role':
      return revokeRole(state, org, action.member, action.role)
    case 'bylaw':
      return adoptBylaw(state, block, proposal, action)
    case 'standard':
      state.open(resolutions).put({ org, proposal: id, index, text: action.text, timeMs: block.timeMs })
      return { ok: true, events: [{ topic: 'resolution.recorded', org, subject: id, data: { index } }] }
    case 'admit-validator':
      return admitValidator(state, block, action)
    case 'remove-validator':
      return removeValidator(state, block, action)
    case 'network-param':
      return changeNetwork(state, org, action.change)
    case 'upgrade':
      return planUpgrade(state, block, org, id, action)
    case 'cancel-upgrade':
      return cancelUpgrade(state, block, org, id)
  }
}
