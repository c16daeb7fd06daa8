import type { BallotGroup, Totals } from './types.ts'

/** Options in one mask: three tables of 20 options then fit the cache. */
const BITS = 7
const MASKS = 1 << BITS
/** Options up to which the tables stay small: 64 times 10 times 128 sums. */
export const MOST_MASKED = 64

/**
 * The totals of Schulze's method for many ballots: row by row how many prefer the row's option to the column's.
 *
 * PERF: which options a ballot ranks below one is a set of bits, and equal sets are counted together: for 20 options 60
 * additions a ballot instead of 190 or so. Only at the end is every set taken apart.
 *
 * @param options - at most `MOST_MASKED`
 */
export function countPairs(options: number, groups: readonly BallotGroup[]): Totals {
  const blocks = Math.ceil(options / BITS)
  /** By option, block of other options, and set of those of the block that are below it. */
  const sums = new Float64Array(options * blocks * MASKS)
  const everybody = Int32Array.from({ length: blocks }, (_, block) => (1 << Math.min(BITS, options - block * BITS)) - 1)
  const below = new Int32Array(blocks)
  let ballots = 0
  for (let index = 0; index < groups.length; index++) {
    const { ballot, count } = groups[index] as BallotGroup
    ballots += count
    below.set(everybody)
    const ranking = ballot as readonly (readonly number[])[]
    for (let place = 0; place < ranking.length; place++)
      addGroup(sums, below, ranking[place] as readonly number[], count)
  }
  return { ballots, values: takeApart(sums, options, blocks) }
}

function addGroup(sums: Float64Array, below: Int32Array, group: readonly number[], count: number): void {
  const blocks = below.length
  for (let i = 0; i < group.length; i++) {
    const option = group[i] as number
    const block = (option / BITS) | 0
    below[block] = (below[block] as number) & ~(1 << (option - block * BITS))
  }
  for (let i = 0; i < group.length; i++) {
    let table = (group[i] as number) * blocks * MASKS
    for (let block = 0; block < blocks; block++) {
      const cell = table + (below[block] as number)
      sums[cell] = (sums[cell] as number) + count
      table += MASKS
    }
  }
}

function takeApart(sums: Float64Array, options: number, blocks: number): number[] {
  const preferred = new Array<number>(options * options).fill(0)
  for (let cell = 0; cell < sums.length; cell++) {
    const sum = sums[cell] as number
    if (sum === 0) continue
    const table = Math.floor(cell / MASKS)
    const row = Math.floor(table / blocks) * options + (table % blocks) * BITS
    for (let mask = cell % MASKS, bit = 0; mask > 0; mask >>= 1, bit++) {
      if ((mask & 1) === 1) preferred[row + bit] = (preferred[row + bit] ?? 0) + sum
    }
  }
  return preferred
}
