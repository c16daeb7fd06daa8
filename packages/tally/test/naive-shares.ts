import type { BallotGroup, CountRules } from '../src/index.ts'
import { Fraction, ZERO } from './fraction.ts'

/*
 * The method of equal shares once more, from its definition (Peters, Pierczyński, Skowron 2021): every voter alone, with a
 * purse in exact fractions, and a record of who paid what.
 */

export interface NaiveRun {
  readonly selected: readonly number[]
  readonly spent: number
  /** By voter: what is left, and what was paid for each project. */
  readonly purses: readonly Fraction[]
  readonly payments: readonly ReadonlyMap<number, Fraction>[]
  /** The price of a unit of utility at which each selected project was bought. */
  readonly rates: readonly Fraction[]
}

/** By voter: points for each project that gets any. */
export function votersOf(groups: readonly BallotGroup[]): ReadonlyMap<number, number>[] {
  return groups.flatMap(({ ballot, count }) => {
    const items = ballot as readonly (number | readonly number[])[]
    const points = items.map((item): readonly [number, number] =>
      typeof item === 'number' ? [item, 1] : [item[0] ?? 0, item[1] ?? 0],
    )
    const given = new Map(points.map(([project = 0, own = 0]) => [project, own] as const).filter(([, own]) => own > 0))
    return Array.from({ length: count }, () => given)
  })
}

export function votesFor(voters: readonly ReadonlyMap<number, number>[], project: number): number {
  return voters.reduce((sum, points) => sum + (points.get(project) ?? 0), 0)
}

/** One run where every voter has `share`. */
export function naiveRun(rules: CountRules, voters: readonly ReadonlyMap<number, number>[], share: Fraction): NaiveRun {
  const purses = voters.map(() => share)
  const payments = voters.map(() => new Map<number, Fraction>())
  const selected: number[] = []
  const rates: Fraction[] = []
  const projects = rules.costs.map((_, project) => project)
  for (;;) {
    const offers = projects
      .filter((project) => !selected.includes(project))
      .flatMap((project) => {
        const rate = rateOf(rules, voters, purses, project)
        return rate === undefined ? [] : [{ project, rate }]
      })
    const [best] = offers.toSorted(
      (a, b) =>
        a.rate.compare(b.rate) ||
        votesFor(voters, b.project) - votesFor(voters, a.project) ||
        (rules.costs[a.project] ?? 0) - (rules.costs[b.project] ?? 0) ||
        a.project - b.project,
    )
    if (best === undefined) break
    for (const [voter, points] of voters.entries()) {
      const own = utility(rules, best.project, points)
      if (own === undefined) continue
      const purse = purses[voter] ?? ZERO
      const due = best.rate.times(own)
      const paid = due.compare(purse) > 0 ? purse : due
      purses[voter] = purse.minus(paid)
      payments[voter]?.set(best.project, paid)
    }
    selected.push(best.project)
    rates.push(best.rate)
  }
  const spent = selected.reduce((sum, project) => sum + (rules.costs[project] ?? 0), 0)
  return { selected, spent, purses, payments, rates }
}

function utility(rules: CountRules, project: number, points: ReadonlyMap<number, number>): Fraction | undefined {
  const own = points.get(project)
  if (own === undefined) return undefined
  return new Fraction(BigInt(own) * BigInt(rules.utility === 'cost' ? (rules.costs[project] ?? 0) : 1))
}

/** The least rate at which supporters pay the cost, each the rate times utility or all there is; poorest ones first. */
function rateOf(
  rules: CountRules,
  voters: readonly ReadonlyMap<number, number>[],
  purses: readonly Fraction[],
  project: number,
): Fraction | undefined {
  const supporters = voters
    .flatMap((points, voter) => {
      const own = utility(rules, project, points)
      return own === undefined ? [] : [{ own, purse: purses[voter] ?? ZERO }]
    })
    .toSorted((a, b) => a.purse.over(a.own).compare(b.purse.over(b.own)))
  let open = new Fraction(BigInt(rules.costs[project] ?? 0))
  let gain = supporters.reduce((sum, { own }) => sum.plus(own), ZERO)
  for (const { own, purse } of supporters) {
    const rate = open.over(gain)
    if (rate.times(own).compare(purse) <= 0) return rate
    open = open.minus(purse)
    gain = gain.minus(own)
  }
  return undefined
}

/** With raises, as the rules say: the last run before one that overspends. */
export function naiveShares(rules: CountRules, groups: readonly BallotGroup[]): { run: NaiveRun; raises: number } {
  const voters = votersOf(groups)
  const shareOf = (raises: number) =>
    new Fraction(BigInt(rules.budget) + BigInt(raises * rules.shareStep * voters.length), BigInt(voters.length))
  const wanted = rules.costs.filter((_, project) => votesFor(voters, project) > 0).length
  let raises = 0
  let run = naiveRun(rules, voters, shareOf(0))
  while (rules.completion !== 'none' && run.selected.length < wanted && raises < rules.mostRaises) {
    const next = naiveRun(rules, voters, shareOf(raises + 1))
    if (next.spent > rules.budget) break
    run = next
    raises++
  }
  return { run, raises }
}
