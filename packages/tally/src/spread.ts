import type { Pile } from './piles.ts'
import { END, type Rankings } from './rankings.ts'
import type { Meter, Steps } from './steps.ts'
import { NOWHERE, Targets } from './targets.ts'

/** Ballots that are moved before a count may stop. */
const CHUNK = 4_096
/** Work on a ballot, apart from its entries: it lies anywhere in memory. */
const BALLOT_UNITS = 12
/** Work on an option of a tie: who are left of it are sorted and looked for. */
const TIED_UNITS = 30

/** Puts ballots of one value, whose options have all left, where they belong now. */
export function* spread(
  rankings: Rankings,
  piles: readonly Pile[],
  isLeft: Uint8Array,
  meter: Meter,
): Steps<readonly Pile[]> {
  const targets = new Targets()
  let done = 0
  for (const pile of piles) {
    const { length } = pile.ballots
    for (let from = 0; from < length; from += CHUNK) {
      const to = Math.min(length, from + CHUNK)
      meter.spend(send(rankings, pile, from, to, done, isLeft, targets))
      done += to - from
      if (meter.isDue) yield meter.take()
    }
  }
  return yield* targets.fill(rankings, piles, meter)
}

/**
 * Finds where ballots of a pile go, and where they then go on. Answers what that took, in units.
 *
 * @param done - how many ballots of other piles went before
 */
function send(
  { entries, counts, scratch }: Rankings,
  { ballots, places }: Pile,
  from: number,
  to: number,
  done: number,
  isLeft: Uint8Array,
  targets: Targets,
): number {
  let units = BALLOT_UNITS * (to - from)
  for (let i = from, index = done; i < to; i++, index++) {
    let at = places[i] as number
    units -= at
    let found = NOWHERE
    while (found === NOWHERE && entries[at] !== END) {
      const entry = entries[at] as number
      if ((entry & 1) === 1) {
        const group: number[] = []
        at = readTie(entries, at, isLeft, group)
        units += TIED_UNITS * group.length
        found = targets.shared(group)
      } else {
        at++
        if (isLeft[entry >> 1] === 1) found = targets.single(entry >> 1)
      }
    }
    units += at
    scratch.targets[index] = found
    scratch.places[index] = at
    if (found !== NOWHERE) targets.add(found, counts[ballots[i] as number] as number)
  }
  return units
}

/** Gathers those who are left of a tie that begins at `at`; tells where the next entry is. */
function readTie(entries: Uint16Array, at: number, isLeft: Uint8Array, group: number[]): number {
  for (let next = at; ; next++) {
    const entry = entries[next] as number
    if (isLeft[entry >> 1] === 1) group.push(entry >> 1)
    if ((entry & 1) === 0) return next + 1
  }
}
