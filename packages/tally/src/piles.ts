import { END, layOut, type Rankings } from './rankings.ts'
import { gcd, lcm } from './ratio.ts'
import type { BallotGroup } from './types.ts'

/** Ballots of equal value that now count for the same options, in equal parts where there are several. */
interface Pile {
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

export function pilesOf(groups: readonly BallotGroup[], options: number): Piles {
  const rankings = layOut(groups, options)
  const ballots = new Uint32Array(groups.length)
  for (let index = 0; index < ballots.length; index++) ballots[index] = index
  const all: Pile = { options: [], value: 1n, votes: 0, ballots, places: rankings.starts }
  const left = Array.from({ length: options }, (_, option) => option)
  return withoutThem({ rankings, piles: [all], unit: 1n }, left, options)
}

export function votesIn({ piles, unit }: Piles, options: number): Votes {
  const parts = piles.reduce((all, { options: shared }) => lcm(all, BigInt(shared.length)), 1n)
  const of = new Array<bigint>(options).fill(0n)
  for (const pile of piles) {
    const part = (pile.value * BigInt(pile.votes) * parts) / BigInt(pile.options.length)
    for (const option of pile.options) of[option] = (of[option] ?? 0n) + part
  }
  return { unit: unit * parts, of }
}

/** Takes out options that are not `left` any more; their ballots go on at their whole value. */
export function withoutThem({ rankings, piles, unit }: Piles, left: readonly number[], options: number): Piles {
  const isLeft = new Uint8Array(options)
  for (const option of left) isLeft[option] = 1
  const stay: Pile[] = []
  const go = new Map<bigint, Pile[]>()
  for (const pile of piles) {
    const still = pile.options.filter((option) => isLeft[option] === 1)
    if (still.length > 0) stay.push(still.length === pile.options.length ? pile : { ...pile, options: still })
    else go.set(pile.value, [...(go.get(pile.value) ?? []), pile])
  }
  const gone = [...go.values()].flatMap((equal) => spread(rankings, equal, isLeft))
  return { rankings, piles: [...stay, ...gone], unit }
}

/** Leaves a quota with each of the elected: their ballots keep the part of their value that was over it. */
export function withSurplusOnly(
  { rankings, piles, unit }: Piles,
  elected: readonly number[],
  votes: Votes,
  quota: bigint,
) {
  const votesOf = (option: number) => votes.of[option] ?? 0n
  const shared = piles.reduce((all, { options }) => lcm(all, BigInt(options.length)), 1n)
  const scale = elected.reduce((product, option) => product * votesOf(option), shared)
  const changed = piles.map((pile): Pile => {
    const part = scale / BigInt(pile.options.length)
    const kept = pile.options.reduce((sum, option) => {
      if (!elected.includes(option)) return sum + part
      return sum + (part / votesOf(option)) * (votesOf(option) - quota * votes.unit)
    }, 0n)
    return { ...pile, value: pile.value * kept }
  })
  const going = changed.filter(({ value }) => value > 0n)
  return inLowestTerms({ rankings, piles: going, unit: unit * scale })
}

function inLowestTerms({ rankings, piles, unit }: Piles): Piles {
  let common = unit
  for (const { value } of piles) common = gcd(common, value)
  const least = unit / common
  const isRough = least >> MOST_BITS > 0n
  const reduce = (value: bigint) => (isRough ? (value * ROUGH_UNIT) / unit : value / common)
  return {
    rankings,
    piles: piles.map((pile) => ({ ...pile, value: reduce(pile.value) })),
    unit: isRough ? ROUGH_UNIT : least,
  }
}

/** Puts ballots of one value, whose options have all left, where they belong now. */
function spread({ entries, counts, scratch }: Rankings, piles: readonly Pile[], isLeft: Uint8Array): Pile[] {
  const targets = new Targets()
  /** Of each ballot that goes: its pile, and where it then goes on. */
  const { targets: target, places: place } = scratch
  let index = 0
  for (const { ballots, places } of piles) {
    for (let i = 0; i < ballots.length; i++, index++) {
      let at = places[i] as number
      let found = NOWHERE
      while (found === NOWHERE && entries[at] !== END) {
        const entry = entries[at] as number
        if ((entry & 1) === 1) {
          const group: number[] = []
          at = readTie(entries, at, isLeft, group)
          found = targets.shared(group)
        } else {
          at++
          if (isLeft[entry >> 1] === 1) found = targets.single(entry >> 1)
        }
      }
      target[index] = found
      place[index] = at
      if (found !== NOWHERE) targets.add(found, counts[ballots[i] as number] as number)
    }
  }
  return targets.fill(piles, target, place)
}

const NOWHERE = -1

/** Gathers those who are left of a tie that begins at `at`; tells where the next entry is. */
function readTie(entries: Uint16Array, at: number, isLeft: Uint8Array, group: number[]): number {
  for (let next = at; ; next++) {
    const entry = entries[next] as number
    if (isLeft[entry >> 1] === 1) group.push(entry >> 1)
    if ((entry & 1) === 0) return next + 1
  }
}

/** The piles that ballots of one value go to: first found and counted, then filled at their size. */
class Targets {
  readonly #options: (readonly number[])[] = []
  readonly #votes: number[] = []
  readonly #sizes: number[] = []
  readonly #singles: number[] = []
  readonly #ties = new Map<string, number>()

  single(option: number): number {
    let found = this.#singles[option]
    if (found === undefined) this.#singles[option] = found = this.#open([option])
    return found
  }

  shared(options: readonly number[]): number {
    const [only] = options
    if (only === undefined) return NOWHERE
    if (options.length === 1) return this.single(only)
    const inOrder = options.toSorted((a, b) => a - b)
    const key = inOrder.join()
    const found = this.#ties.get(key) ?? this.#open(inOrder)
    this.#ties.set(key, found)
    return found
  }

  #open(options: readonly number[]): number {
    this.#votes.push(0)
    this.#sizes.push(0)
    return this.#options.push(options) - 1
  }

  add(target: number, votes: number): void {
    this.#votes[target] = (this.#votes[target] ?? 0) + votes
    this.#sizes[target] = (this.#sizes[target] ?? 0) + 1
  }

  fill(from: readonly Pile[], target: Int32Array, place: Uint32Array): Pile[] {
    const value = from[0]?.value ?? 0n
    const piles = this.#options.map((options, index): Pile => {
      const size = this.#sizes[index] ?? 0
      const votes = this.#votes[index] ?? 0
      return { options, value, votes, ballots: new Uint32Array(size), places: new Uint32Array(size) }
    })
    const filled = new Uint32Array(piles.length)
    let index = 0
    for (const { ballots } of from) {
      for (const ballot of ballots) {
        const found = target[index] as number
        const pile = piles[found]
        if (pile !== undefined) {
          const at = filled[found] as number
          filled[found] = at + 1
          pile.ballots[at] = ballot
          pile.places[at] = place[index] as number
        }
        index++
      }
    }
    return piles
  }
}
