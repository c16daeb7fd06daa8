import { SharesCount } from './equal-shares/equal-shares.ts'
import { countPairs, MOST_MASKED } from './pairs.ts'
import { finish, PORTION, type Steps } from './steps.ts'
import { accumulate, addsUp, countTotals, emptyTotals } from './totals.ts'
import { TransferableCount } from './transferable.ts'
import type { BallotGroup, Counting, CountResult, CountRules, Totals } from './types.ts'

/** From so many ballots on, masks are worth their tables. */
const MANY = 1_000

/** Looking at the way from one option to another through a third one. */
const PATH_UNITS = 4

/**
 * Counts ballots at once. The same ballots in any order and grouping give the same result.
 *
 * @param groups - ballots that `isBallot` accepts, with how often each was cast
 */
export function count(rules: CountRules, groups: readonly BallotGroup[]): CountResult {
  if (!addsUp(rules.method)) {
    const counting = beginCount(rules, groups.length)
    for (const group of groups) counting.add(group)
    return finish(counting.steps(PORTION))
  }
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

/**
 * A count by a method that does not add up, to be done in steps: where it may stop, and what every step costs, is the
 * same on every machine.
 *
 * @param most - groups of equal ballots that will come, at most
 */
export function beginCount(rules: CountRules, most: number): Counting {
  return rules.method === 'equal-shares' ? new SharesCount(rules) : new TransferableCount(rules, most)
}

/**
 * Counts where that takes no more than so many units of work.
 *
 * @returns `undefined` where it takes more, after having done as much
 */
export function countWithin(rules: CountRules, groups: readonly BallotGroup[], most: number): CountResult | undefined {
  if (addsUp(rules.method)) return count(rules, groups)
  const counting = beginCount(rules, groups.length)
  for (const group of groups) counting.add(group)
  const steps = counting.steps(PORTION)
  for (let units = 0; units <= most; ) {
    const step = steps.next()
    if (step.done === true) return step.value
    units += step.value
  }
  return undefined
}

/** What totals say, in one step that grows with the options alone. */
export function* countTotalsInSteps(rules: CountRules, totals: Totals): Steps<CountResult> {
  const { options, method } = rules
  yield method === 'schulze' ? PATH_UNITS * options ** 3 : options ** 2
  return countTotals(rules, totals)
}
