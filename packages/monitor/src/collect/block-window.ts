import type { ValidatorReport } from '@icn/state-machine/kernel'
import type { Counts } from '../status.ts'
import { quantile } from './quantile.ts'

/** What is kept of a block. */
export interface BlockFacts {
  readonly height: number
  readonly timeMs: number
  readonly report: Pick<ValidatorReport, 'proposer' | 'missed'>
}

/** The last blocks, for numbers over them. Memory grows with the size of the window and the signatures missed in it. */
export interface BlockWindow {
  /** Blocks in order; one that does not follow the last empties the window first. */
  add(blocks: readonly BlockFacts[]): void
  last(): BlockFacts | undefined
  count(): number
  intervals(): { readonly blocks: number; readonly p50Ms: number | null; readonly p99Ms: number | null }
  proposed(): Counts
  missed(): Counts
}

export function createBlockWindow(size: number): BlockWindow {
  let kept: BlockFacts[] = []

  function add(blocks: readonly BlockFacts[]): void {
    for (const block of blocks) {
      const last = kept.at(-1)
      if (last !== undefined && block.height !== last.height + 1) kept = []
      kept.push(block)
    }
    if (kept.length > size) kept = kept.slice(-size)
  }

  function intervals() {
    const between = kept.slice(1).map(({ timeMs }, index) => timeMs - (kept[index]?.timeMs ?? timeMs))
    return { blocks: kept.length, p50Ms: quantile(between, 0.5), p99Ms: quantile(between, 0.99) }
  }

  return {
    add,
    last: () => kept.at(-1),
    count: () => kept.length,
    intervals,
    proposed: () => countAll(kept.map(({ report }) => report.proposer)),
    missed: () => missedIn(kept),
  }
}

/** Missed signatures by address. */
export function missedIn(blocks: readonly BlockFacts[]): Counts {
  return countAll(blocks.flatMap(({ report }) => report.missed))
}

function countAll(names: readonly string[]): Counts {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}
