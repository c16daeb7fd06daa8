import { gcd } from '../ratio.ts'
import type { SharesProblem } from './problem.ts'
import type { Entrant, Purses } from './purses.ts'

/** A price for a point, as `n / (d · unit)` of the ledger, and the groups that cannot pay it. */
export interface Price {
  readonly n: bigint
  readonly d: bigint
  readonly poor: readonly number[]
}

interface Supporter {
  readonly group: number
  readonly size: number
  readonly points: number
}

/** What each group votes for, flat: the entries of a group are those from its start to the next one's. */
export interface Ballots {
  readonly starts: Int32Array
  readonly projects: Int32Array
  readonly points: Float64Array
}

export function ballotsOf(entrants: readonly Entrant[], groups: number): Ballots {
  const starts = new Int32Array(groups + 1)
  for (const entrant of entrants) for (const group of entrant.groups) starts[group + 1] = (starts[group + 1] ?? 0) + 1
  for (let group = 0; group < groups; group++) starts[group + 1] = (starts[group + 1] ?? 0) + (starts[group] ?? 0)
  const next = starts.slice()
  const projects = new Int32Array(starts[groups] ?? 0)
  const points = new Float64Array(projects.length)
  for (const { project, groups: supporters, ranks } of entrants) {
    let i = 0
    for (const { end, points: own } of ranks) {
      for (; i < end; i++) {
        const group = supporters[i] as number
        const at = next[group] as number
        next[group] = at + 1
        projects[at] = project
        points[at] = own
      }
    }
  }
  return { starts, projects, points }
}

/**
 * The exact prices of one run. What a voter has left is the share less the prices of what was bought, or nothing from the
 * first purchase on that took all of it: so a price follows from earlier ones and from whole numbers of voters, and only
 * voters on the verge are looked at one by one.
 */
export class Ledger {
  readonly #ballots: Ballots
  /** Every amount is a number of this part of a unit of money. */
  #unit: bigint
  #share: bigint
  readonly #prices: bigint[] = []
  /** By project: when it was bought, counted from 1. */
  readonly #bought: Int32Array
  readonly #isEmpty: Uint8Array

  constructor({ voters, sizes, costs }: SharesProblem, ballots: Ballots, money: bigint) {
    this.#ballots = ballots
    this.#unit = BigInt(voters)
    this.#share = money
    this.#bought = new Int32Array(costs.length)
    this.#isEmpty = new Uint8Array(sizes.length)
  }

  get unit(): bigint {
    return this.#unit
  }

  /**
   * The exact price of a project; `undefined` where its supporters cannot pay.
   *
   * @param low - bounds of what groups have left and of the price, in the same parts: they spare most of the work
   */
  priceOf(entrant: Entrant, low: Purses, high: Purses, lowPrice: number, highPrice: number): Price | undefined {
    const { groups, ranks, cost } = entrant
    const poor: Supporter[] = []
    let unsure: Supporter[] = []
    let total = 0
    let i = 0
    for (const { end, size, points } of ranks) {
      for (; i < end; i++) {
        const group = groups[i] as number
        const isPoor = (high[group] as number) < lowPrice * points
        if (isPoor) poor.push({ group, size, points })
        else total += size * points
        if (!isPoor && (low[group] as number) < highPrice * points) unsure.push({ group, size, points })
      }
    }
    let n = BigInt(cost) * this.#unit - this.#moneyOf(poor)
    for (;;) {
      if (total === 0) return undefined
      const [least, d] = [n, BigInt(total)]
      const more = unsure.filter(({ group, points }) => this.#left(group) * d < least * BigInt(points))
      if (more.length === 0) return { n, d, poor: poor.map(({ group }) => group) }
      const gone = new Set(more)
      unsure = unsure.filter((supporter) => !gone.has(supporter))
      for (const supporter of more) {
        poor.push(supporter)
        total -= supporter.size * supporter.points
      }
      n -= this.#moneyOf(more)
    }
  }

  buy({ project }: Entrant, { n, d, poor }: Price): void {
    const divisor = gcd(n, d)
    const by = d / divisor
    this.#unit *= by
    this.#share *= by
    for (const [step, price] of this.#prices.entries()) this.#prices[step] = price * by
    this.#bought[project] = this.#prices.push(n / divisor)
    for (const group of poor) this.#isEmpty[group] = 1
  }

  #left(group: number): bigint {
    if (this.#isEmpty[group] === 1) return 0n
    const { starts, projects, points } = this.#ballots
    let left = this.#share
    for (let at = starts[group] as number; at < (starts[group + 1] as number); at++) {
      const step = this.#bought[projects[at] as number] as number
      if (step > 0) left -= BigInt(points[at] as number) * (this.#prices[step - 1] as bigint)
    }
    return left
  }

  /** All that these supporters have: points paid are added up before any long number is touched. */
  #moneyOf(supporters: readonly Supporter[]): bigint {
    const { starts, projects, points } = this.#ballots
    const paid = new Float64Array(this.#prices.length + 1)
    let voters = 0
    for (const { group, size } of supporters) {
      if (this.#isEmpty[group] === 1) continue
      voters += size
      for (let at = starts[group] as number; at < (starts[group + 1] as number); at++) {
        const step = this.#bought[projects[at] as number] as number
        paid[step] = (paid[step] as number) + size * (points[at] as number)
      }
    }
    return this.#prices.reduce(
      (left, price, step) => left - BigInt(paid[step + 1] as number) * price,
      BigInt(voters) * this.#share,
    )
  }
}
