import { add } from '../collect/since.ts'
import type { Counts, Status } from '../status.ts'

/** A status, or several put together, as it is kept. What counts is summed over `overMs`; of the rest the worst is kept. */
export interface Point {
  /** When the last of them was taken. */
  readonly timeMs: number
  readonly overMs: number
  readonly height: number
  readonly blocks: number
  readonly lateBlocks: number
  readonly round: number
  readonly sinceBlockMs: number
  readonly p50Ms: number | null
  readonly p99Ms: number | null
  readonly participation: number | null
  readonly validators: number
  readonly peers: number
  readonly waiting: number
  readonly waitingAgeMs: number
  readonly transactions: Counts
  readonly refused: Counts
  readonly missed: Counts
  readonly clockSpreadMs: number | null
  readonly contradicted: boolean
  readonly memoryShare: number | null
  readonly processBytes: number | null
  readonly diskFreeShare: number | null
}

export function pointOf(status: Status): Point {
  const { since, intervals, machine } = status
  return {
    timeMs: status.timeMs,
    overMs: since.overMs,
    height: status.height,
    blocks: since.blocks,
    lateBlocks: since.lateBlocks,
    round: status.round.present,
    sinceBlockMs: status.sinceBlockMs,
    p50Ms: intervals.p50Ms,
    p99Ms: intervals.p99Ms,
    participation: status.participation,
    validators: status.validators.length,
    peers: status.peers.length,
    waiting: status.waiting.count,
    waitingAgeMs: status.waiting.ageMs,
    transactions: since.transactions,
    refused: since.refused,
    missed: since.missed,
    clockSpreadMs: status.clock.spreadMs,
    contradicted: status.roots.contradictedBy.length > 0,
    memoryShare: machine.memory === null ? null : machine.memory.usedBytes / machine.memory.totalBytes,
    processBytes: machine.memory?.processBytes ?? null,
    diskFreeShare: machine.disk === null ? null : machine.disk.freeBytes / machine.disk.totalBytes,
  }
}

/** Puts points together, given in order of their times; at least one. */
export function mergePoints(points: readonly [Point, ...Point[]]): Point {
  const last = points.at(-1) ?? points[0]
  const sum = (of: (point: Point) => number) => points.reduce((total, point) => total + of(point), 0)
  const most = (of: (point: Point) => number) => Math.max(...points.map(of))
  const known = (of: (point: Point) => number | null) => points.map(of).filter((value) => value !== null)
  const mostKnown = (of: (point: Point) => number | null) => extreme(known(of), Math.max)
  const leastKnown = (of: (point: Point) => number | null) => extreme(known(of), Math.min)
  return {
    timeMs: last.timeMs,
    overMs: sum(({ overMs }) => overMs),
    height: last.height,
    blocks: sum(({ blocks }) => blocks),
    lateBlocks: sum(({ lateBlocks }) => lateBlocks),
    round: most(({ round }) => round),
    sinceBlockMs: most(({ sinceBlockMs }) => sinceBlockMs),
    p50Ms: last.p50Ms,
    p99Ms: mostKnown(({ p99Ms }) => p99Ms),
    participation: leastKnown(({ participation }) => participation),
    validators: last.validators,
    peers: Math.min(...points.map(({ peers }) => peers)),
    waiting: most(({ waiting }) => waiting),
    waitingAgeMs: most(({ waitingAgeMs }) => waitingAgeMs),
    transactions: addCounts(points.map(({ transactions }) => transactions)),
    refused: addCounts(points.map(({ refused }) => refused)),
    missed: addCounts(points.map(({ missed }) => missed)),
    clockSpreadMs: mostKnown(({ clockSpreadMs }) => clockSpreadMs),
    contradicted: points.some(({ contradicted }) => contradicted),
    memoryShare: mostKnown(({ memoryShare }) => memoryShare),
    processBytes: mostKnown(({ processBytes }) => processBytes),
    diskFreeShare: leastKnown(({ diskFreeShare }) => diskFreeShare),
  }
}

function extreme(values: readonly number[], choose: (...values: number[]) => number): number | null {
  return values.length === 0 ? null : choose(...values)
}

function addCounts(all: readonly Counts[]): Counts {
  return all.reduce(add, {})
}
