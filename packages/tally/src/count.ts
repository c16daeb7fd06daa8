import { countEqualShares } from './equal-shares/equal-shares.ts'
import { countPairs, MOST_MASKED } from './pairs.ts'
import { accumulate, addsUp, countTotals, emptyTotals } from './totals.ts'
import { countTransferable } from './transferable.ts'
import type { BallotGroup, CountResult, CountRules } from './types.ts'

/** From so many ballots on, masks are worth their tables. */
const MANY = 1_000

/**
 * Counts ballots. The same ballots in any order and grouping give the same result.
 *
 * @param groups - ballots that `isBallot` accepts, with how often each was cast
 */
export function count(rules: CountRules, groups: readonly BallotGroup[]): CountResult {
  if (rules.method === 'equal-shares') return countEqualShares(rules, groups)
  if (!addsUp(rules.method)) return countTransferable(rules, groups)
  if (rules.method === 'schulze' && groups.length >= MANY && rules.options <= MOST_MASKED)
    return countTotals(rules, countPairs(rules.options, groups))
  // PERF: one list for all ballots; a copy for each would cost 400 values a ballot.
  const values = Float64Array.from(emptyTotals(rules).values)
  let ballots = 0
  for (const { ballot, count: number } of groups) {
    accumulate(rules, values, ballot, number)
    ballots += number
  }
  return countTotals(rules, { ballots, values: Array.from(values) })
}
