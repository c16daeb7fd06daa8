import type { Meter, Steps } from '../steps.ts'
import type { SharesProblem, Supports } from './problem.ts'

/** Integers below this are exact in a number, sums of some of them too. */
const EXACT = 2 ** 51

/** Putting a supporter into a rank. */
const RANK_UNITS = 8

/** Supporters of a project who are as many to a group and give the same points each, until before `end`. */
interface Rank {
  readonly end: number
  readonly size: number
  readonly points: number
}

/** A project that somebody votes for. */
export interface Entrant {
  readonly project: number
  /** PERF: by rank, so that the loops over supporters read nothing but their groups and what these have left. */
  readonly groups: Int32Array
  readonly ranks: readonly Rank[]
  readonly cost: number
  /** By what a price is divided to get a rate; never 0, so that what costs nothing has the rate 0. */
  readonly worth: number
  /** Points of all voters together. */
  readonly total: number
}

export function* entrantsOf(problem: SharesProblem, meter: Meter): Steps<Entrant[]> {
  const entrants: Entrant[] = []
  for (const [project, supports] of problem.supports.entries()) {
    if (supports.groups.length === 0) continue
    const worth = Math.max(1, problem.worth(project))
    const total = problem.votes[project] ?? 0
    entrants.push({ project, ...ranked(problem, supports), cost: problem.costs[project] ?? 0, worth, total })
    meter.spend(RANK_UNITS * supports.groups.length)
    if (meter.isDue) yield meter.take()
  }
  return entrants
}

function ranked({ sizes }: SharesProblem, supports: Supports): Pick<Entrant, 'groups' | 'ranks'> {
  const members = new Map<number, Map<number, number[]>>()
  for (const [place, group] of supports.groups.entries()) {
    const points = supports.points[place] as number
    const size = sizes[group] ?? 0
    const ofSize = members.get(size) ?? new Map<number, number[]>()
    members.set(size, ofSize)
    const found = ofSize.get(points)
    if (found === undefined) ofSize.set(points, [group])
    else found.push(group)
  }
  const groups = new Int32Array(supports.groups.length)
  const ranks: Rank[] = []
  let end = 0
  for (const [size, ofSize] of members) {
    for (const [points, equal] of ofSize) {
      groups.set(equal, end)
      end += equal.length
      ranks.push({ end, size, points })
    }
  }
  return { groups, ranks }
}

/** What each group of voters has left in a run, in whole parts: all of them too low, or all of them too high, by rounding. */
export type Purses = Float64Array

/** The parts of a unit in which money is counted, a power of two: as small as keeps sums of this much money exact. */
export function partsFor({ mostPoints }: SharesProblem, money: bigint): number {
  const most = Math.max(1, Number(money)) * mostPoints * 2
  let parts = 1
  while (parts * most >= EXACT) parts /= 2
  while (parts * 2 * most < EXACT) parts *= 2
  return parts
}

/** A fraction of a unit in whole parts, rounded down. */
export function inParts(n: bigint, d: bigint, parts: number): number {
  return Number(parts >= 1 ? (n * BigInt(parts)) / d : n / (d * BigInt(1 / parts)))
}

/**
 * Parts that a supporter pays for a point at least, where these purses hold at most what there is; `undefined` where they
 * cannot pay.
 *
 * @param known - a lower bound already
 * @param enough - how much more than this it is does not matter
 */
export function lowestPrice(
  entrant: Entrant,
  purses: Purses,
  parts: number,
  known: number,
  meter: Meter,
  enough = Number.POSITIVE_INFINITY,
): number | undefined {
  return settle(entrant, purses, Math.floor(entrant.cost * parts), known, Math.floor, enough, meter)
}

/** The same from above, where purses hold at least what there is; infinite where they perhaps cannot pay. */
export function highestPrice(entrant: Entrant, purses: Purses, parts: number, known: number, meter: Meter): number {
  const infinite = Number.POSITIVE_INFINITY
  return settle(entrant, purses, Math.ceil(entrant.cost * parts), known, Math.ceil, infinite, meter) ?? infinite
}

/**
 * The price at which everybody pays for their points, or all that they have. It is found from a lower bound upwards, by
 * tangents: all who can pay at one bound pay the rest of the cost at the next. The last step alone may pass it, if it
 * rounds up. Quotients of exact integers round as they should.
 */
function settle(
  { groups, ranks }: Entrant,
  purses: Purses,
  cost: number,
  from: number,
  round: (value: number) => number,
  enough: number,
  meter: Meter,
): number | undefined {
  let found = from
  for (;;) {
    meter.spend(groups.length + ranks.length)
    let paid = 0
    let open = 0
    let i = 0
    for (const { end, size, points } of ranks) {
      const due = found * points
      let poor = 0
      let rich = 0
      for (; i < end; i++) {
        const purse = purses[groups[i] as number] as number
        if (purse < due) poor += purse
        else rich++
      }
      paid += size * poor
      open += size * points * rich
    }
    // At the price or below it somebody could pay more, if all together can pay.
    if (open === 0) return undefined
    const next = round((cost - paid) / open)
    if (next <= found) return found
    found = next
    if (found > enough) return found
  }
}

export function canAllPay({ groups, ranks }: Entrant, purses: Purses, price: number, meter: Meter): boolean {
  meter.spend(groups.length + ranks.length)
  let i = 0
  for (const { end, points } of ranks) {
    const due = price * points
    for (; i < end; i++) if ((purses[groups[i] as number] as number) < due) return false
  }
  return true
}

export function pay({ groups, ranks }: Entrant, purses: Purses, price: number, meter: Meter): void {
  meter.spend(groups.length + ranks.length)
  let i = 0
  for (const { end, points } of ranks) {
    const due = price * points
    for (; i < end; i++) {
      const group = groups[i] as number
      purses[group] = Math.max(0, (purses[group] as number) - due)
    }
  }
}
