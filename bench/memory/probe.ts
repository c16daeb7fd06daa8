/**
 * Loaded into a node before anything else (`NODE_OPTIONS=--import …`): on SIGUSR2 it writes what each thread's heap holds
 * into the file that `HEAPS_FILE` names. Threads that other threads start are not among them.
 */
import { renameSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { basename } from 'node:path'
import threads from 'node:worker_threads'

export interface ThreadHeap {
  readonly name: string
  /** What V8 holds of the system for it, and what of that is in use. */
  readonly heapMb: number
  readonly usedMb: number
  /** Array buffers outside of the heap; known of the main thread alone. */
  readonly buffersMb: number
}

const MB = 1_048_576
const file = process.env.HEAPS_FILE
const workers = new Map<threads.Worker, string>()

if (threads.isMainThread && file !== undefined) {
  threads.Worker = class extends threads.Worker {
    constructor(...[script, options]: ConstructorParameters<typeof threads.Worker>) {
      super(script, options)
      workers.set(this, basename(String(script), '.ts'))
      this.once('exit', () => workers.delete(this))
    }
  }
  syncBuiltinESMExports()
  process.on('SIGUSR2', () => void write(file))
}

/** Under another name first: whoever waits for the file finds it whole. */
async function write(path: string): Promise<void> {
  const { heapTotal, heapUsed, arrayBuffers } = process.memoryUsage()
  const main = { name: 'main', heapMb: heapTotal / MB, usedMb: heapUsed / MB, buffersMb: arrayBuffers / MB }
  const others = await Promise.all(Array.from(workers, ([worker, name]) => heapOf(worker, name)))
  writeFileSync(`${path}.new`, JSON.stringify([main, ...others]))
  renameSync(`${path}.new`, path)
}

async function heapOf(worker: threads.Worker, name: string): Promise<ThreadHeap> {
  const heap = await worker.getHeapStatistics()
  return { name, heapMb: heap.total_heap_size / MB, usedMb: heap.used_heap_size / MB, buffersMb: 0 }
}
