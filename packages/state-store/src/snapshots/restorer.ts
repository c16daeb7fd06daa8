import { type ModuleTables, SnapshotError } from '@icn/state-machine/kernel'
import { startThread } from '../thread.ts'
import type { Pool } from '../tree/pool.ts'
import { type Tree, treeOn } from '../tree/tree.ts'
import type { Manifest } from './manifest.ts'

export interface RestoreThreadData {
  readonly file: string
  readonly modules: readonly ModuleTables[]
  readonly manifest: Manifest
}

export type RestoreOrder = { readonly index: number; readonly bytes: Uint8Array } | 'finish' | 'discard'

export type RestoreAnswer =
  | { readonly index: number; readonly isChunk: boolean }
  | { readonly pools: ReadonlyMap<string, Pool> }
  | { readonly failed: string; readonly isSnapshot: boolean }

/** A database that is being built of chunks, in a thread of its own. After a rejection only `discard` is of use. */
export interface Restorer {
  /**
   * Resolves when the bytes are verified, while they are still being inserted; what fails there rejects the next call.
   *
   * @returns whether they are this chunk
   * @throws SnapshotError where the snapshot is to blame, and whatever the machine has to say
   */
  take(index: number, bytes: Uint8Array): Promise<boolean>
  /** The file is whole, verified and on the disk. */
  finish(): Promise<ReadonlyMap<string, Tree>>
  /** Ends the thread; the file is gone. */
  discard(): Promise<void>
}

export function startRestoring(data: RestoreThreadData): Restorer {
  const worker = startThread(new URL('./restore-thread.ts', import.meta.url), data)
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  let failure: Error | undefined
  let waiting: PromiseWithResolvers<Exclude<RestoreAnswer, { failed: string }>> | undefined
  worker.on('message', (answer: RestoreAnswer) => {
    if ('failed' in answer) fail(answer.isSnapshot ? new SnapshotError(answer.failed) : new Error(answer.failed))
    else settle((own) => own.resolve(answer))
  })
  worker.on('error', fail)
  worker.on('exit', () => fail(new Error('the restoring thread has ended')))
  // The thread keeps the process alive only while somebody waits for it. After the listeners, which take an `unref` back.
  worker.unref()

  function settle(work: (own: NonNullable<typeof waiting>) => void): void {
    const own = waiting
    waiting = undefined
    worker.unref()
    if (own !== undefined) work(own)
  }

  function fail(error: unknown): void {
    failure ??= error as Error
    settle((own) => own.reject(failure))
  }

  function tell(order: RestoreOrder): Promise<Exclude<RestoreAnswer, { failed: string }>> {
    if (failure !== undefined) return Promise.reject(failure)
    waiting = Promise.withResolvers()
    worker.postMessage(order)
    worker.ref()
    return waiting.promise
  }

  return {
    take: async (index, bytes) => {
      const answer = await tell({ index, bytes })
      return 'isChunk' in answer && answer.isChunk
    },
    finish: async () => {
      const answer = await tell('finish')
      return new Map('pools' in answer ? Array.from(answer.pools, ([name, pool]) => [name, treeOn(pool)]) : [])
    },
    discard: async () => {
      worker.postMessage('discard')
      worker.ref()
      await ended
    },
  }
}
