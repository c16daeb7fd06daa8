import { comesFirst, type SharesProblem, type SharesRun } from '../src/equal-shares/problem.ts'
import { gcd } from '../src/ratio.ts'

/** A fraction of 0 or more in lowest terms. */
interface Ratio {
  readonly n: bigint
  readonly d: bigint
}

const ZERO: Ratio = { n: 0n, d: 1n }

/**
 * One run of the method of equal shares in exact fractions: as long as some project's supporters can pay for it, the
 * one that is cheapest for a unit of utility is bought, everybody paying alike or all that they have left.
 *
 * @param money - what all voters together have, in units of the budget; each has an equal part
 * @see Peters, Pierczyński, Skowron, Proportional Participatory Budgeting with Additive Utilities (NeurIPS 2021)
 */
export function runExactly(problem: SharesProblem, money: bigint): SharesRun {
  const { costs, voters, sizes, budget } = problem
  const left = sizes.map(() => ratio(money, BigInt(voters)))
  const selected: number[] = []
  let rest = costs.map((_, project) => project)
  let spent = 0
  let tied = false
  while (spent <= budget) {
    let best: { readonly project: number; readonly price: Ratio; readonly rate: Ratio } | undefined
    let tiedNow = false
    const affordable: number[] = []
    for (const project of rest) {
      const price = priceOf(problem, project, left)
      if (price === undefined) continue
      affordable.push(project)
      const rate = divide(price, problem.worth(project))
      const order = best === undefined ? -1 : compare(rate, best.rate)
      if (order === 0) tiedNow = true
      if (order < 0) tiedNow = false
      if (order < 0 || (order === 0 && best !== undefined && comesFirst(problem, project, best.project))) {
        best = { project, price, rate }
      }
    }
    if (best === undefined) break
    const { project, price } = best
    for (const { group, points } of supportersOf(problem, project)) {
      const owed = times(price, points)
      left[group] = compare(left[group] ?? ZERO, owed) <= 0 ? ZERO : minus(left[group] ?? ZERO, owed)
    }
    tied ||= tiedNow
    spent += costs[project] ?? 0
    selected.push(project)
    // What cannot be paid for now never can: voters only get poorer.
    rest = affordable.filter((other) => other !== project)
  }
  return { selected, spent, tied }
}

function supportersOf({ supports }: SharesProblem, project: number): { group: number; points: number }[] {
  const { groups, points } = supports[project] ?? { groups: [], points: [] }
  return groups.map((group, place) => ({ group, points: points[place] ?? 0 }))
}

/** What each supporter pays for a point so that all together pay the cost; `undefined` where they cannot. */
function priceOf(problem: SharesProblem, project: number, left: readonly Ratio[]): Ratio | undefined {
  const { costs, sizes } = problem
  const supporters = supportersOf(problem, project)
  const cost = ratio(BigInt(costs[project] ?? 0), 1n)
  let rich = supporters
  let open = cost
  for (;;) {
    const points = rich.reduce((sum, support) => sum + BigInt((sizes[support.group] ?? 0) * support.points), 0n)
    if (points === 0n) return open.n === 0n && supporters.length > 0 ? ZERO : undefined
    const price = ratio(open.n, open.d * points)
    const poor = rich.filter(({ group, points: own }) => compare(left[group] ?? ZERO, times(price, own)) < 0)
    if (poor.length === 0) return price
    for (const { group } of poor) open = minus(open, times(left[group] ?? ZERO, sizes[group] ?? 0))
    rich = rich.filter((support) => !poor.includes(support))
  }
}

function ratio(n: bigint, d: bigint): Ratio {
  const divisor = gcd(n < 0n ? -n : n, d)
  return divisor === 0n ? ZERO : { n: n / divisor, d: d / divisor }
}

function times({ n, d }: Ratio, by: number): Ratio {
  return ratio(n * BigInt(by), d)
}

function divide({ n, d }: Ratio, by: number): Ratio {
  return by === 0 ? ZERO : ratio(n, d * BigInt(by))
}

function minus(a: Ratio, b: Ratio): Ratio {
  return ratio(a.n * b.d - b.n * a.d, a.d * b.d)
}

function compare(a: Ratio, b: Ratio): number {
  const difference = a.n * b.d - b.n * a.d
  return difference === 0n ? 0 : difference > 0n ? 1 : -1
}
