import type { CountRound } from '../types.ts'
import { renderRounds } from './render-rounds.ts'
import type { BudgetReport, ElectionReport, TallyReport } from './report.ts'

/** The report as lines of text for people, ending with a line break; no colours, for a terminal of any width. */
export function renderReport(report: TallyReport): string {
  const lines = 'selected' in report ? budgetLines(report) : electionLines(report)
  return [...lines, '', `Digest   ${report.digest}`, ''].map(printable).join('\n')
}

/** Names come from a file: one that controls the terminal or turns text around must not reach it. */
function printable(line: string): string {
  return line.replaceAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '\u{fffd}')
}

function electionLines(report: ElectionReport): string[] {
  const { winners, tied, seats, order } = report
  const outcome = tied ? 'Tied    ' : winners.length > 1 ? 'Winners ' : 'Winner  '
  return [
    `Method   ${report.method}${seats > 1 ? `, ${seats} seats` : ''}`,
    `Ballots  ${report.ballots}`,
    `${outcome} ${winners.length === 0 ? 'none' : winners.join(', ')}`,
    '',
    'Order',
    ...order.map(
      (group, index) => `${placeOf(order, index)} ${group.map((name) => name + votesOf(report, name)).join(' = ')}`,
    ),
    ...renderRounds(report),
  ]
}

/** Two who share first place are both first, and third comes after them. */
function placeOf(order: ElectionReport['order'], index: number): string {
  const before = order.slice(0, index).reduce((sum, group) => sum + group.length, 0)
  return `${before + 1}.`.padStart(4)
}

/** Votes or sums of scores, of methods whose counts are of candidates. */
function votesOf({ counts, candidates }: ElectionReport, name: string): string {
  const values = counts.votes ?? counts.sums
  return Array.isArray(values) ? ` ${values[candidates.indexOf(name)]}` : ''
}

function budgetLines(report: BudgetReport): string[] {
  const { method, utility, completion, selected } = report
  return [
    `Method   ${method}, utility ${utility}${method === 'greedy' ? '' : `, completion ${completion}`}`,
    `Ballots  ${report.ballots}`,
    `Budget   ${report.budget}`,
    `Spent    ${report.spent}`,
    ...(report.raises > 0 ? [`Raises   ${report.raises}`] : []),
    ...(report.tied ? ['Tied     a tie was broken: more votes, then lower cost, then the order of the file'] : []),
    '',
    selected.length === 0 ? 'Selected none' : 'Selected, in this order',
    ...report.rounds.map(projectLine),
  ]
}

function projectLine({ selected, ...rest }: CountRound): string {
  const details = Object.entries(rest).map(([key, value]) => `${key} ${value}`)
  return `  ${selected}: ${details.join(', ')}`
}
