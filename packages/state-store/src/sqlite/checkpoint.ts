import type { DatabaseSync } from 'node:sqlite'
import type { Worker } from 'node:worker_threads'
import { startThread } from '../thread.ts'
import { LOG_PAGES } from './connect.ts'

/** Moves the log into the database now and then, while blocks go on being written. */
export interface Checkpoints {
  /** To be called after every block, outside a transaction. */
  afterBlock(): void
  /** Ends when nothing is moved any more. */
  close(): Promise<void>
}

export interface CheckpointThreadData {
  readonly file: string
  /** Of the same file, for syncing it: SQLite does so only when nobody has written meanwhile. */
  readonly descriptor: number
}

/**
 * A thread of its own moves and syncs most of the log beside the writer, which takes a tenth of a second; the writer
 * moves what came meanwhile, and then the log begins anew. A failure is none of the block's, which is on the disk: the
 * log grows until moving it succeeds.
 *
 * @param database - the writer's connection, which must not move the log by itself
 */
export function createCheckpoints(data: CheckpointThreadData, database: DatabaseSync): Checkpoints {
  const size = database.prepare('PRAGMA wal_checkpoint(NOOP)')
  let worker: Worker | undefined
  let state: 'resting' | 'moving' | 'moved' = 'resting'

  function start(): Worker {
    const started = startThread(new URL('./checkpoint-thread.ts', import.meta.url), data)
    started.on('message', () => {
      state = 'moved'
    })
    return started
  }

  function afterBlock(): void {
    if (state === 'moved') {
      moveLog(database)
      state = 'resting'
    } else if (state === 'resting' && isLong()) {
      state = 'moving'
      worker ??= start()
      worker.postMessage('move')
    }
  }

  function isLong(): boolean {
    const { log, checkpointed } = size.get() as { log: number; checkpointed: number }
    return log - checkpointed >= LOG_PAGES
  }

  async function close(): Promise<void> {
    if (worker === undefined) return
    const ended = new Promise((resolve) => worker?.once('exit', resolve))
    worker.postMessage('close')
    await ended
  }

  return { afterBlock, close }
}

/** Moves what no reader needs to find in the log. */
export function moveLog(database: DatabaseSync): void {
  try {
    database.exec('PRAGMA wal_checkpoint(PASSIVE)')
  } catch {
    // Tried again after a later block; where the disk is full or broken, the next block says so.
  }
}
