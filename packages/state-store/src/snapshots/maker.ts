import type { ModuleTables } from '@icn/state-machine/kernel'
import type { Gate } from '../sqlite/gate.ts'
import { startThread } from '../thread.ts'

/** What the thread is told. */
export interface MakeThreadData {
  readonly file: string
  readonly draft: string
  readonly modules: readonly ModuleTables[]
  readonly network: Uint8Array
  /** Where it begins right after a block; without, it begins with the last one. */
  readonly gate: Gate | undefined
}

export type MakeAnswer =
  | { readonly done: number; readonly total: number }
  | { readonly metadata: Uint8Array }
  | { readonly missed: true }
  | { readonly message: string }

/** A snapshot that is being made. */
export interface Making {
  /** Its metadata, when every chunk is in the draft; `undefined` where the thread was too late for its block, or ended. */
  readonly made: Promise<Uint8Array | undefined>
  stop(): Promise<void>
}

/** Makes a snapshot in a thread of its own; one that waits for a block keeps no process alive. @param onProgress - chunks */
export function startMaking(data: MakeThreadData, onProgress: (done: number, total: number) => void): Making {
  const worker = startThread(new URL('./make-thread.ts', import.meta.url), data)
  const { promise: made, resolve, reject } = Promise.withResolvers<Uint8Array | undefined>()
  worker.on('message', (answer: MakeAnswer) => {
    if ('done' in answer) onProgress(answer.done, answer.total)
    else if ('metadata' in answer) resolve(answer.metadata)
    else if ('message' in answer) reject(new Error(answer.message))
    else resolve(undefined)
  })
  worker.on('error', reject)
  worker.on('exit', () => resolve(undefined))
  // Somebody waits for the other kind. After the listeners, which take an `unref` back.
  if (data.gate !== undefined) worker.unref()
  return {
    made,
    stop: async () => {
      await worker.terminate()
    },
  }
}
