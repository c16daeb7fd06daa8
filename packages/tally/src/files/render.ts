import type { BudgetReport, ElectionReport, TallyReport } from './report.ts'

/** The report as lines of text for people, ending with a line break; no colours, any width of terminal. */
export function renderReport(report: TallyReport): string {
  const lines = 'selected' in report ? budgetLines(report) : electionLines(report)
  return [...lines, `Digest   ${report.digest}`, ''].map(printable).join('\n')
}

/** Names come from a file: a control character in one must not reach the terminal. */
function printable(line: string): string {
  return line.replaceAll(/\p{Cc}/gu, '\u{fffd}')
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
    ...order.map((group, index) => `${placeOf(order, index)}  ${group.join(' = ')}`),
    '',
  ]
}

/** Two who share second place are both second, and fourth comes after them. */
function placeOf(order: ElectionReport['order'], index: number): string {
  const before = order.slice(0, index).reduce((sum, group) => sum + group.length, 0)
  return `${before + 1}.`.padStart(5)
}

function budgetLines(report: BudgetReport): string[] {
  const how = report.method === 'greedy' ? '' : `, utility ${report.utility}, completion ${report.completion}`
  return [
    `Method   ${report.method}${how}`,
    `Ballots  ${report.ballots}`,
    `Budget   ${report.budget}`,
    `Spent    ${report.spent}`,
    `Selected ${report.selected.length === 0 ? 'none' : report.selected.join(', ')}`,
    ...(report.tied ? ['Tied     a tie was broken: more votes, then lower cost, then the order of the file'] : []),
    '',
  ]
}
