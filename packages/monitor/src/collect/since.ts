import type { CommittedBlock } from '@icn/consensus'
import type { Counts, Since } from '../status.ts'
import { type BlockFacts, missedIn } from './block-window.ts'

/** Counts what happens between two samples, and since the start. */
export interface Happenings {
  committed(block: Pick<CommittedBlock, 'transactionsByLane'>): void
  refused(name: string): void
  decided(late: number): void
  blocks(blocks: readonly BlockFacts[]): void
  /** Since the sample before the last: a time long enough for a rate. */
  recent(nowMs: number): Since
  /** Since the last sample; the next one begins. */
  take(nowMs: number): Since
  /** Transactions by lane since the start. */
  transactions(): Counts
  /** Rounds beyond the first that this node saw since the start, counted in blocks. */
  lateBlocks(): number
}

export function createHappenings(startedMs: number): Happenings {
  let sinceMs = startedMs
  let blocks = 0
  let late = 0
  let lanes = new Map<string, number>()
  let refused = new Map<string, number>()
  let missed: Counts = {}
  let before: Since | undefined
  let lateEver = 0
  const lanesEver = new Map<string, number>()

  function present(nowMs: number): Since {
    const counts = { transactions: Object.fromEntries(lanes), refused: Object.fromEntries(refused), missed }
    return { overMs: Math.max(0, nowMs - sinceMs), blocks, lateBlocks: late, ...counts }
  }

  function take(nowMs: number): Since {
    const taken = present(nowMs)
    before = taken
    sinceMs = nowMs
    blocks = 0
    late = 0
    lanes = new Map()
    refused = new Map()
    missed = {}
    return taken
  }

  return {
    committed: ({ transactionsByLane }) => {
      for (const [lane, count] of Object.entries(transactionsByLane)) {
        increase(lanes, lane, count)
        increase(lanesEver, lane, count)
      }
    },
    refused: (name) => increase(refused, name, 1),
    decided: (own) => {
      late += own
      lateEver += own
    },
    blocks: (own) => {
      blocks += own.length
      missed = add(missed, missedIn(own))
    },
    recent: (nowMs) => (before === undefined ? present(nowMs) : join(before, present(nowMs))),
    take,
    transactions: () => Object.fromEntries(lanesEver),
    lateBlocks: () => lateEver,
  }
}

function increase(counts: Map<string, number>, name: string, by: number): void {
  counts.set(name, (counts.get(name) ?? 0) + by)
}

function join(a: Since, b: Since): Since {
  return {
    overMs: a.overMs + b.overMs,
    blocks: a.blocks + b.blocks,
    lateBlocks: a.lateBlocks + b.lateBlocks,
    transactions: add(a.transactions, b.transactions),
    refused: add(a.refused, b.refused),
    missed: add(a.missed, b.missed),
  }
}

/** The sums, name by name. */
export function add(a: Counts, b: Counts): Counts {
  const sums = new Map(Object.entries(a))
  for (const [name, count] of Object.entries(b)) increase(sums, name, count)
  return Object.fromEntries(sums)
}
