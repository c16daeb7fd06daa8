import type { BallotGroup } from '../src/index.ts'
import { Fraction, ZERO } from './fraction.ts'

/*
 * A second instant run-off and single transferable vote, written from the rules in docs/tally.md and from nothing else:
 * every ballot has its own value, every round looks at every ballot, every way out of a tie is followed to its end.
 */

interface Paper {
  readonly ranking: readonly (readonly number[])[]
  readonly value: Fraction
}

interface Stage {
  readonly papers: readonly Paper[]
  readonly left: readonly number[]
  /** Groups, in the order of election; and of elimination. */
  readonly elected: readonly (readonly number[])[]
  readonly eliminated: readonly (readonly number[])[]
  /** Votes in all rounds so far, latest first. */
  readonly rounds: readonly (readonly Fraction[])[]
}

export interface NaiveOutcome {
  readonly winners: readonly number[]
  readonly tied: boolean
  readonly order: readonly (readonly number[])[]
  readonly quota: bigint
}

export function naiveTransferable(groups: readonly BallotGroup[], options: number, seats: number): NaiveOutcome {
  const papers = groups
    .map(({ ballot, count }) => ({ ranking: ballot as readonly number[][], value: new Fraction(BigInt(count)) }))
    .filter(({ ranking }) => ranking.length > 0)
  const votes = papers.reduce((sum, { value }) => sum + value.n, 0n)
  const quota = votes / BigInt(seats + 1) + 1n
  const left = Array.from({ length: options }, (_, option) => option)
  if (votes === 0n) return { winners: [], tied: false, order: [left], quota }
  const ties: Stage[] = []
  const ends = follow({ papers, left, elected: [], eliminated: [], rounds: [] }, seats, quota, ties)
  const winnersOf = (end: Stage) => end.elected.flat().toSorted((a, b) => a - b)
  const possible = left.filter((option) => ends.some((end) => winnersOf(end).includes(option)))
  if (ends.every((end) => winnersOf(end).join() === possible.join()))
    return { winners: possible, tied: false, order: agreed(ends.map(orderOf)), quota }
  const [first] = ties
  if (first === undefined) throw new Error('more ways than one without a tie')
  const open = possible.filter((option) => first.left.includes(option))
  const lost = first.left.filter((option) => !open.includes(option))
  const order = [...first.elected, open, lost, ...first.eliminated.toReversed()].filter(({ length }) => length > 0)
  return { winners: possible, tied: true, order, quota }
}

function follow(stage: Stage, seats: number, quota: bigint, ties: Stage[]): Stage[] {
  const { papers, left } = stage
  const seatsLeft = seats - stage.elected.flat().length
  if (left.length <= seatsLeft)
    return [{ ...stage, elected: [...stage.elected, ...ranked(left, stage.rounds)], left: [] }]
  if (seatsLeft === 0) return [stage]
  const votes = Array.from({ length: Math.max(...left) + 1 }, () => ZERO)
  for (const { ranking, value } of papers) {
    const best = bestOf(ranking, left)
    for (const option of best)
      votes[option] = at(votes, option).plus(value.times(new Fraction(1n, BigInt(best.length))))
  }
  const rounds = [votes, ...stage.rounds]
  const full = new Fraction(quota)
  const reached = left.filter((option) => at(votes, option).compare(full) >= 0)
  if (reached.length > 0) {
    const kept = (option: number) => {
      const { n, d } = at(votes, option)
      return reached.includes(option) ? new Fraction(n - quota * d, n) : new Fraction(1n)
    }
    const passedOn = papers.map(({ ranking, value }) => {
      const best = bestOf(ranking, left)
      const shares = best.map((option) => value.times(new Fraction(1n, BigInt(best.length))).times(kept(option)))
      return { ranking, value: shares.reduce((sum, share) => sum.plus(share), ZERO) }
    })
    const elected = [...stage.elected, ...ranked(reached, rounds)]
    const rest = left.filter((option) => !reached.includes(option))
    return follow({ ...stage, papers: passedOn, left: rest, elected, rounds }, seats, quota, ties)
  }
  const without = (gone: readonly number[]) => {
    const rest = left.filter((option) => !gone.includes(option))
    return follow({ ...stage, left: rest, eliminated: [...stage.eliminated, gone], rounds }, seats, quota, ties)
  }
  const [least] = left.toSorted((a, b) => at(votes, a).compare(at(votes, b))) as [number]
  const lowest = left.filter((option) => at(votes, option).compare(at(votes, least)) === 0)
  const together = lowest.reduce((sum, option) => sum.plus(at(votes, option)), ZERO)
  const others = left.filter((option) => !lowest.includes(option))
  if (others.length >= seatsLeft && others.every((option) => at(votes, option).compare(together) > 0))
    return without(lowest)
  const last = ranked(lowest, rounds).at(-1) ?? []
  if (last.length === 1) return without(last)
  ties.push(stage)
  return last.flatMap((option) => without([option]))
}

function at(votes: readonly Fraction[], option: number): Fraction {
  return votes[option] ?? ZERO
}

function bestOf(ranking: readonly (readonly number[])[], left: readonly number[]): readonly number[] {
  const groups = ranking.map((group) => group.filter((option) => left.includes(option)))
  return groups.find(({ length }) => length > 0) ?? []
}

/** Most votes first: in the latest round, else in the one before it, and so on. */
function ranked(options: readonly number[], rounds: readonly (readonly Fraction[])[]): number[][] {
  const compare = (a: number, b: number) => {
    for (const votes of rounds) {
      const order = at(votes, b).compare(at(votes, a))
      if (order !== 0) return order
    }
    return 0
  }
  const groups: number[][] = []
  for (const option of options.toSorted(compare)) {
    const last = groups.at(-1)
    if (last?.[0] !== undefined && compare(last[0], option) === 0) last.push(option)
    else groups.push([option])
  }
  return groups
}

function orderOf({ elected, left, eliminated, rounds }: Stage): number[][] {
  return [...elected, ...ranked(left, rounds), ...eliminated.toReversed()].map((group) => [...group])
}

/** Two options are in one group unless a place between them ends a group in every order, with the same ahead of it. */
function agreed(orders: readonly number[][][]): number[][] {
  const [first = []] = orders
  const heads = (order: number[][]) =>
    order.map((_, index) =>
      order
        .slice(0, index + 1)
        .flat()
        .toSorted((a, b) => a - b)
        .join(),
    )
  const groups: number[][] = [[]]
  for (const [index, group] of first.entries()) {
    groups.at(-1)?.push(...group)
    const head = heads(first)[index] ?? ''
    if (orders.every((order) => heads(order).includes(head))) groups.push([])
  }
  return groups.slice(0, -1)
}
