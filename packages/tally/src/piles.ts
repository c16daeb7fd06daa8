import type { Rankings } from './rankings.ts'
import { gcd, lcm } from './ratio.ts'
import { spread } from './spread.ts'
import { type Meter, type Steps, wordsOf } from './steps.ts'

/** Ballots of equal value that now count for the same options, in equal parts where there are several. */
export interface Pile {
  readonly options: readonly number[]
  /** Of each vote, in units of the whole. */
  readonly value: bigint
  readonly votes: number
  /** Indexes of ballots, and for each where in the entries it goes on after `options`. */
  readonly ballots: Uint32Array
  readonly places: Uint32Array
}

/**
 * All ballots on their way through a transferable count. Never changed: whoever follows several ways shares it.
 * PERF: only ballots of options that leave are looked at again, and a value is kept once for a pile, not for a ballot.
 */
export interface Piles {
  readonly rankings: Rankings
  readonly piles: readonly Pile[]
  /** All values are numbers of this part of a vote. */
  readonly unit: bigint
}

/** Votes of every option as numbers of this part of a vote. */
export interface Votes {
  readonly unit: bigint
  /** By option. */
  readonly of: readonly bigint[]
}

/**
 * Exact fractions double their digits with every surplus. Beyond so many bits, values are rounded down to whole parts of
 * 2^−1024 of a vote, so that a count ends however many seats it fills.
 */
const MOST_BITS = 2_048n
const ROUGH_UNIT = 1n << (MOST_BITS / 2n)

/** Work on a pile, apart from its ballots. */
const PILE_UNITS = 40
/** Calculating with a long number, however short it is. */
const NUMBER_UNITS = 20
/** Divisions that Euclid's algorithm makes for each word by which it shortens a number. */
const DIVISIONS = 40

/** Multiplying or dividing numbers of so many words. */
const productUnits = (words: number, others: number) => NUMBER_UNITS + Math.ceil((words * others) / 8)

export function* pilesOf(rankings: Rankings, options: number, meter: Meter): Steps<Piles> {
  const ballots = new Uint32Array(rankings.starts.length)
  for (let index = 0; index < ballots.length; index++) ballots[index] = index
  const all: Pile = { options: [], value: 1n, votes: 0, ballots, places: rankings.starts }
  const left = Array.from({ length: options }, (_, option) => option)
  return yield* withoutThem({ rankings, piles: [all], unit: 1n }, left, options, meter)
}

export function* votesIn({ piles, unit }: Piles, options: number, meter: Meter): Steps<Votes> {
  const parts = sharedParts(piles)
  const of = new Array<bigint>(options).fill(0n)
  const units = productUnits(wordsOf(unit * parts), 1)
  for (const pile of piles) {
    const part = (pile.value * BigInt(pile.votes) * parts) / BigInt(pile.options.length)
    for (const option of pile.options) of[option] = (of[option] ?? 0n) + part
    meter.spend(PILE_UNITS + units * (3 + pile.options.length))
    if (meter.isDue) yield meter.take()
  }
  return { unit: unit * parts, of }
}

/** Takes out options that are not `left` any more; their ballots go on at their whole value. */
export function* withoutThem(
  { rankings, piles, unit }: Piles,
  left: readonly number[],
  options: number,
  meter: Meter,
): Steps<Piles> {
  const isLeft = new Uint8Array(options)
  for (const option of left) isLeft[option] = 1
  const after: Pile[] = []
  const go = new Map<bigint, Pile[]>()
  for (const pile of piles) {
    const still = pile.options.filter((option) => isLeft[option] === 1)
    const equal = go.get(pile.value)
    if (still.length > 0) after.push(still.length === pile.options.length ? pile : { ...pile, options: still })
    else if (equal === undefined) go.set(pile.value, [pile])
    else equal.push(pile)
    meter.spend(PILE_UNITS + pile.options.length)
    if (meter.isDue) yield meter.take()
  }
  for (const equal of go.values()) for (const pile of yield* spread(rankings, equal, isLeft, meter)) after.push(pile)
  return { rankings, piles: after, unit }
}

/** Leaves a quota with each of the elected: their ballots keep the part of their value that was over it. */
export function* withSurplusOnly(
  { rankings, piles, unit }: Piles,
  elected: readonly number[],
  votes: Votes,
  quota: bigint,
  meter: Meter,
): Steps<Piles> {
  const votesOf = (option: number) => votes.of[option] ?? 0n
  const scale = elected.reduce((product, option) => product * votesOf(option), sharedParts(piles))
  const units = productUnits(wordsOf(scale), wordsOf(votes.unit))
  const going: Pile[] = []
  for (const pile of piles) {
    const part = scale / BigInt(pile.options.length)
    const kept = pile.options.reduce((sum, option) => {
      if (!elected.includes(option)) return sum + part
      return sum + (part / votesOf(option)) * (votesOf(option) - quota * votes.unit)
    }, 0n)
    const value = pile.value * kept
    if (value > 0n) going.push({ ...pile, value })
    meter.spend(PILE_UNITS + units * (2 + pile.options.length))
    if (meter.isDue) yield meter.take()
  }
  return yield* inLowestTerms({ rankings, piles: going, unit: unit * scale }, meter)
}

function* inLowestTerms({ rankings, piles, unit }: Piles, meter: Meter): Steps<Piles> {
  const words = wordsOf(unit)
  let common = unit
  for (const { value } of piles) {
    const before = common
    common = gcd(before, value)
    const shorter = common === before ? 0 : 1 + wordsOf(before) - wordsOf(common)
    meter.spend((1 + DIVISIONS * shorter) * productUnits(words, 1))
    if (meter.isDue) yield meter.take()
  }
  const least = unit / common
  const isRough = least >> MOST_BITS > 0n
  const reduced: Pile[] = []
  for (const pile of piles) {
    const value = isRough ? (pile.value * ROUGH_UNIT) / unit : pile.value / common
    reduced.push({ ...pile, value })
    meter.spend(PILE_UNITS + productUnits(words, words))
    if (meter.isDue) yield meter.take()
  }
  return { rankings, piles: reduced, unit: isRough ? ROUGH_UNIT : least }
}

/** The least number of parts into which a vote can be divided whole among the options of any pile. */
function sharedParts(piles: readonly Pile[]): bigint {
  const sizes = new Set(piles.map(({ options }) => options.length))
  return [...sizes].reduce((all, size) => lcm(all, BigInt(size)), 1n)
}
