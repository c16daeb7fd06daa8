import type { BallotGroup } from './types.ts'

/**
 * Rankings one after the other in one list. PERF: a million ballots of 20 options are 20 million small lists; reading a
 * few of them at random costs more than laying all of them out in order once.
 */
export interface Rankings {
  /** Twice the option, plus 1 where the next entry is tied with it; `END` after each ballot. */
  readonly entries: Uint16Array
  /** By ballot: where it begins. */
  readonly starts: Uint32Array
  /** By ballot: how often it was cast. */
  readonly counts: Float64Array
  /** Two values for each ballot, for whoever moves ballots: nothing in them lasts. PERF: large lists wake the collector. */
  readonly scratch: { readonly targets: Int32Array; readonly places: Uint32Array }
}

/** Above any entry: files have up to 1,000 options. */
export const END = 0xffff

/** Entries that are laid out without growing, at most: 64 MiB. */
const MOST_AT_FIRST = 1 << 25

export function layOut(groups: readonly BallotGroup[], options: number): Rankings {
  const starts = new Uint32Array(groups.length)
  const counts = new Float64Array(groups.length)
  let entries = new Uint16Array(Math.min(MOST_AT_FIRST, groups.length * (options + 1) + 1))
  let at = 0
  for (let ballot = 0; ballot < groups.length; ballot++) {
    const { ballot: ranking, count } = groups[ballot] as BallotGroup
    starts[ballot] = at
    counts[ballot] = count
    for (const group of ranking as readonly (readonly number[])[]) {
      if (at + group.length + 1 > entries.length) entries = grown(entries, group.length)
      for (let i = 1; i <= group.length; i++) entries[at++] = 2 * (group[i - 1] as number) + (i < group.length ? 1 : 0)
    }
    entries[at++] = END
    if (at === entries.length) entries = grown(entries, 0)
  }
  const scratch = { targets: new Int32Array(groups.length), places: new Uint32Array(groups.length) }
  return { entries, starts, counts, scratch }
}

function grown(entries: Uint16Array, more: number): Uint16Array<ArrayBuffer> {
  const larger = new Uint16Array(2 * entries.length + more)
  larger.set(entries)
  return larger
}
