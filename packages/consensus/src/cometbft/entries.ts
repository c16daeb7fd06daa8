import { sha256 } from '@icn/crypto'
import { TransactionReject } from '@icn/protocol'
import type { CheckResult } from '../port.ts'
import { busy } from '../refusals.ts'
import type { Checking } from './checking.ts'
import { unpack } from './parcels.ts'
import { idOf } from './submissions.ts'
import type { Waiting } from './waiting.ts'

/** Answers what CometBFT asks about the entries of its pool. */
export interface Entries {
  readonly check: (entry: Uint8Array, kind: 'new' | 'recheck') => Promise<CheckResult>
  /** Resolves when every question so far has its answer. */
  readonly settled: () => Promise<void>
}

export interface EntriesOptions {
  readonly waiting: Waiting
  readonly admit: Checking['admit']
  /** CometBFT carries this one to other nodes. */
  readonly onCarried: (hash: Uint8Array) => void
}

export function createEntries({ waiting, admit, onCarried }: EntriesOptions): Entries {
  const questions = new Set<Promise<unknown>>()

  function check(entry: Uint8Array, kind: 'new' | 'recheck'): Promise<CheckResult> {
    const hash = sha256(entry)
    // What waits was checked when the block was committed.
    if (kind === 'recheck') return Promise.resolve(waiting.asked(idOf(hash)) ? { ok: true, hash } : gone(hash))
    const answer = checkNew(entry, hash)
    questions.add(answer)
    const done = () => questions.delete(answer)
    answer.then(done, done)
    return answer
  }

  async function checkNew(entry: Uint8Array, hash: Uint8Array): Promise<CheckResult> {
    const id = idOf(hash)
    if (waiting.isEmptied(id)) return gone(hash)
    const transactions = unpack(entry)
    if (transactions === undefined) return { ok: false, hash, code: TransactionReject.NON_CANONICAL, detail: {} }
    const checks = await Promise.all(transactions.map((bytes) => carry(bytes, id)))
    return checks.find(({ ok }) => ok) ?? (checks[0] as CheckResult)
  }

  async function carry(bytes: Uint8Array, entry: string): Promise<CheckResult> {
    const hash = sha256(bytes)
    const verdict = await admit(bytes, hash, 'pool')
    if (!verdict.ok) return verdict
    // What another entry carries already makes this one no better.
    if (!waiting.carry(hash, entry)) return busy(hash)
    onCarried(hash)
    return verdict
  }

  async function settled(): Promise<void> {
    await Promise.allSettled(questions)
  }

  return { check, settled }
}

/** Of an entry of which nothing waits any more: CometBFT drops it. */
function gone(hash: Uint8Array): CheckResult {
  return { ok: false, hash, code: TransactionReject.DUPLICATE, detail: {} }
}
