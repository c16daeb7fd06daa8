import type { Submission } from '../port.ts'

/** A transaction that passed the checks and waits for a block. */
export interface Waiting {
  readonly bytes: Uint8Array
  readonly hash: Uint8Array
  /** Everybody who sent these very bytes gets the same answer. */
  readonly answer: Promise<Submission>
  readonly settle: (submission: Submission) => void
}

/** What waits for a block, in the order in which it passed the checks. */
export interface Mempool {
  readonly count: () => number
  readonly find: (hash: Uint8Array) => Waiting | undefined
  readonly add: (bytes: Uint8Array, hash: Uint8Array) => Waiting
  readonly all: () => readonly Uint8Array[]
  /** Takes one out and answers it. */
  readonly settle: (hash: Uint8Array, submission: Submission) => void
  readonly settleAll: (submission: Submission) => void
}

export function createMempool(): Mempool {
  const waiting = new Map<string, Waiting>()

  function add(bytes: Uint8Array, hash: Uint8Array): Waiting {
    const { promise, resolve } = Promise.withResolvers<Submission>()
    const entry = { bytes, hash, answer: promise, settle: resolve }
    waiting.set(idOf(hash), entry)
    return entry
  }

  function settle(hash: Uint8Array, submission: Submission): void {
    const id = idOf(hash)
    waiting.get(id)?.settle(submission)
    waiting.delete(id)
  }

  function settleAll(submission: Submission): void {
    for (const entry of waiting.values()) entry.settle(submission)
    waiting.clear()
  }

  return {
    count: () => waiting.size,
    find: (hash) => waiting.get(idOf(hash)),
    add,
    all: () => Array.from(waiting.values(), ({ bytes }) => bytes),
    settle,
    settleAll,
  }
}

function idOf(hash: Uint8Array): string {
  return Buffer.from(hash.buffer, hash.byteOffset, hash.length).toString('latin1')
}
