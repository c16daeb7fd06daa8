/**
 * Signed votes through networks of real nodes with real CometBFT processes, the load generator in a process of its own on
 * the same cores; CometBFT's own key-value store in the same run for comparison.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Arena, openArena } from './network/arena.ts'
import { closedLoop } from './network/closed-loop.ts'
import { startKvStore } from './network/kvstore.ts'
import { type Offered, steady } from './network/load.ts'
import { flood, idle, latency, rejoin } from './network/scenes.ts'
import { makeState } from './network/state.ts'
import { type BenchOptions, type BenchResult, result } from './result.ts'

const VALIDATORS = 4
/** Each votes once in all that four validators are asked. */
const VOTERS = 600_000
const STEADY_SECONDS = 60
const FLOOD = 20_000

export async function run({ profile }: BenchOptions): Promise<readonly BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'icn-bench-'))
  try {
    console.error(`network: preparing a cooperative of ${VOTERS} members`)
    const state = await makeState(folder, VOTERS, VOTERS)
    return [...(await fourValidators(folder, state, profile)), ...(await oneValidator(folder, state, profile))]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function fourValidators(folder: string, state: string, profile: string | undefined): Promise<BenchResult[]> {
  const home = join(folder, 'four')
  const arena = await openArena({ folder: home, state, validators: VALIDATORS, voters: VOTERS, profile })
  try {
    const calm = told(await latency(arena))
    const votes = await steady('votes, 4 validators', arena, 300, STEADY_SECONDS)
    const scenes = [told(await flood(arena, FLOOD)), told([await rejoin(arena)]), told(await idle(arena))]
    await arena.network.stop()
    return [...(await againstKvStore(folder, votes)), ...calm, ...scenes.flat()]
  } finally {
    await arena.network.stop()
  }
}

/** As soon as it is known: what comes later may fail. */
function told(results: readonly BenchResult[]): readonly BenchResult[] {
  for (const { name, ours, unit } of results) console.error(`network: ${name}: ${ours} ${unit}`)
  return results
}

/** After our network has stopped: each has the machine for itself. */
async function againstKvStore(folder: string, votes: Offered): Promise<BenchResult[]> {
  const { load, committedPerSecond, perSecond } = votes
  const kvStore = await startKvStore(folder, VALIDATORS, load.bytes)
  try {
    const pairs = await steady('kvstore, 4 validators', kvStore, 2_000, STEADY_SECONDS)
    const reference = { name: "CometBFT's kvstore, 4 validators, same size, unsigned", value: pairs.committedPerSecond }
    const where = `steady for ${STEADY_SECONDS} s, counted in blocks, ${perSecond}/s offered in batches to all four nodes, p50 ${Math.round(load.p50Ms)} ms, p99 ${Math.round(load.p99Ms)} ms`
    return [result('signed votes, 4 validators', committedPerSecond, 'votes/s', where, reference)]
  } finally {
    await kvStore.stop()
  }
}

async function oneValidator(folder: string, state: string, profile: string | undefined): Promise<BenchResult[]> {
  const arena: Arena = await openArena({
    folder: join(folder, 'one'),
    state,
    validators: 1,
    voters: VOTERS,
    profile,
  })
  try {
    return await closedLoop(arena)
  } finally {
    await arena.network.stop()
  }
}
