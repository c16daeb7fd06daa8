import { takeGreedily } from '../greedy.ts'
import { groupsByValue } from '../order.ts'
import type { BallotGroup, CountResult, CountRound, CountRules } from '../types.ts'
import { benchOf, runBounded } from './bounded.ts'
import { runExactly } from './exact.ts'
import { type SharesProblem, type SharesRun, sharesProblem } from './problem.ts'

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

function lastWithinBudget(
  problem: SharesProblem,
  { completion, shareStep, mostRaises }: CountRules,
): { readonly run: SharesRun; readonly raises: number } {
  const bench = benchOf(problem)
  const run = (raises: number) => {
    // Three times a budget may be beyond what a number holds exactly.
    const money = BigInt(problem.budget) + BigInt(raises) * BigInt(shareStep) * BigInt(problem.voters)
    return runBounded(problem, bench, Number(money)) ?? runExactly(problem, money)
  }
  let last = run(0)
  let raises = 0
  const goesOn = () => last.selected.length < bench.length && raises < mostRaises && shareStep > 0
  while (completion !== 'none' && goesOn()) {
    const next = run(raises + 1)
    if (next.spent > problem.budget) break
    last = next
    raises++
  }
  return { run: last, raises }
}
