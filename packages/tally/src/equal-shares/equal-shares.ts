import { takeGreedily } from '../greedy.ts'
import { groupsByValue } from '../order.ts'
import type { BallotGroup, CountResult, CountRound, CountRules } from '../types.ts'
import { type SharesRun, sharesProblem } from './problem.ts'
import { lastWithinBudget } from './raises.ts'

/**
 * The method of equal shares. `add1` raises every voter's share by one step until the result would overspend the real
 * budget and keeps the last that does not, also past the point where it is exhaustive, at most `mostRaises` times; `add1u` then spends what is left
 * greedily. Ties go to more votes, then lower cost, then the order of the projects, and are reported.
 */
export function countEqualShares(rules: CountRules, groups: readonly BallotGroup[]): CountResult {
  const problem = sharesProblem(rules, groups)
  const { voters, votes, budget } = problem
  const { run, raises } = voters === 0 ? { run: NOTHING, raises: 0 } : lastWithinBudget(problem, rules)
  const rounds: CountRound[] = run.selected.map((project) => ({ selected: project, cost: problem.costs[project] ?? 0 }))
  const rest = rules.completion === 'add1u' ? takeGreedily(rules, votes, budget - run.spent, run.selected) : undefined
  return {
    method: rules.method,
    ballots: voters,
    winners: [...run.selected, ...(rest?.winners ?? [])],
    tied: run.tied || (rest?.tied ?? false),
    order: groupsByValue(votes),
    counts: { votes, raises },
    rounds: [...rounds, ...(rest?.rounds ?? [])],
  }
}

const NOTHING: SharesRun = { selected: [], spent: 0, tied: false }
