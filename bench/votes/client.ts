/**
 * The load generator, a process of its own: `node bench/votes/client.ts JSON`. Signs before it measures, sends as real
 * clients do, and prints one JSON line.
 */
import { encodeCanonical } from '@icn/crypto'
import { signTransaction } from '@icn/protocol'
import { openPool } from './connection.ts'
import { benchKey } from './keys.ts'

export interface Load {
  readonly url: string
  readonly chainId: string
  readonly proposal: string
  readonly mode: 'single' | 'batch' | 'latency'
  /** Voters `first` to `first + votes - 1` cast one ballot each with this sequence. */
  readonly first: number
  readonly votes: number
  readonly sequence: number
  readonly expiryHeight: number
  readonly connections: number
  readonly batch: number
  /** For `latency`: requests offered in a second. */
  readonly perSecond: number
}

export interface LoadResult {
  readonly acknowledged: number
  readonly refused: number
  readonly firstRefusal: string
  readonly seconds: number
  readonly p50Ms: number
  readonly p99Ms: number
}

const [argument] = process.argv.slice(2)
if (import.meta.main && argument !== undefined) {
  const load = JSON.parse(argument) as Load
  console.log(
    JSON.stringify(
      await run(
        load,
        Array.from({ length: load.votes }, (_, index) => vote(load, index)),
      ),
    ),
  )
}

function vote({ chainId, proposal, first, sequence, expiryHeight }: Load, index: number): Uint8Array {
  const { seed, did, keyId } = benchKey(first + index)
  const ballot = index % 3 === 0 ? 'no' : 'yes'
  const body = { kind: 'vote.cast', proposal, ballot, reason: '' } as const
  return signTransaction({ chainId, signer: did, keyId, sequence, expiryHeight, body }, seed)
}

async function run(load: Load, votes: readonly Uint8Array[]): Promise<LoadResult> {
  const pool = await openPool(new URL(load.url), load.connections)
  const latencies: number[] = []
  let refused = 0
  let firstRefusal = ''
  const path = load.mode === 'batch' ? '/v1/transactions/batch' : '/v1/transactions'

  async function send(body: Uint8Array, count: number): Promise<void> {
    const startMs = performance.now()
    const answer = await pool.post(path, body)
    const good = count === 1 ? Number(answer.status === 200) : (answer.body.match(/"status":"committed"/g) ?? []).length
    if (good < count) {
      refused += count - good
      firstRefusal ||= answer.body.slice(0, 300)
    }
    latencies.push(performance.now() - startMs)
  }

  const startMs = performance.now()
  if (load.mode === 'latency') await offer(votes, load.perSecond, (bytes) => send(bytes, 1))
  else {
    const parts = load.mode === 'single' ? votes.map((bytes) => [bytes]) : inBatches(votes, load.batch)
    const bodies = parts.map((part) => ({
      count: part.length,
      bytes: load.mode === 'single' ? part[0] : encodeCanonical(part),
    }))
    const next = bodies[Symbol.iterator]()
    const worker = async () => {
      for (const { bytes, count } of { [Symbol.iterator]: () => next })
        if (bytes !== undefined) await send(bytes, count)
    }
    await Promise.all(Array.from({ length: load.connections }, worker))
  }
  const seconds = (performance.now() - startMs) / 1000
  pool.close()
  latencies.sort((a, b) => a - b)
  const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? 0
  return { acknowledged: votes.length - refused, refused, firstRefusal, seconds, p50Ms: at(0.5), p99Ms: at(0.99) }
}

/** Open loop: the next request goes out on time whether or not the last was answered. */
async function offer(
  votes: readonly Uint8Array[],
  perSecond: number,
  send: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  const startMs = performance.now()
  const sent: Promise<void>[] = []
  for (const [index, bytes] of votes.entries()) {
    const waitMs = startMs + (index * 1000) / perSecond - performance.now()
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
    sent.push(send(bytes))
  }
  await Promise.all(sent)
}

function inBatches(votes: readonly Uint8Array[], size: number): Uint8Array[][] {
  return Array.from({ length: Math.ceil(votes.length / size) }, (_, index) =>
    votes.slice(index * size, (index + 1) * size),
  )
}
