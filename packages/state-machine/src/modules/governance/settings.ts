import { type Action, GovernanceReject, type Method, type ProposalType } from '@icn/protocol'
import { NETWORK_ACTIONS } from './network-actions.ts'
import type { NewProposal, Proposal } from './proposal.ts'

const WORDS: readonly Method[] = ['yes-no', 'consent']
const BUDGETS: readonly Method[] = ['equal-shares', 'greedy']

/** What each type of proposal may do; what changes the rules takes the type with the higher threshold. */
const ACTIONS: Readonly<Record<ProposalType, readonly Action['do'][]>> = {
  constitution: ['charter', 'bylaw', 'expel', 'admit', 'grant-role', 'revoke-role', 'standard', ...NETWORK_ACTIONS],
  bylaw: ['bylaw', 'expel', 'admit', 'grant-role', 'revoke-role', 'standard', ...NETWORK_ACTIONS],
  budget: ['standard'],
  standard: ['admit', 'grant-role', 'revoke-role', 'standard'],
}

/** How a new proposal contradicts itself, in order of the codes; `undefined` where it does not. */
export function faultOfSettings(body: NewProposal): GovernanceReject | undefined {
  if (!isMethodAllowed(body)) return GovernanceReject.METHOD_NOT_ALLOWED
  if (!areOptionsSound(body)) return GovernanceReject.OPTIONS_INVALID
  if (!areSettingsSound(body)) return GovernanceReject.SETTINGS_INVALID
  const allowed = ACTIONS[body.type]
  const isAllowed = allActions(body).every((action) => allowed.includes(action.do))
  return isAllowed ? undefined : GovernanceReject.ACTION_NOT_ALLOWED
}

/** Every action that a proposal may bring, whatever option wins. */
export function allActions({ actions, options }: Pick<Proposal, 'actions' | 'options'>): readonly Action[] {
  return [...actions, ...options.flatMap((option) => option.actions)]
}

/** Rules are changed by a plain question only: a threshold says nothing about a ranking. */
function isMethodAllowed({ type, method }: NewProposal): boolean {
  if (type === 'constitution' || type === 'bylaw') return WORDS.includes(method)
  return type === 'budget' || !BUDGETS.includes(method)
}

function areOptionsSound({ method, options, seats }: NewProposal): boolean {
  if (WORDS.includes(method)) return options.length === 0
  const labels = new Set(options.map(({ label }) => label))
  const isBudget = BUDGETS.includes(method)
  if (options.some(({ costMinor }) => isBudget !== costMinor > 0)) return false
  return (
    labels.size === options.length && options.length >= (isBudget ? 1 : 2) && seats < options.length + Number(isBudget)
  )
}

function areSettingsSound({ method, seats, maxScore, budgetMinor }: NewProposal): boolean {
  if (method !== 'stv' && seats !== 1) return false
  if ((method === 'score') !== maxScore > 0) return false
  return BUDGETS.includes(method) === budgetMinor > 0
}
