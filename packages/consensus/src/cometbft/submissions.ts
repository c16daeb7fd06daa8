import type { Submission } from '../port.ts'

/** A transaction that somebody handed to this node and waits for. */
export interface Pending {
  readonly bytes: Uint8Array
  readonly hash: Uint8Array
  /** Everybody who sent these very bytes gets the same answer. */
  readonly committed: Promise<Submission>
  /** Resolves as soon as it is admitted, and with the refusal where it is not. */
  readonly accepted: Promise<Submission>
  /** When it came, milliseconds of `performance.now()`. */
  readonly cameMs: number
  /** The height on which it was first with those who propose blocks, as far as this node knows; `undefined`: not yet. */
  readonly admittedAt: number | undefined
}

/** Who waits at this node, in the order in which they came. */
export interface Submissions {
  readonly count: () => number
  /** How many of them are not admitted yet. */
  readonly underWay: () => number
  readonly find: (hash: Uint8Array) => Pending | undefined
  readonly add: (bytes: Uint8Array, hash: Uint8Array) => Pending
  /** It passed the checks, and is with those who propose blocks. */
  readonly admit: (hash: Uint8Array, height: number) => void
  /** Answers for good. */
  readonly settle: (hash: Uint8Array, submission: Submission) => void
  readonly all: () => readonly Pending[]
  /** Who has waited longest. */
  readonly first: () => Pending | undefined
  /** Resolves when nobody waits. */
  readonly drained: () => Promise<void>
}

interface Entry extends Pending {
  admittedAt: number | undefined
  readonly accept: (submission: Submission) => void
  readonly answer: (submission: Submission) => void
}

export function createSubmissions(): Submissions {
  const entries = new Map<string, Entry>()
  let onDrained: (() => void)[] = []
  let underWay = 0

  function add(bytes: Uint8Array, hash: Uint8Array): Pending {
    const committed = Promise.withResolvers<Submission>()
    const accepted = Promise.withResolvers<Submission>()
    const promises = { committed: committed.promise, accepted: accepted.promise }
    const resolvers = { answer: committed.resolve, accept: accepted.resolve }
    const entry: Entry = { bytes, hash, ...promises, ...resolvers, cameMs: performance.now(), admittedAt: undefined }
    entries.set(idOf(hash), entry)
    underWay++
    return entry
  }

  function admit(hash: Uint8Array, height: number): void {
    const entry = entries.get(idOf(hash))
    if (entry === undefined || entry.admittedAt !== undefined) return
    underWay--
    entry.admittedAt = height
    entry.accept({ ok: true, hash, height: 0, index: 0, result: {} })
  }

  function settle(hash: Uint8Array, submission: Submission): void {
    const id = idOf(hash)
    const entry = entries.get(id)
    if (entry === undefined) return
    entries.delete(id)
    if (entry.admittedAt === undefined) underWay--
    entry.accept(submission)
    entry.answer(submission)
    if (entries.size > 0) return
    for (const resolve of onDrained) resolve()
    onDrained = []
  }

  return {
    count: () => entries.size,
    underWay: () => underWay,
    find: (hash) => entries.get(idOf(hash)),
    add,
    admit,
    settle,
    all: () => [...entries.values()],
    first: () => entries.values().next().value,
    drained: () => (entries.size === 0 ? Promise.resolve() : new Promise((resolve) => onDrained.push(resolve))),
  }
}

/** A key of a map for a hash. */
export function idOf(hash: Uint8Array): string {
  return Buffer.from(hash.buffer, hash.byteOffset, hash.length).toString('latin1')
}
