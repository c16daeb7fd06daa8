import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { type BenchResult, result } from '../result.ts'
import type { Load, LoadResult } from '../votes/client.ts'
import { sodiumPerSecond } from '../votes/references.ts'
import type { Arena } from './arena.ts'

const VOTES = 24_000
const ROUNDS = 4

/** One validator, asked as a node alone is in `bench/votes`: each answer brings the next request. */
export async function closedLoop(arena: Arena): Promise<BenchResult[]> {
  const verified = { name: 'libsodium verification alone, one core', value: sodiumPerSecond() }
  const single = await rounds(arena, 'single', 64)
  const batch = await rounds(arena, 'batch', 8)
  const where = '1 validator with CometBFT, acknowledged in a synced block, load generator on the same cores'
  return [
    result('votes, one a request, 1 validator', single, 'votes/s', `64 keep-alive connections, ${where}`, verified),
    result('votes, in batches, 1 validator', batch, 'votes/s', `8 connections, 500 a request, ${where}`, verified),
  ]
}

/** Median of three rounds after one to warm up. */
async function rounds(arena: Arena, mode: Load['mode'], connections: number): Promise<number> {
  const rates: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const { acknowledged, seconds } = await load(arena, mode, connections)
    if (round > 0) rates.push(acknowledged / seconds)
    console.error(`network: 1 validator, ${mode} round ${round}: ${Math.round(acknowledged / seconds)}/s`)
  }
  return rates.sort((a, b) => a - b)[Math.floor(rates.length / 2)] ?? 0
}

async function load(arena: Arena, mode: Load['mode'], connections: number): Promise<LoadResult> {
  const { chainId, proposal, expiryHeight, network } = arena
  const first = arena.take(VOTES)
  const pace = { connections, batch: 500, perSecond: 0 }
  const url = network.nodes[0]?.url() ?? ''
  const order: Load = { url, chainId, proposal, mode, first, votes: VOTES, sequence: 1, expiryHeight, ...pace }
  const { stdout } = await promisify(execFile)(process.execPath, ['bench/votes/client.ts', JSON.stringify(order)])
  const answer = JSON.parse(stdout) as LoadResult
  if (answer.refused > 0) throw new Error(`${answer.refused} of ${VOTES} votes were refused: ${answer.firstRefusal}`)
  return answer
}
