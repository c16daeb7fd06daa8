import { Worker } from 'node:worker_threads'
import type { VerifyItem } from './verify-batch.ts'
import { type Batch, createVerifyQueue, type VerifyQueue } from './verify-queue.ts'

export type { VerifyItem } from './verify-batch.ts'

export interface VerifyPool {
  /**
   * Checks signatures by the rule of `verifyStrict`, in worker threads. Calls of one turn of the event loop travel
   * together; under load whatever waits goes into the next batch.
   *
   * @param items - must not change until the answer comes
   * @returns verdicts in the order of `items`; `false` for anything malformed
   * @throws VerifyPoolError (rejection): `BUSY` when too much waits already, `CLOSED`, `WORKER_FAILED`
   */
  readonly verify: (items: readonly VerifyItem[]) => Promise<boolean[]>
  /** Refuses new calls, answers those that wait, then ends the threads. May be called again. */
  readonly close: () => Promise<void>
}

export interface VerifyPoolOptions {
  /** 1 to 16, default 1: on two cores the other one executes blocks and answers requests. */
  readonly threads?: number
  /** A call is refused as BUSY when this many signatures wait already; default 16,384, about a second of work. */
  readonly maxWaitingItems?: number
  /** The same in bytes; default 64 MiB. */
  readonly maxWaitingBytes?: number
}

export class VerifyPoolError extends Error {
  override readonly name = 'VerifyPoolError'
  readonly code: 'BUSY' | 'CLOSED' | 'WORKER_FAILED'

  constructor(code: VerifyPoolError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** PERF: 256 items are 16 ms of work: large enough that a message's cost vanishes, small enough that nobody waits long. */
const BATCH_ITEMS = 256
const BATCH_BYTES = 1_048_576
/** PERF: a second batch waits at the thread, so that it is never idle between batches. */
const BATCHES_AHEAD = 2

interface Thread {
  readonly worker: Worker
  /** Batches at this thread, in the order in which it will answer. */
  readonly sent: Batch[]
}

interface Pool {
  readonly queue: VerifyQueue
  readonly threads: Thread[]
  readonly maxWaitingItems: number
  readonly maxWaitingBytes: number
  flushing: boolean
  closed: VerifyPoolError | undefined
  closing: Promise<void> | undefined
  /** Called when nothing waits and nothing is at a thread. */
  idle: (() => void) | undefined
}

/**
 * Starts worker threads with libsodium. They keep the process alive only while a call waits.
 *
 * @throws RangeError for a number of threads outside 1 to 16
 */
export function createVerifyPool(options: VerifyPoolOptions = {}): VerifyPool {
  const { threads = 1, maxWaitingItems = 16_384, maxWaitingBytes = 64 * 1_048_576 } = options
  if (!(Number.isInteger(threads) && threads >= 1 && threads <= 16))
    throw new RangeError(`1 to 16 threads, got ${threads}`)
  const pool: Pool = {
    queue: createVerifyQueue(),
    threads: [],
    maxWaitingItems,
    maxWaitingBytes,
    flushing: false,
    closed: undefined,
    closing: undefined,
    idle: undefined,
  }
  for (let i = 0; i < threads; i++) pool.threads.push(startThread(pool))
  return { verify: (items) => verify(pool, items), close: () => (pool.closing ??= close(pool)) }
}

function verify(pool: Pool, items: readonly VerifyItem[]): Promise<boolean[]> {
  if (pool.closed !== undefined) return Promise.reject(pool.closed)
  const waiting = pool.queue.waiting()
  if (waiting.items >= pool.maxWaitingItems || waiting.bytes >= pool.maxWaitingBytes) {
    return Promise.reject(new VerifyPoolError('BUSY', `${waiting.items} signatures wait already`))
  }
  const verdicts = pool.queue.add(items)
  if (!pool.flushing) {
    pool.flushing = true
    // After this turn's arrivals: each batch wakes the thread, which costs a good part of what verifying a signature does.
    setImmediate(() => flush(pool))
  }
  return verdicts
}

function flush(pool: Pool): void {
  pool.flushing = false
  for (let ahead = 1; ahead <= BATCHES_AHEAD; ahead++) {
    for (const thread of pool.threads) if (thread.sent.length < ahead) send(pool, thread)
  }
  if (isIdle(pool)) pool.idle?.()
}

function send(pool: Pool, thread: Thread): void {
  const batch = pool.queue.take(BATCH_ITEMS, BATCH_BYTES)
  if (batch === undefined) return
  if (thread.sent.length === 0) thread.worker.ref()
  thread.sent.push(batch)
  thread.worker.postMessage(batch.buffer, [batch.buffer])
}

function startThread(pool: Pool): Thread {
  const worker = new Worker(new URL('./verify-worker.ts', import.meta.url))
  const thread: Thread = { worker, sent: [] }
  worker.on('message', (buffer: ArrayBuffer) => receive(pool, thread, new Uint8Array(buffer)))
  // After the listener: adding one takes an `unref` back.
  worker.unref()
  worker.on('error', (cause) => fail(pool, cause))
  worker.on('exit', (code) => {
    if (pool.closed === undefined) fail(pool, new Error(`the thread ended with ${code}`))
  })
  return thread
}

function receive(pool: Pool, thread: Thread, verdicts: Uint8Array): void {
  const batch = thread.sent.shift()
  if (batch === undefined) return
  send(pool, thread)
  pool.queue.settle(batch, verdicts)
  if (thread.sent.length === 0) thread.worker.unref()
  if (isIdle(pool)) pool.idle?.()
}

function isIdle(pool: Pool): boolean {
  return pool.queue.waiting().items === 0 && pool.threads.every((thread) => thread.sent.length === 0)
}

/** A thread that ends by itself takes the pool with it: who verifies nothing must accept nothing. */
function fail(pool: Pool, cause: unknown): void {
  pool.closed = new VerifyPoolError('WORKER_FAILED', 'a verification thread failed', { cause })
  const batches = pool.threads.flatMap((thread) => thread.sent.splice(0))
  pool.queue.fail(batches, pool.closed)
  for (const { worker } of pool.threads) void worker.terminate()
  pool.idle?.()
}

async function close(pool: Pool): Promise<void> {
  pool.closed ??= new VerifyPoolError('CLOSED', 'the verification pool is closed')
  if (!isIdle(pool)) await new Promise<void>((resolve) => (pool.idle = resolve))
  await Promise.all(pool.threads.map(({ worker }) => worker.terminate()))
}
