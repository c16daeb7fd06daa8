import { statSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import type { MessagePort } from 'node:worker_threads'
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads'
import type { ModuleTables } from '@icn/state-machine/kernel'
import { startThread } from '../thread.ts'
import { loadPool } from '../tree/load.ts'
import type { Pool } from '../tree/pool.ts'
import { type Tree, treeOn } from '../tree/tree.ts'
import { accessTable, type TableAccess } from './table-access.ts'

/** What the thread is told, and where it answers. */
export interface LoadThreadData {
  readonly file: string
  readonly modules: readonly ModuleTables[]
  readonly turns: Turns
  readonly port: MessagePort
}

export type LoadThreadAnswer =
  | { readonly module: string; readonly pool: Pool }
  | { readonly message: string; readonly errcode: number }

/** Shared by both threads: how many modules are taken, and whether the other thread has ended. */
export type Turns = Int32Array<SharedArrayBuffer>
const TAKEN = 0
const ENDED = 1

/** A file so small is read by one thread before another has started. */
const SMALL_BYTES = 64 * 1_048_576
/** Whoever waits without end for a thread that could not even start says nothing to the operator. */
const LONGEST_MS = 600_000

/**
 * The trees of all modules, of the leaves that stand with their rows. PERF: two threads take one module after the
 * other, so that a node with a million members is ready a second earlier. Waits for both.
 *
 * @param smallBytes - a file smaller than this is read by one thread
 * @throws CorruptData, and whatever SQLite throws
 */
export function loadTrees(
  file: string,
  database: DatabaseSync,
  modules: readonly ModuleTables[],
  smallBytes = SMALL_BYTES,
): ReadonlyMap<string, Tree> {
  const turns: Turns = new Int32Array(new SharedArrayBuffer(8))
  const collect = statSync(file).size < smallBytes ? () => [] : startLoading(file, modules, turns)
  const own = [...loadInTurns(database, modules, turns)]
  return new Map([...own, ...collect()].map(([name, pool]) => [name, treeOn(pool)]))
}

/** Loads each module of which no thread has begun yet. */
export function* loadInTurns(
  database: DatabaseSync,
  modules: readonly ModuleTables[],
  turns: Turns,
): Iterable<[name: string, pool: Pool]> {
  for (let module = modules[take(turns)]; module !== undefined; module = modules[take(turns)]) {
    const accesses = module.tables.map((table) => accessTable(database, table))
    const rows = accesses.reduce((sum, access) => sum + access.countRows(), 0)
    yield [module.name, loadPool(leavesOf(accesses), rows)]
  }
}

function* leavesOf(accesses: readonly TableAccess[]): Iterable<Uint8Array> {
  for (const access of accesses) yield* access.leaves()
}

function take(turns: Turns): number {
  return Atomics.add(turns, TAKEN, 1)
}

/** Answers what waits for the thread's trees. The wait is the whole thread's: nothing else is to be done before. */
function startLoading(
  file: string,
  modules: readonly ModuleTables[],
  turns: Turns,
): () => [name: string, pool: Pool][] {
  const { port1, port2 } = new MessageChannel()
  const workerData: LoadThreadData = { file, modules, turns, port: port2 }
  const worker = startThread(new URL('./load-thread.ts', import.meta.url), workerData, [port2])
  // What fails in the thread is answered through the port.
  worker.on('error', () => {})
  worker.unref()
  return () => {
    if (Atomics.wait(turns, ENDED, 0, LONGEST_MS) === 'timed-out') throw new Error('a thread that loads trees is gone')
    const pools: [string, Pool][] = []
    for (let got = receiveMessageOnPort(port1); got !== undefined; got = receiveMessageOnPort(port1)) {
      const answer = got.message as LoadThreadAnswer
      if ('message' in answer) throw Object.assign(new Error(answer.message), { errcode: answer.errcode })
      pools.push([answer.module, answer.pool])
    }
    port1.close()
    return pools
  }
}

/** To be called by the thread as the last thing. */
export function end(turns: Turns): void {
  Atomics.store(turns, ENDED, 1)
  Atomics.notify(turns, ENDED)
}
