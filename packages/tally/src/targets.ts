import type { Pile } from './piles.ts'
import type { Rankings } from './rankings.ts'
import type { Meter, Steps } from './steps.ts'

export const NOWHERE = -1

/** Ballots that are filed before a count may stop. */
const CHUNK = 4_096
/** Making a pile. */
const PILE_UNITS = 100
/** Work on a ballot that is filed. */
const BALLOT_UNITS = 8

/** The piles that ballots of one value go to: first found and counted, then filled at their size. */
export class Targets {
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

  /** Makes the piles and puts the ballots in, as the scratch of the rankings says. */
  *fill({ scratch }: Rankings, from: readonly Pile[], meter: Meter): Steps<readonly Pile[]> {
    const value = from[0]?.value ?? 0n
    const piles: Pile[] = []
    for (const [index, options] of this.#options.entries()) {
      const size = this.#sizes[index] ?? 0
      const votes = this.#votes[index] ?? 0
      piles.push({ options, value, votes, ballots: new Uint32Array(size), places: new Uint32Array(size) })
      meter.spend(PILE_UNITS)
      if (meter.isDue) yield meter.take()
    }
    const filled = new Uint32Array(piles.length)
    let done = 0
    for (const { ballots } of from) {
      for (let begin = 0; begin < ballots.length; begin += CHUNK) {
        const some = ballots.subarray(begin, begin + CHUNK)
        file(scratch, piles, some, done, filled)
        done += some.length
        meter.spend(BALLOT_UNITS * some.length)
        if (meter.isDue) yield meter.take()
      }
    }
    return piles
  }
}

/** Puts ballots on their piles. @param done - how many were before; `filled` says how many each pile has */
function file(
  { targets, places }: Rankings['scratch'],
  piles: readonly Pile[],
  ballots: Uint32Array,
  done: number,
  filled: Uint32Array,
): void {
  let index = done
  for (const ballot of ballots) {
    const found = targets[index] as number
    const pile = piles[found]
    if (pile !== undefined) {
      const at = filled[found] as number
      filled[found] = at + 1
      pile.ballots[at] = ballot
      pile.places[at] = places[index] as number
    }
    index++
  }
}
