import type { Submission } from '../port.ts'

/** A transaction that somebody handed to this node and waits for. */
export interface Pending {
  readonly bytes: Uint8Array
  readonly hash: Uint8Array
  /** Everybody who sent these very bytes gets the same answer. */
  readonly committed: Promise<Submission>
  /** Resolves as soon as the checks are passed, and with the refusal where they are not. */
  readonly accepted: Promise<Submission>
  /** When it came, milliseconds of `performance.now()`. */
  readonly cameMs: number
  /** Whether CometBFT has said that it takes it for a check. */
  readonly isTaken: boolean
  /** Whether it ever passed the checks. */
  readonly isAdmitted: boolean
  /** The height on which it passed them first. */
  readonly firstAdmittedAt: number | undefined
  /** The height on which it passed them last; `undefined` where CometBFT's pool lacks it. */
  readonly admittedAt: number | undefined
  /** Whether it has to be handed to CometBFT again, which had taken it and has it no more. */
  readonly isLost: boolean
}

/** Who waits at this node, in the order in which they came. */
export interface Submissions {
  readonly count: () => number
  /** How many of them never passed the checks so far. */
  readonly unchecked: () => number
  readonly find: (hash: Uint8Array) => Pending | undefined
  readonly add: (bytes: Uint8Array, hash: Uint8Array) => Pending
  /** CometBFT has taken it for a check, which it asks for on another connection: maybe before, maybe never. */
  readonly take: (hash: Uint8Array) => void
  /** It passed the checks, for the first time or again. */
  readonly admit: (hash: Uint8Array, height: number) => void
  /** Answers for good. */
  readonly settle: (hash: Uint8Array, submission: Submission) => void
  /** CometBFT has it no more. */
  readonly lose: (hash: Uint8Array) => void
  /** CometBFT began anew: it has none of them any more. */
  readonly release: () => void
  readonly all: () => readonly Pending[]
  /** Who has waited longest. */
  readonly first: () => Pending | undefined
  /** Resolves when nobody waits. */
  readonly drained: () => Promise<void>
}

interface Entry extends Pending {
  isTaken: boolean
  isAdmitted: boolean
  firstAdmittedAt: number | undefined
  admittedAt: number | undefined
  isLost: boolean
  readonly accept: (submission: Submission) => void
  readonly answer: (submission: Submission) => void
}

export function createSubmissions(): Submissions {
  const entries = new Map<string, Entry>()
  let onDrained: (() => void)[] = []
  let unchecked = 0

  function add(bytes: Uint8Array, hash: Uint8Array): Pending {
    const committed = Promise.withResolvers<Submission>()
    const accepted = Promise.withResolvers<Submission>()
    const promises = { committed: committed.promise, accepted: accepted.promise }
    const resolvers = { answer: committed.resolve, accept: accepted.resolve }
    const heights = { firstAdmittedAt: undefined, admittedAt: undefined }
    const state = { cameMs: performance.now(), isTaken: false, isAdmitted: false, isLost: false, ...heights }
    const entry: Entry = { bytes, hash, ...promises, ...resolvers, ...state }
    entries.set(idOf(hash), entry)
    unchecked++
    return entry
  }

  function admit(hash: Uint8Array, height: number): void {
    const entry = entries.get(idOf(hash))
    if (entry === undefined) return
    if (!entry.isAdmitted) unchecked--
    entry.isAdmitted = true
    entry.isLost = false
    entry.firstAdmittedAt ??= height
    entry.admittedAt = height
    entry.accept({ ok: true, hash, height: 0, index: 0, result: {} })
  }

  function settle(hash: Uint8Array, submission: Submission): void {
    const id = idOf(hash)
    const entry = entries.get(id)
    if (entry === undefined) return
    entries.delete(id)
    if (!entry.isAdmitted) unchecked--
    entry.accept(submission)
    entry.answer(submission)
    if (entries.size > 0) return
    for (const resolve of onDrained) resolve()
    onDrained = []
  }

  function lose(entry: Entry): void {
    entry.admittedAt = undefined
    // What is still on its way to CometBFT comes back with an answer.
    entry.isLost = entry.isTaken || entry.isAdmitted
  }

  return {
    count: () => entries.size,
    unchecked: () => unchecked,
    find: (hash) => entries.get(idOf(hash)),
    add,
    take: (hash) => {
      const entry = entries.get(idOf(hash))
      if (entry !== undefined) entry.isTaken = true
    },
    admit,
    settle,
    lose: (hash) => {
      const entry = entries.get(idOf(hash))
      if (entry !== undefined) lose(entry)
    },
    release: () => {
      for (const entry of entries.values()) lose(entry)
    },
    all: () => [...entries.values()],
    first: () => entries.values().next().value,
    drained: () => (entries.size === 0 ? Promise.resolve() : new Promise((resolve) => onDrained.push(resolve))),
  }
}

/** A key of a map for a hash. */
export function idOf(hash: Uint8Array): string {
  return Buffer.from(hash.buffer, hash.byteOffset, hash.length).toString('latin1')
}
