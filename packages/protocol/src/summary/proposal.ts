import type { Action, Ballot, Bodies, ProposalOption } from '../bodies/index.ts'
import { describeCharter } from './charter.ts'
import { describeNetworkAction } from './network.ts'
import { duration, indent, list, plural, quote } from './words.ts'

const METHODS: Readonly<Record<Bodies['proposal.new']['method'], string>> = {
  'yes-no': 'yes, no or abstain',
  consent: 'consent',
  plurality: 'one option each',
  approval: 'approval of any options',
  score: 'scores',
  schulze: 'ranking, counted by Schulze',
  irv: 'ranking, counted by instant run-off',
  stv: 'ranking, counted by single transferable vote',
  'equal-shares': 'budget by equal shares',
  greedy: 'budget, most votes first',
}

/** A new proposal: what it is, how it is decided, and everything that it would carry out. */
export function describeProposal(body: Bodies['proposal.new']): string[] {
  const { title, text, type, org, method, options, actions, amends } = body
  return [
    `Propose ${quote(title)} as a ${type} decision of ${org}`,
    `Text: ${quote(text)}`,
    `Decided by: ${METHODS[method]}${describeSettings(body)}`,
    `Discussion: ${describePhase(body.discussionMs)}; voting: ${describePhase(body.votingMs)}`,
    ...(amends === null ? [] : [`Replaces your proposal ${amends}, which is withdrawn`]),
    ...options.flatMap(describeOption),
    ...(actions.length === 0 ? [] : ['Where it passes:', ...indent(actions.flatMap(describeAction))]),
  ]
}

function describeSettings({ seats, maxScore, budgetMinor }: Bodies['proposal.new']): string {
  const settings = [
    ...(seats > 1 ? [plural(seats, 'seat')] : []),
    ...(maxScore > 0 ? [`scores up to ${maxScore}`] : []),
    ...(budgetMinor > 0 ? [`a budget of ${budgetMinor} minor units`] : []),
  ]
  return settings.length === 0 ? '' : `, ${list(settings)}`
}

function describePhase(ms: number | null): string {
  return ms === null ? 'as the charter says' : duration(ms)
}

function describeOption({ label, actions, costMinor }: ProposalOption, index: number): string[] {
  const cost = costMinor === 0 ? '' : `, costs ${costMinor} minor units`
  return [`Option ${index + 1}: ${quote(label)}${cost}`, ...indent(actions.flatMap(describeAction))]
}

/** What a passed proposal would do. */
function describeAction(action: Action): string[] {
  switch (action.do) {
    case 'charter':
      return ['Change the charter:', ...indent(describeCharter(action.change))]
    case 'admit':
      return [`Admit ${action.member} as a member`]
    case 'expel':
      return [`Expel ${action.member}, because ${quote(action.reason)}`]
    case 'grant-role':
      return [`Give the role ${action.role} to ${action.member}`]
    case 'revoke-role':
      return [`Take the role ${action.role} from ${action.member}`]
    case 'bylaw':
      return describeBylaw(action)
    case 'standard':
      return [`Resolve: ${quote(action.text)}`]
    default:
      return describeNetworkAction(action)
  }
}

function describeBylaw(action: Extract<Action, { do: 'bylaw' }>): string[] {
  const { bylaw, title, baseVersion, edits } = action
  const first =
    baseVersion === 0
      ? `Adopt the bylaw ${bylaw}, ${quote(title)}`
      : `Amend version ${baseVersion} of the bylaw ${bylaw}, ${quote(title)}`
  return [
    first,
    ...edits.flatMap(({ line, remove, insert }) => [
      ...remove.map((text, index) => `  line ${line + index + 1}: − ${quote(text)}`),
      ...insert.map((text) => `  line ${line + 1}: + ${quote(text)}`),
    ]),
  ]
}

/**
 * A ballot without the proposal's labels, which are not in the transaction: options by number, from 1 as people count and
 * as the command line shows them.
 */
export function describeBallot(ballot: Ballot): string {
  if (typeof ballot === 'string') return quote(ballot)
  if (typeof ballot === 'number') return `option ${ballot + 1}`
  if (ballot.length === 0) return 'to abstain (an empty ballot)'
  if (ballot.every((item) => typeof item === 'number')) return `options ${list(ballot.map(numberOf))}`
  return describeGroups(ballot as readonly (readonly number[])[])
}

/** Groups of two may be pairs of option and score as well: only the proposal's method tells, so both are said. */
function describeGroups(groups: readonly (readonly number[])[]): string {
  const ranking = groups.map((group) => `[${group.map(numberOf).join(', ')}]`).join(' > ')
  if (groups.some(({ length }) => length !== 2)) return `the ranking ${ranking} (best first)`
  const scores = groups.map(([option = 0, score]) => `option ${numberOf(option)}: ${score}`).join(', ')
  return `${scores} (or, where options are ranked, ${ranking}, best first)`
}

function numberOf(option: number): string {
  return String(option + 1)
}
