import type { DatabaseSync } from 'node:sqlite'
import type { Table } from '@icn/state-machine/kernel'
import { startThread } from '../thread.ts'
import { type BlockWriter, createBlockWriter } from './block-writer.ts'
import type { CheckpointThreadData } from './checkpoint.ts'
import { type Gate, letIn } from './gate.ts'
import type { PackedBlock, PackedPlaces, PackedRows } from './packed.ts'

/** The one who writes blocks: a `BlockWriter` in this thread, or one in a thread of its own. */
export interface Writer {
  rows(packed: PackedRows): void
  rollBack(): void
  /** Resolves when the block is synced to the disk. After a rejection nothing more is written. */
  commit(last: LastOfBlock): Promise<void>
  /** Finishes what was given to `commit`. */
  close(): Promise<void>
}

/** What completes a block. */
export interface LastOfBlock {
  readonly rest: PackedRows
  readonly places: PackedPlaces
  readonly block: PackedBlock
  /** For a reader that begins right after this block. */
  readonly gate?: Gate | undefined
}

/** What the thread is told. `rows` has no answer: what fails there is answered at the commit. */
export type WriterOrder =
  | ({ readonly do: 'rows' } & PackedRows)
  | ({ readonly do: 'commit' } & LastOfBlock)
  | { readonly do: 'rollBack' }
  | { readonly do: 'close' }

/** What the thread answers to a commit; `undefined`: done. */
export type WriterFailure = { readonly message: string; readonly errcode: number } | undefined

export interface WriterThreadData extends CheckpointThreadData {
  readonly tables: readonly Table[]
  /** How many of the latest blocks are kept; 0: all. */
  readonly keepBlocks: number
}

/** Writes in this thread, at the commit: it reads on the same connection, which must not see what is not committed. */
export function createInlineWriter(database: DatabaseSync, tables: readonly Table[], keepBlocks: number): Writer {
  const writer = createBlockWriter(database, tables, keepBlocks)
  const staged: PackedRows[] = []
  return {
    rows: (packed) => {
      staged.push(packed)
    },
    rollBack: () => {
      staged.length = 0
    },
    commit: async (last) => {
      for (const rows of staged.splice(0)) writer.rows(rows)
      writeLast(writer, last)
    },
    close: async () => {},
  }
}

/** Writes in a thread of its own, so that the next block is executed while one is synced. It starts at once: that takes as long as a node's start, and the first block must not wait. */
export function createThreadWriter(data: WriterThreadData): Writer {
  const waiting: PromiseWithResolvers<void>[] = []
  let failure: Error | undefined
  const worker = startThread(new URL('./writer-thread.ts', import.meta.url), data)
  worker.on('message', (answer: WriterFailure) => (answer === undefined ? done() : fail(failureOf(answer))))
  worker.on('error', fail)
  worker.on('exit', () => fail(new Error('the writing thread has ended')))
  // The thread keeps the process alive only while somebody waits for it. After the listener, which takes an `unref` back.
  worker.unref()

  function tell(order: WriterOrder): void {
    worker.postMessage(order)
  }

  function done(): void {
    waiting.shift()?.resolve()
    if (waiting.length === 0) worker.unref()
  }

  function fail(error: Error): void {
    failure ??= error
    for (const { reject } of waiting.splice(0)) reject(failure)
  }

  function commit(last: LastOfBlock): Promise<void> {
    if (failure !== undefined) return Promise.reject(failure)
    const answer = Promise.withResolvers<void>()
    waiting.push(answer)
    tell({ do: 'commit', ...last })
    worker.ref()
    return answer.promise
  }

  async function close(): Promise<void> {
    if (failure !== undefined) {
      // It may have ended by itself, and would not say so again.
      await worker.terminate()
      return
    }
    const ended = new Promise((resolve) => worker.once('exit', resolve))
    worker.ref()
    tell({ do: 'close' })
    await ended
  }

  return {
    rows: (packed) => tell({ do: 'rows', ...packed }),
    rollBack: () => tell({ do: 'rollBack' }),
    commit,
    close,
  }
}

export function writeLast(writer: BlockWriter, { rest, places, block, gate }: LastOfBlock): void {
  writer.rows(rest)
  writer.places(places)
  writer.commit(block)
  if (gate !== undefined) letIn(gate)
}

/** SQLite's code goes with the message, since it says whether the file is damaged. */
function failureOf({ message, errcode }: NonNullable<WriterFailure>): Error {
  return Object.assign(new Error(message), { errcode })
}
