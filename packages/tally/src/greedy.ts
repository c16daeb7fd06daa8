import { groupsByValue } from './order.ts'
import type { CountResult, CountRound, CountRules, Totals } from './types.ts'

/**
 * Projects by votes (utility `cost`) or by votes for each unit of cost (`cardinality`), each taken where what is left of
 * the budget allows it. Ties go to more votes, then lower cost, then the order of the projects, and are reported.
 */
export function countGreedy(rules: CountRules, { ballots, values }: Totals): CountResult {
  const { winners, tied, rounds } = takeGreedily(rules, values, rules.budget, [])
  return {
    method: rules.method,
    ballots,
    winners,
    tied,
    order: groupsByValue(values),
    counts: { votes: values },
    rounds,
  }
}

/** @param taken - projects that are selected already; what they cost is no longer in `budget` */
export function takeGreedily(
  { costs, utility }: CountRules,
  votes: readonly number[],
  budget: number,
  taken: readonly number[],
): { readonly winners: number[]; readonly tied: boolean; readonly rounds: CountRound[] } {
  const costOf = (project: number) => costs[project] ?? 0
  const votesOf = (project: number) => votes[project] ?? 0
  const byUtility = (a: number, b: number) =>
    utility === 'cost' ? votesOf(b) - votesOf(a) : compareShares(votesOf(b), costOf(b), votesOf(a), costOf(a))
  const rest = costs.map((_, project) => project).filter((project) => !taken.includes(project) && votesOf(project) > 0)
  const inOrder = rest.toSorted((a, b) => byUtility(a, b) || votesOf(b) - votesOf(a) || costOf(a) - costOf(b) || a - b)
  const winners: number[] = []
  const rounds: CountRound[] = []
  let left = budget
  let tied = false
  for (const [place, project] of inOrder.entries()) {
    if (costOf(project) > left) continue
    const equals = inOrder.slice(place + 1).filter((other) => byUtility(project, other) === 0)
    // The tie mattered where an equal would have fitted in its place and no longer does.
    if (equals.some((other) => costOf(other) <= left && costOf(other) > left - costOf(project))) tied = true
    left -= costOf(project)
    winners.push(project)
    rounds.push({ selected: project, votes: votesOf(project), cost: costOf(project), left })
  }
  return { winners, tied, rounds }
}

/** Sign of a/b − c/d, exactly. */
function compareShares(a: number, b: number, c: number, d: number): number {
  const difference = BigInt(a) * BigInt(d) - BigInt(c) * BigInt(b)
  return difference === 0n ? 0 : difference > 0n ? 1 : -1
}
