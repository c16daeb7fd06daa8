/**
 * The load generator, a process of its own: `node bench/network/client.ts JSON`. Makes all transactions before it measures,
 * offers them on time whether or not the last ones were answered, and prints one JSON line.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { signTransaction } from '@icn/protocol'
import { benchKey } from '../votes/keys.ts'
import { openSender, type Packed, type Sender } from './senders.ts'

export interface Load {
  readonly target: 'icn' | 'kvstore'
  /** Each takes an equal part. */
  readonly urls: readonly string[]
  /** Offered in a second, over all of them. */
  readonly perSecond: number
  readonly count: number
  /** What is due is sent this often, one request for each address. */
  readonly tickMs: number
  readonly wait: 'committed' | 'accepted'
  readonly connections: number
  /** Most transactions in one request. */
  readonly batch: number
  /** For `icn`: voters `first` to `first + count - 1` cast one ballot each, their first one. */
  readonly chainId: string
  readonly proposal: string
  readonly first: number
  readonly expiryHeight: number
  /** For `kvstore`: bytes of a transaction. */
  readonly bytes: number
}

export interface LoadResult {
  /** When the first one was sent, milliseconds since 1970. */
  readonly startMs: number
  readonly seconds: number
  readonly good: number
  readonly refused: number
  readonly firstRefusal: string
  readonly p50Ms: number
  readonly p99Ms: number
  /** Of requests in which something was refused: how long until they were answered; 0 where there is none. */
  readonly refusalP99Ms: number
  /** The longest time for which this process did not come to read answers: refusals may be so much older than they look. */
  readonly busiestMs: number
  readonly bytes: number
}

const [argument] = process.argv.slice(2)
if (import.meta.main && argument !== undefined) {
  const load = JSON.parse(argument) as Load
  const transactions = Array.from({ length: load.count }, (_, index) =>
    load.target === 'icn' ? vote(load, index) : pair(load, index),
  )
  console.log(JSON.stringify(await run(load, transactions)))
}

function vote({ chainId, proposal, first, expiryHeight }: Load, index: number): Uint8Array {
  const { seed, did, keyId } = benchKey(first + index)
  const ballot = index % 3 === 0 ? 'no' : 'yes'
  const body = { kind: 'vote.cast', proposal, ballot, reason: '' } as const
  return signTransaction({ chainId, signer: did, keyId, sequence: 1, expiryHeight, body }, seed)
}

/** What CometBFT's kvstore takes: `key=value`, another key every time. */
function pair({ first, bytes }: Load, index: number): Uint8Array {
  return new TextEncoder().encode(`${first + index}=`.padEnd(bytes, 'v'))
}

async function run(load: Load, transactions: readonly Uint8Array[]): Promise<LoadResult> {
  const { perSecond, tickMs, urls, batch } = load
  const senders = urls.map((url) => openSender(load.target, url, load.wait, load.connections))
  const latencies: number[] = []
  const refusals: number[] = []
  let refused = 0
  let firstRefusal = ''

  async function send(sender: Sender, packed: Packed): Promise<void> {
    const sentMs = performance.now()
    const answer = await sender.send(packed)
    const tookMs = performance.now() - sentMs
    for (let index = 0; index < answer.good; index++) latencies.push(tookMs)
    if (answer.good === packed.count) return
    refused += packed.count - answer.good
    refusals.push(tookMs)
    const at = Math.max(0, answer.text.indexOf('"refused"'))
    firstRefusal ||= answer.text.slice(at, at + 300)
  }

  const delay = monitorEventLoopDelay({ resolution: 5 })
  const startMs = Date.now()
  const started = performance.now()
  const under: Promise<void>[] = []
  for (let sent = 0; sent < transactions.length; ) {
    const due = Math.min(transactions.length, Math.ceil(((performance.now() - started) / 1000) * perSecond))
    const packed: [Sender, Packed][] = []
    for (const [place, sender] of senders.entries()) {
      const own = transactions.slice(sent, due).filter((_, index) => (sent + index) % senders.length === place)
      for (let at = 0; at < own.length; at += batch) packed.push([sender, sender.pack(own.slice(at, at + batch))])
    }
    // Whoever offers much at once makes all of it before the first is sent.
    for (const [sender, one] of packed) under.push(send(sender, one))
    sent = due
    delay.enable()
    if (sent < transactions.length) await new Promise((resolve) => setTimeout(resolve, tickMs))
  }
  await Promise.all(under)
  const seconds = (performance.now() - started) / 1000
  for (const sender of senders) sender.close()
  const good = transactions.length - refused
  const times = { p50Ms: at(latencies, 0.5), p99Ms: at(latencies, 0.99), refusalP99Ms: at(refusals, 0.99) }
  const busiestMs = delay.max / 1e6
  return { startMs, seconds, good, refused, firstRefusal, ...times, busiestMs, bytes: transactions[0]?.length ?? 0 }
}

function at(values: number[], share: number): number {
  values.sort((a, b) => a - b)
  return values[Math.floor(values.length * share)] ?? 0
}
