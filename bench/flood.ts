/** What four validators do while far more comes in at once than they commit in that time; the part of `network` by itself. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { openArena } from './network/arena.ts'
import type { Inside } from './network/inside.ts'
import { flood } from './network/scenes.ts'
import { makeState } from './network/state.ts'
import { type BenchOptions, type BenchResult, result } from './result.ts'

const FLOOD = 20_000
const ROUNDS = 3
const VOTERS = 80_000
const VALIDATORS = 4

export async function run({ profile }: BenchOptions): Promise<readonly BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'icn-bench-flood-'))
  try {
    console.error(`flood: preparing a cooperative of ${VOTERS} members`)
    const state = await makeState(folder, VOTERS, VOTERS)
    const env = { NODE_OPTIONS: `--import=${pathToFileURL('bench/network/inside.ts')}`, BENCH_INSIDE: folder }
    const home = join(folder, 'four')
    const arena = await openArena({ folder: home, state, validators: VALIDATORS, voters: VOTERS, env, profile })
    const rounds: BenchResult[] = []
    try {
      for (let round = 1; round <= ROUNDS; round++) {
        const scene = await flood(arena, FLOOD)
        console.error(`flood: round ${round}: ${scene.map(({ name, ours }) => `${name.slice(7)} ${ours}`).join(', ')}`)
        rounds.push(...scene)
      }
    } finally {
      await arena.network.stop()
    }
    return [...rounds, ...insideOf(folder)]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What the nodes saw of it, all rounds together. */
function insideOf(folder: string): BenchResult[] {
  const names = readdirSync(folder).filter((name) => name.startsWith('inside-'))
  const all = names.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Inside)
  const p99 = (part: 'readMs' | 'answeredMs' | 'refusedMs') => {
    const values = all.flatMap((inside) => inside[part]).sort((a, b) => a - b)
    return values[Math.floor(values.length * 0.99)] ?? 0
  }
  const most = (part: 'longestMs' | 'longestWorkMs') => Math.max(...all.map((inside) => inside[part]))
  const where = `inside ${all.length} nodes, ${ROUNDS} rounds, requests of 500`
  return [
    result('inside: headers to last byte of the body, p99', p99('readMs'), 'ms', where),
    result('inside: last byte to answer, p99', p99('answeredMs'), 'ms', where),
    result('inside: headers to a refusal, p99', p99('refusedMs'), 'ms', where),
    result('inside: main thread away at a time, most', most('longestMs'), 'ms', where),
    result('inside: its own work at a time, most', most('longestWorkMs'), 'ms', where),
  ]
}
