import { type Rpc, RpcError, type RpcResult } from './rpc.ts'

/** Hands transactions to CometBFT in the order in which they are given, many in one request. */
export interface Broadcaster {
  /** Resolves with what CometBFT says: taken for a check, or why not. An unreachable CometBFT is an error like another. */
  send(bytes: Uint8Array): Promise<Broadcast>
  close(): void
}

export type Broadcast = 'taken' | 'known' | 'full' | 'unreachable'

interface Sending {
  readonly bytes: Uint8Array
  readonly answer: (broadcast: Broadcast) => void
}

/** CometBFT takes 16 MiB in a request as configured here; base64 needs four thirds. */
const BATCH_BYTES = 8 * 1024 * 1024
const BATCH_ITEMS = 500
const FULL = ['mempool is full', 'considered as full']

/**
 * PERF: one request is under way at a time, so what comes meanwhile travels together: a request costs CometBFT as much as
 * some ten transactions in one.
 */
export function createBroadcaster(rpc: Rpc): Broadcaster {
  let waiting: Sending[] = []
  let sending = false

  function send(bytes: Uint8Array): Promise<Broadcast> {
    const { promise, resolve } = Promise.withResolvers<Broadcast>()
    waiting.push({ bytes, answer: resolve })
    if (!sending) {
      sending = true
      queueMicrotask(() => void sendAll())
    }
    return promise
  }

  async function sendAll(): Promise<void> {
    while (waiting.length > 0) await sendBatch(takeBatch())
    sending = false
  }

  function takeBatch(): Sending[] {
    let bytes = 0
    const end = waiting.findIndex((item, index) => {
      bytes += item.bytes.length
      return index > 0 && (index >= BATCH_ITEMS || bytes > BATCH_BYTES)
    })
    const batch = end === -1 ? waiting : waiting.slice(0, end)
    waiting = end === -1 ? [] : waiting.slice(end)
    return batch
  }

  async function sendBatch(batch: readonly Sending[]): Promise<void> {
    const calls = batch.map(({ bytes }) => ({ method: 'broadcast_tx_async', params: { tx: base64(bytes) } }))
    // Once more over another connection: the last one may have been closed while it was idle. What had come through is known.
    const once = () => rpc.callAll(calls)
    const results = await once().catch((error) => (isSilent(error) ? undefined : once().catch(() => undefined)))
    for (const [index, { answer }] of batch.entries()) answer(meaningOf(results?.[index]))
  }

  return { send, close: () => rpc.close() }
}

/** One that is there and says nothing would not answer a second time, and whoever comes meanwhile waits for it. */
function isSilent(error: unknown): boolean {
  return error instanceof RpcError && error.code === 'SILENT'
}

/** @see mempool/errors.go of CometBFT 0.38 */
function meaningOf(result: RpcResult | undefined): Broadcast {
  if (result === undefined) return 'unreachable'
  if (result.ok) return 'taken'
  if (result.error.includes('tx already exists in cache')) return 'known'
  return FULL.some((words) => result.error.includes(words)) ? 'full' : 'unreachable'
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')
}
