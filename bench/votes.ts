/** Signed votes through a real node process over HTTP, with the load generator in a process of its own on the same cores. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { signTransaction } from '@icn/protocol'
import { type BenchResult, result } from './result.ts'
import type { Load, LoadResult } from './votes/client.ts'
import { ORG } from './votes/fixture.ts'
import { benchKey } from './votes/keys.ts'
import { type NodeProcess, startNodeProcess } from './votes/node-process.ts'
import { castVotePerSecond, sodiumPerSecond, upsertsPerSecond } from './votes/references.ts'

const run_ = promisify(execFile)
const VOTERS = 24_000
const HOUR_MS = 3_600_000

/** A node on a fixture, with a proposal whose voting is open. */
interface Arena {
  readonly node: NodeProcess
  readonly proposal: string
  readonly expiryHeight: number
  readonly chainId: string
  /** Each round of votes is every voter's next transaction. */
  sequence: number
}

export async function run(): Promise<readonly BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'icn-bench-'))
  try {
    const sodium = sodiumPerSecond()
    const small = await open(folder, 1_000)
    const large = await open(folder, 1_000_000)
    const results = [
      ...(await throughput(large, sodium)),
      ...(await latency(large)),
      await rollCost(small, large),
      ...(await processFigures(folder, large)),
    ]
    await Promise.all([small.node.stop(), large.node.stop()])
    return results
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function open(folder: string, members: number): Promise<Arena> {
  console.error(`votes: preparing a cooperative of ${members} members`)
  const home = homeOf(folder, members)
  await run_(process.execPath, ['bench/votes/fixture.ts', home, String(members), String(Math.min(members, VOTERS))])
  const node = await startNodeProcess(home)
  const { network: chainId, height } = (await getJson(`${node.url}/v1/network`)) as { network: string; height: number }
  const { did, keyId, seed } = benchKey(0)
  const expiryHeight = height + 90_000
  const fixed = { discussionMs: null, amends: null, seats: 1, maxScore: 0, budgetMinor: 0, options: [], actions: [] }
  const words = { type: 'standard', title: 'Bench', text: '', method: 'yes-no' } as const
  const body = { kind: 'proposal.new', org: ORG, ...words, ...fixed, votingMs: 24 * HOUR_MS } as const
  const tx = signTransaction({ chainId, signer: did, keyId, sequence: 1, expiryHeight, body }, seed)
  const answer = await fetch(`${node.url}/v1/transactions`, { method: 'POST', body: new Uint8Array(tx) })
  const { result } = (await answer.json()) as { result: { proposal: string } }
  return { node, proposal: result.proposal, expiryHeight, chainId, sequence: 1 }
}

/** Every voter but the author votes once a round; the author's sequence is one ahead. */
async function load(
  arena: Arena,
  mode: Load['mode'],
  votes: number,
  settings: Partial<Load> = {},
): Promise<LoadResult> {
  const { node, proposal, expiryHeight, chainId, sequence } = arena
  const fixed = { connections: 64, batch: 500, perSecond: 500 }
  const order: Load = {
    url: node.url,
    chainId,
    proposal,
    mode,
    first: 1,
    votes,
    sequence,
    expiryHeight,
    ...fixed,
    ...settings,
  }
  const { stdout } = await run_(process.execPath, ['bench/votes/client.ts', JSON.stringify(order)])
  const answer = JSON.parse(stdout) as LoadResult
  if (answer.refused > 0) throw new Error(`${answer.refused} of ${votes} votes were refused: ${answer.firstRefusal}`)
  return answer
}

async function throughput(arena: Arena, sodium: number): Promise<BenchResult[]> {
  const single = await rounds(arena, 'single', 64)
  const batch = await rounds(arena, 'batch', 8)
  const verified = { name: 'libsodium verification alone, one core', value: sodium }
  const where = 'roll of 1,000,000, acknowledged in a synced block, solo, load generator on the same cores'
  const results = [
    result('votes, one a request', single, 'votes/s', `64 keep-alive connections, ${where}`, verified),
    result('votes, in batches', batch, 'votes/s', `8 connections, 500 a request, ${where}`, verified),
  ]
  const upserts = { name: 'SQLite upserts alone, unsigned, synced each 500', value: upsertsPerSecond() }
  results.push(result('votes, in batches, against upserts', batch, 'votes/s', where, upserts))
  const hardhat = await castVotePerSecond()
  if (hardhat === undefined) console.error('votes: no Hardhat reference (npm ci in bench/references/hardhat brings it)')
  else
    results.push(
      result('votes, one a request, against Governor', single, 'votes/s', where, {
        name: 'OpenZeppelin castVote on Hardhat',
        value: hardhat,
      }),
    )
  return results
}

/** Median of three rounds after one to warm up. */
async function rounds(arena: Arena, mode: Load['mode'], connections: number): Promise<number> {
  const rates: number[] = []
  for (let round = 0; round < 4; round++) {
    const { acknowledged, seconds } = await load(arena, mode, VOTERS - 1, { connections })
    arena.sequence++
    if (round > 0) rates.push(acknowledged / seconds)
    console.error(`votes: ${mode} round ${round}: ${Math.round(acknowledged / seconds)}/s`)
  }
  return median(rates)
}

async function latency(arena: Arena): Promise<BenchResult[]> {
  const { p50Ms, p99Ms } = await load(arena, 'latency', 5_000)
  arena.sequence++
  const where = '500/s offered for 10 s (open loop), submit to acknowledged'
  return [result('latency p50', p50Ms, 'ms', where), result('latency p99', p99Ms, 'ms', where)]
}

/** Processor time of the node for a vote, in turns on both rolls, so that noise of the machine meets both. */
async function rollCost(small: Arena, large: Arena): Promise<BenchResult> {
  const costs = new Map<Arena, number[]>([
    [small, []],
    [large, []],
  ])
  for (let round = 0; round < 12; round++) {
    for (const [arena, figures] of costs) {
      const before = arena.node.cpuMs()
      await load(arena, 'batch', 999, { connections: 1, batch: 333 })
      arena.sequence++
      if (round > 1) figures.push((arena.node.cpuMs() - before) / 999)
    }
  }
  const [few = 1, many = 1] = [...costs.values()].map(median)
  const reference = { name: 'the same with a roll of 1,000', value: few }
  return result(
    'cost of a vote, roll of 1,000,000',
    many,
    'ms of processor',
    'batches of 333, 999 votes in turns',
    reference,
  )
}

async function processFigures(folder: string, large: Arena): Promise<BenchResult[]> {
  const resident = large.node.residentMb()
  await large.node.stop()
  const again = await startNodeProcess(homeOf(folder, 1_000_000))
  const fresh = again.residentMb()
  await again.stop()
  const empty = await startNodeProcess(join(folder, 'empty'))
  const results = [
    result('1,000,000 members: start to ready', again.readyMs, 'ms', 'warm file cache'),
    result('1,000,000 members: resident after start', fresh, 'MB', 'VmRSS'),
    result('1,000,000 members: resident after the votes', resident, 'MB', 'VmRSS'),
    result('empty node: start to ready', empty.readyMs, 'ms', 'first start included'),
    result('empty node: resident', empty.residentMb(), 'MB', 'VmRSS'),
  ]
  await empty.stop()
  return results
}

function homeOf(folder: string, members: number): string {
  return join(folder, `members-${members}`)
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

async function getJson(url: string): Promise<unknown> {
  return (await fetch(url)).json()
}
