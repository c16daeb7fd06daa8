/**
 * What a node beside CometBFT holds with a million rows, two a member: after its start, and after votes at an even pace.
 * `node bench/memory.ts DATABASE [VOTES]` measures on a copy of what `makeState` made, for 140,000 voters.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { until } from '@icn/testkit/network'
import type { ThreadHeap } from './memory/probe.ts'
import { type Arena, openArena } from './network/arena.ts'
import { makeState } from './network/state.ts'
import { cpuMs } from './process-figures.ts'
import { type BenchResult, result } from './result.ts'

const MEMBERS = 500_000
const VOTERS = 140_001
const VOTES_PER_SECOND = 500
/** Measured after so many votes each. */
const STEPS = [20_000, 10_000, 30_000, 40_000]
/** The last answers go out, and what waits for a pause is collected. */
const REST_MS = 2_000
const PROBE = fileURLToPath(new URL('./memory/probe.ts', import.meta.url))

export async function run(): Promise<readonly BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'icn-bench-memory-'))
  try {
    console.error(`memory: preparing a cooperative of ${MEMBERS} members`)
    return await measure(folder, await makeState(folder, MEMBERS, VOTERS))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @param most - votes after which it ends */
async function measure(folder: string, state: string, most = Number.POSITIVE_INFINITY): Promise<BenchResult[]> {
  const file = join(folder, 'heaps.json')
  const env = { NODE_OPTIONS: `--import=${PROBE} ${process.env.NODE_OPTIONS ?? ''}`, HEAPS_FILE: file }
  const arena = await openArena({ folder: join(folder, 'large'), state, validators: 1, voters: VOTERS, env })
  try {
    const startMs = cpuMs(arena.network.nodes[0]?.pid() ?? 0)
    const results = [await figure(arena, file, 0, startMs)]
    let votes = 0
    for (const step of STEPS) {
      if (votes >= most) break
      await arena.offer({ perSecond: VOTES_PER_SECOND, count: step })
      votes += step
      results.push(await figure(arena, file, votes, startMs))
    }
    return results
  } finally {
    await arena.network.stop()
  }
}

/** @param startMs - processor time of its start */
async function figure({ network }: Arena, file: string, votes: number, startMs: number): Promise<BenchResult> {
  const pid = network.nodes[0]?.pid() ?? 0
  await new Promise((resolve) => setTimeout(resolve, REST_MS))
  const [resident = 0, most, anonymous, files] = ['VmRSS', 'VmHWM', 'RssAnon', 'RssFile'].map((name) =>
    statusMb(pid, name),
  )
  const heaps = (await heapsOf(pid, file)).map(
    ({ name, heapMb, usedMb, buffersMb }) =>
      `${name} ${Math.round(usedMb)} of ${Math.round(heapMb)}${buffersMb === 0 ? '' : `, ${Math.round(buffersMb)} in buffers`}`,
  )
  const cost = votes === 0 ? '' : `; ${((cpuMs(pid) - startMs) / votes).toFixed(3)} ms of processor time a vote`
  const where = `anonymous ${anonymous}, files ${files}, at most ${most} so far; heaps: ${heaps.join('; ')}${cost}`
  const name = votes === 0 ? 'memory of the node beside CometBFT, after start' : `the same after ${votes} votes`
  const line = result(name, resident, 'MB', where)
  console.error(`memory: ${line.name}: ${line.ours} MB · ${where}`)
  return line
}

/** @see proc(5), of `status` */
function statusMb(pid: number, name: string): number {
  const [, kib] = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Math.round(Number(kib) / 1024)
}

async function heapsOf(pid: number, file: string): Promise<readonly ThreadHeap[]> {
  rmSync(file, { force: true })
  process.kill(pid, 'SIGUSR2')
  let heaps: readonly ThreadHeap[] = []
  await until('heaps of the threads', async () => {
    try {
      heaps = JSON.parse(readFileSync(file, 'utf8')) as ThreadHeap[]
    } catch {
      return false
    }
    return true
  })
  return heaps
}

const [state, votes] = process.argv.slice(2)
if (import.meta.main && state !== undefined) {
  const folder = mkdtempSync(join(tmpdir(), 'icn-bench-memory-'))
  try {
    await measure(folder, state, votes === undefined ? undefined : Number(votes))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
