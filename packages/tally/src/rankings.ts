import type { Ballot } from './types.ts'

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

/** Lays rankings out as they come. */
export class Layout {
  #entries: Uint16Array<ArrayBuffer>
  readonly #starts: Uint32Array
  readonly #counts: Float64Array
  #ballots = 0
  #end = 0

  /** @param most - ballots that will come, at most */
  constructor(most: number, options: number) {
    this.#entries = new Uint16Array(Math.min(MOST_AT_FIRST, most * (options + 1) + 1))
    this.#starts = new Uint32Array(most)
    this.#counts = new Float64Array(most)
  }

  /** Answers how many entries it has. */
  add(ranking: Ballot, count: number): number {
    let entries = this.#entries
    let at = this.#end
    this.#starts[this.#ballots] = at
    this.#counts[this.#ballots++] = count
    for (const group of ranking as readonly (readonly number[])[]) {
      if (at + group.length + 1 > entries.length) entries = grown(entries, group.length)
      for (let i = 1; i <= group.length; i++) entries[at++] = 2 * (group[i - 1] as number) + (i < group.length ? 1 : 0)
    }
    entries[at++] = END
    this.#entries = at === entries.length ? grown(entries, 0) : entries
    const before = this.#end
    this.#end = at
    return at - before
  }

  rankings(): Rankings {
    const ballots = this.#ballots
    const scratch = { targets: new Int32Array(ballots), places: new Uint32Array(ballots) }
    return {
      entries: this.#entries,
      starts: this.#starts.subarray(0, ballots),
      counts: this.#counts.subarray(0, ballots),
      scratch,
    }
  }
}

function grown(entries: Uint16Array, more: number): Uint16Array<ArrayBuffer> {
  const larger = new Uint16Array(2 * entries.length + more)
  larger.set(entries)
  return larger
}
