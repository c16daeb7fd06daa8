import type { Ballot, BallotGroup, CountRules } from '../types.ts'

/** Who supports a project: groups of equal ballots, and at the same place the points that each ballot of one gives it. */
export interface Supports {
  readonly groups: readonly number[]
  readonly points: readonly number[]
}

/** A budget to be shared out, with voters of equal ballots taken together: they pay and stay alike. */
export interface SharesProblem {
  readonly budget: number
  readonly costs: readonly number[]
  /** Voters, those without any support included: everybody has a share. */
  readonly voters: number
  /** Voters in each group. */
  readonly sizes: readonly number[]
  /** By project. */
  readonly supports: readonly Supports[]
  /** Points that a project got from all voters together. */
  readonly votes: readonly number[]
  readonly mostPoints: number
  /** What a point for a project is worth: its cost, or 1. */
  readonly worth: (project: number) => number
}

/** What a run with one share for everybody selects. */
export interface SharesRun {
  /** In the order of selection. */
  readonly selected: readonly number[]
  readonly spent: number
  /** Whether a tie was broken by votes, cost or order. */
  readonly tied: boolean
}

export function sharesProblem(rules: CountRules, groups: readonly BallotGroup[]): SharesProblem {
  const gathering = new SharesBallots(rules)
  for (const group of groups) gathering.add(group)
  return gathering.problem()
}

/** Gathers ballots as they come. PERF: lists of numbers, since an object for each project of each ballot would be millions. */
export class SharesBallots {
  readonly #rules: CountRules
  readonly #supports: { readonly groups: number[]; readonly points: number[] }[]
  readonly #sizes: number[] = []
  readonly #votes: number[]
  #voters = 0
  #mostPoints = 1

  constructor(rules: CountRules) {
    this.#rules = rules
    this.#supports = rules.costs.map(() => ({ groups: [], points: [] }))
    this.#votes = rules.costs.map(() => 0)
  }

  /** Answers how many projects the ballot names. */
  add({ ballot, count }: BallotGroup): number {
    this.#voters += count
    const group = this.#sizes.push(count) - 1
    const named = pointsOf(ballot)
    for (const [project, points] of named) {
      if (points === 0) continue
      const supports = this.#supports[project]
      supports?.groups.push(group)
      supports?.points.push(points)
      this.#votes[project] = (this.#votes[project] ?? 0) + points * count
      this.#mostPoints = Math.max(this.#mostPoints, points)
    }
    return named.length
  }

  problem(): SharesProblem {
    const { budget, costs, utility } = this.#rules
    const worth = utility === 'cost' ? (project: number) => costs[project] ?? 0 : () => 1
    const [voters, sizes, supports] = [this.#voters, this.#sizes, this.#supports]
    return { budget, costs, voters, sizes, supports, votes: this.#votes, mostPoints: this.#mostPoints, worth }
  }
}

function pointsOf(ballot: Ballot): readonly (readonly [project: number, points: number])[] {
  if (!Array.isArray(ballot)) return []
  return (ballot as readonly (number | readonly number[])[]).map((item) =>
    typeof item === 'number' ? [item, 1] : [item[0] ?? 0, item[1] ?? 0],
  )
}

/** Whether `a` comes before `b` where both are equally cheap for their voters: more votes, lower cost, order. */
export function comesFirst({ votes, costs }: SharesProblem, a: number, b: number): boolean {
  const byVotes = (votes[b] ?? 0) - (votes[a] ?? 0)
  const byCost = (costs[a] ?? 0) - (costs[b] ?? 0)
  return (byVotes || byCost || a - b) < 0
}
