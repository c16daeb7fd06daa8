import type { Submission } from '../port.ts'

/** A transaction that passed the checks and waits for a block. */
export interface Waiting {
  readonly bytes: Uint8Array
  readonly hash: Uint8Array
  /** Everybody who sent these very bytes gets the same answer. */
  readonly answer: Promise<Submission>
  readonly settle: (submission: Submission) => void
}

/** What waits for a block, in the order in which it passed the checks, and what is in a block that is being written. */
export interface Mempool {
  /** All of both kinds. */
  readonly count: () => number
  /** Those that wait for a block. */
  readonly waiting: () => readonly Uint8Array[]
  readonly find: (hash: Uint8Array) => Waiting | undefined
  readonly add: (bytes: Uint8Array, hash: Uint8Array) => Waiting
  /** They are in a block now and wait for the disk. */
  readonly take: (hashes: readonly Uint8Array[]) => void
  /** Takes one out and answers it. */
  readonly settle: (hash: Uint8Array, submission: Submission) => void
  readonly settleAll: (submissionOf: (hash: Uint8Array) => Submission) => void
}

export function createMempool(): Mempool {
  const waiting = new Map<string, Waiting>()
  const taken = new Map<string, Waiting>()

  function add(bytes: Uint8Array, hash: Uint8Array): Waiting {
    const { promise, resolve } = Promise.withResolvers<Submission>()
    const entry = { bytes, hash, answer: promise, settle: resolve }
    waiting.set(idOf(hash), entry)
    return entry
  }

  function find(hash: Uint8Array): Waiting | undefined {
    const id = idOf(hash)
    return waiting.get(id) ?? taken.get(id)
  }

  function take(hashes: readonly Uint8Array[]): void {
    for (const hash of hashes) {
      const id = idOf(hash)
      const entry = waiting.get(id)
      if (entry !== undefined) taken.set(id, entry)
      waiting.delete(id)
    }
  }

  function settle(hash: Uint8Array, submission: Submission): void {
    find(hash)?.settle(submission)
    waiting.delete(idOf(hash))
    taken.delete(idOf(hash))
  }

  function settleAll(submissionOf: (hash: Uint8Array) => Submission): void {
    for (const entry of [...taken.values(), ...waiting.values()]) entry.settle(submissionOf(entry.hash))
    waiting.clear()
    taken.clear()
  }

  return {
    count: () => waiting.size + taken.size,
    waiting: () => Array.from(waiting.values(), ({ bytes }) => bytes),
    find,
    add,
    take,
    settle,
    settleAll,
  }
}

function idOf(hash: Uint8Array): string {
  return Buffer.from(hash.buffer, hash.byteOffset, hash.length).toString('latin1')
}
