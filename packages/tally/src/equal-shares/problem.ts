import type { Ballot, BallotGroup, CountRules } from '../types.ts'

/** A supporter group of a project: the ballots that are equal to each other, and the points that each gives it. */
export interface Support {
  readonly group: number
  readonly points: number
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
  readonly supports: readonly (readonly Support[])[]
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

export function sharesProblem({ budget, costs, utility }: CountRules, groups: readonly BallotGroup[]): SharesProblem {
  const supports: Support[][] = costs.map(() => [])
  const sizes: number[] = []
  const votes = costs.map(() => 0)
  let voters = 0
  let mostPoints = 1
  for (const { ballot, count } of groups) {
    voters += count
    const group = sizes.push(count) - 1
    for (const [project, points] of pointsOf(ballot)) {
      if (points === 0) continue
      supports[project]?.push({ group, points })
      votes[project] = (votes[project] ?? 0) + points * count
      mostPoints = Math.max(mostPoints, points)
    }
  }
  const worth = utility === 'cost' ? (project: number) => costs[project] ?? 0 : () => 1
  return { budget, costs, voters, sizes, supports, votes, mostPoints, worth }
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
