import { gcd } from '../ratio.ts'
import { type Meter, type Steps, wordsOf } from '../steps.ts'
import type { SharesProblem } from './problem.ts'
import type { Entrant, Purses } from './purses.ts'

/** Supporters who are looked at before a count may stop. */
const CHUNK = 1_024
/** Filing an entry of a ballot, or sorting a supporter by what they can pay. */
const ENTRY_UNITS = 4
/** Calculating with a long number, however short it is. */
const NUMBER_UNITS = 20

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

export function* ballotsOf(entrants: readonly Entrant[], groups: number, meter: Meter): Steps<Ballots> {
  const starts = new Int32Array(groups + 1)
  for (const entrant of entrants) {
    for (const group of entrant.groups) starts[group + 1] = (starts[group + 1] ?? 0) + 1
    meter.spend(entrant.groups.length)
    if (meter.isDue) yield meter.take()
  }
  for (let group = 0; group < groups; group++) starts[group + 1] = (starts[group + 1] ?? 0) + (starts[group] ?? 0)
  const next = starts.slice()
  const projects = new Int32Array(starts[groups] ?? 0)
  const points = new Float64Array(projects.length)
  for (const entrant of entrants) {
    file(entrant, next, projects, points)
    meter.spend(ENTRY_UNITS * entrant.groups.length)
    if (meter.isDue) yield meter.take()
  }
  return { starts, projects, points }
}

/** Enters a project at every supporter. @param next - by group: where its next entry goes */
function file({ project, groups, ranks }: Entrant, next: Int32Array, projects: Int32Array, points: Float64Array): void {
  let i = 0
  for (const { end, points: own } of ranks) {
    for (; i < end; i++) {
      const group = groups[i] as number
      const at = next[group] as number
      next[group] = at + 1
      projects[at] = project
      points[at] = own
    }
  }
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
  /** Of the long numbers. */
  #words: number

  constructor({ voters, sizes, costs }: SharesProblem, ballots: Ballots, money: bigint) {
    this.#ballots = ballots
    this.#unit = BigInt(voters)
    this.#share = money
    this.#words = wordsOf(money)
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
  *priceOf(
    entrant: Entrant,
    low: Purses,
    high: Purses,
    lowPrice: number,
    highPrice: number,
    meter: Meter,
  ): Steps<Price | undefined> {
    const { poor, unsure: perhaps, total: payable } = sort(entrant, low, high, lowPrice, highPrice)
    meter.spend(ENTRY_UNITS * entrant.groups.length)
    let unsure = perhaps
    let total = payable
    let n = BigInt(entrant.cost) * this.#unit - (yield* this.#moneyOf(poor, meter))
    for (;;) {
      if (total === 0) return undefined
      const d = BigInt(total)
      const more: Supporter[] = []
      const rest: Supporter[] = []
      for (let from = 0; from < unsure.length; from += CHUNK) {
        for (const supporter of unsure.slice(from, from + CHUNK)) {
          const { group, points } = supporter
          const isPoor = this.#left(group, meter) * d < n * BigInt(points)
          if (isPoor) more.push(supporter)
          else rest.push(supporter)
        }
        if (meter.isDue) yield meter.take()
      }
      if (more.length === 0) return { n, d, poor: poor.map(({ group }) => group) }
      unsure = rest
      for (const supporter of more) {
        poor.push(supporter)
        total -= supporter.size * supporter.points
      }
      n -= yield* this.#moneyOf(more, meter)
    }
  }

  buy({ project }: Entrant, { n, d, poor }: Price, meter: Meter): void {
    const divisor = gcd(n, d)
    const by = d / divisor
    this.#unit *= by
    this.#share *= by
    for (const [step, price] of this.#prices.entries()) this.#prices[step] = price * by
    this.#bought[project] = this.#prices.push(n / divisor)
    for (const group of poor) this.#isEmpty[group] = 1
    this.#words = wordsOf(this.#share)
    meter.spend(poor.length + (40 + this.#prices.length) * (NUMBER_UNITS + this.#words))
  }

  #left(group: number, meter: Meter): bigint {
    const units = NUMBER_UNITS + this.#words
    meter.spend(2 * units)
    if (this.#isEmpty[group] === 1) return 0n
    const { starts, projects, points } = this.#ballots
    let left = this.#share
    for (let at = starts[group] as number; at < (starts[group + 1] as number); at++) {
      const step = this.#bought[projects[at] as number] as number
      if (step === 0) continue
      left -= BigInt(points[at] as number) * (this.#prices[step - 1] as bigint)
      meter.spend(units)
    }
    return left
  }

  /** All that these supporters have: points paid are added up before any long number is touched. */
  *#moneyOf(supporters: readonly Supporter[], meter: Meter): Steps<bigint> {
    const paid = new Float64Array(this.#prices.length + 1)
    let voters = 0
    for (let from = 0; from < supporters.length; from += CHUNK) {
      voters += this.#addPaid(supporters.slice(from, from + CHUNK), paid, meter)
      if (meter.isDue) yield meter.take()
    }
    meter.spend(this.#prices.length * (NUMBER_UNITS + this.#words))
    return this.#prices.reduce(
      (left, price, step) => left - BigInt(paid[step + 1] as number) * price,
      BigInt(voters) * this.#share,
    )
  }

  /** Adds the points that supporters paid for in every purchase, and answers how many they are who have something. */
  #addPaid(supporters: readonly Supporter[], paid: Float64Array, meter: Meter): number {
    const { starts, projects, points } = this.#ballots
    let voters = 0
    for (const { group, size } of supporters) {
      if (this.#isEmpty[group] === 1) continue
      voters += size
      const [start, end] = [starts[group] as number, starts[group + 1] as number]
      for (let at = start; at < end; at++) {
        const step = this.#bought[projects[at] as number] as number
        paid[step] = (paid[step] as number) + size * (points[at] as number)
      }
      meter.spend(ENTRY_UNITS + end - start)
    }
    return voters
  }
}

/** Who surely cannot pay, who perhaps cannot, and the points of all but the first. */
function sort({ groups, ranks }: Entrant, low: Purses, high: Purses, lowPrice: number, highPrice: number) {
  const poor: Supporter[] = []
  const unsure: Supporter[] = []
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
  return { poor, unsure, total }
}
