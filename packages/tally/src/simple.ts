import { WORDS } from './ballots.ts'
import { groupsByValue } from './order.ts'
import type { CountResult, CountRules, Totals } from './types.ts'

/** Words: the counts say it all; thresholds are the business of whoever asked. */
export function countWords({ method }: CountRules, { ballots, values }: Totals): CountResult {
  const words = WORDS[method] ?? []
  const counts = Object.fromEntries(words.map((word, index) => [word, values[index] ?? 0]))
  return { method, ballots, winners: [], tied: false, order: [], counts, rounds: [] }
}

/** Plurality and approval: most votes win. */
export function countApproval(rules: CountRules, { ballots, values }: Totals): CountResult {
  return { ...mostWins(rules, ballots, values), counts: { votes: values } }
}

/** Score: the highest sum wins; who is not scored gets nothing from that ballot. */
export function countScore(rules: CountRules, { ballots, values }: Totals): CountResult {
  const sums = values.slice(0, rules.options)
  return { ...mostWins(rules, ballots, sums), counts: { sums, voters: values.slice(rules.options) } }
}

function mostWins({ method }: CountRules, ballots: number, values: readonly number[]): Omit<CountResult, 'counts'> {
  const order = groupsByValue(values)
  const [first = []] = order
  const winners = first.some((option) => (values[option] ?? 0) > 0) ? first : []
  return { method, ballots, winners, tied: winners.length > 1, order, rounds: [] }
}
