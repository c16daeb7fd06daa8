import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Load, LoadResult } from './client.ts'

/** What was offered and what blocks hold of it. */
export interface Offered {
  readonly perSecond: number
  /** In blocks whose time lies in the time of the load. */
  readonly committedPerSecond: number
  readonly load: LoadResult
}

export interface BlockFigure {
  readonly height: number
  readonly timeMs: number
  readonly transactions: number
}

/** Something that takes transactions and makes blocks of them. */
export interface Target {
  offer(settings: LoadSettings): Promise<LoadResult>
  /** Those whose time is not before `sinceMs`, in order of height. */
  blocks(sinceMs: number): Promise<BlockFigure[]>
}

export type LoadSettings = Pick<Load, 'perSecond' | 'count'> & Partial<Load>

/** What it keeps up with is committed to so much. */
const KEPT_SHARE = 0.97
const STEP_SECONDS = 8
const STEP = 1.15
/** The time of a block is a little older than the block: votes on the last one made it. */
const SETTLE_MS = 1_000

export async function runLoad(load: Load): Promise<LoadResult> {
  const { stdout } = await promisify(execFile)(process.execPath, ['bench/network/client.ts', JSON.stringify(load)])
  return JSON.parse(stdout) as LoadResult
}

export async function offerFor(target: Target, perSecond: number, seconds: number): Promise<Offered> {
  const load = await target.offer({ perSecond, count: perSecond * seconds })
  const fromMs = load.startMs + SETTLE_MS
  const endMs = load.startMs + seconds * 1_000
  const within = (await target.blocks(fromMs)).filter(({ timeMs }) => timeMs < endMs)
  const committed = within.reduce((sum, { transactions }) => sum + transactions, 0)
  return { perSecond, committedPerSecond: committed / ((endMs - fromMs) / 1_000), load }
}

/**
 * Offers more and more in short steps until it no longer keeps up. What counts is a long time, since the last blocks of eight
 * seconds may hold a twentieth of their votes more or less: first at what was too much for a short step, then more each time
 * while it keeps up, or less until it does.
 */
export async function steady(name: string, target: Target, first: number, seconds: number): Promise<Offered> {
  let perSecond = first
  for (; ; perSecond = round(perSecond * STEP)) {
    const step = await offerFor(target, perSecond, STEP_SECONDS)
    report(name, step)
    if (!isKept(step)) break
  }
  const atLength = async (rate: number) => {
    const long = await offerFor(target, rate, seconds)
    report(name, long)
    return long
  }
  let long = await atLength(perSecond)
  if (isKept(long)) {
    for (let more = long; isKept(more); more = await atLength(round(long.perSecond * STEP))) long = more
    return long
  }
  while (!isKept(long) && long.perSecond > first / 4) long = await atLength(round(long.perSecond / STEP))
  return long
}

function isKept({ committedPerSecond, perSecond }: Offered): boolean {
  return committedPerSecond >= perSecond * KEPT_SHARE
}

function round(perSecond: number): number {
  return Math.round(perSecond / 10) * 10
}

function report(name: string, { perSecond, committedPerSecond, load }: Offered): void {
  const { p50Ms, p99Ms, refused } = load
  const times = `p50 ${Math.round(p50Ms)} ms, p99 ${Math.round(p99Ms)} ms`
  console.error(
    `network: ${name}, ${perSecond}/s offered: ${Math.round(committedPerSecond)}/s committed, ${times}, ${refused} refused`,
  )
}

/** The longest time between two blocks, milliseconds. */
export function longestGapMs(blocks: readonly BlockFigure[]): number {
  return blocks.slice(1).reduce((most, { timeMs }, index) => Math.max(most, timeMs - (blocks[index]?.timeMs ?? 0)), 0)
}
