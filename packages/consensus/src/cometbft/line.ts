import { setImmediate } from 'node:timers/promises'
import type { Application, ConsensusStatus, Refusal } from '../port.ts'
import { busy, unavailable } from '../refusals.ts'
import type { Broadcast } from './broadcaster.ts'
import { createChecking } from './checking.ts'
import { createEntries, type Entries } from './entries.ts'
import { createOutbox } from './outbox.ts'
import type { Submissions } from './submissions.ts'
import { createWaiting, type Waiting, type WaitingTransaction } from './waiting.ts'

/** What waits for a block at this node, from its check until it is in a block or refused, and its way to other nodes. */
export interface Line {
  readonly waiting: Pick<Waiting, 'count' | 'all'>
  /** Takes a transaction of a client of this node. */
  readonly take: (bytes: Uint8Array, hash: Uint8Array) => Promise<void>
  /** Answers what CometBFT asks about an entry of its pool. */
  readonly check: Entries['check']
  /**
   * A block is decided, which has these and left those out: they wait no more, and what CometBFT dropped is handed over
   * again. Resolves when the rest is checked on the new state.
   */
  readonly decided: (hashes: readonly Uint8Array[], refusals: readonly Refusal[]) => Promise<void>
  /** It waits no more, and its sender is told. */
  readonly refuse: (check: Refusal) => void
  /** What waits has its part of its signers' sequences and allowances, and nothing else has any. */
  readonly reserveAgain: () => Promise<void>
  /**
   * CometBFT begins anew, with an empty pool: what clients of this node wait for is handed to it again. Resolves when
   * nothing is on its way through a check that the last one asked for.
   */
  readonly begunAnew: () => Promise<void>
  readonly state: () => LineState
  /** Where a transaction of a client of this node is. */
  readonly whereabouts: (hash: Uint8Array) => Whereabouts
}

/** How much waits, as far as this node knows. */
export type LineState = Required<Pick<ConsensusStatus, 'mempool' | 'mempoolBytes' | 'mempoolAgeMs'>>

/** Where a transaction is that waits for long. */
export type Whereabouts =
  /** Its check has no verdict. */
  | 'under check'
  /** On its way to CometBFT, which has not answered, or has not asked about it. */
  | 'handed over'
  /** No block has it. */
  | 'waits for a block'
  /** CometBFT began anew or dropped it, or others propose now; it is handed over again. */
  | 'lost'

export interface LineOptions {
  readonly application: Application
  readonly submissions: Submissions
  /** Of the last block on the disk. */
  readonly height: () => number
  /** Transactions that may wait at once, of all nodes. */
  readonly poolSize: number
  /** Hands an entry to CometBFT's pool. */
  readonly send: (entry: Uint8Array) => Promise<Broadcast>
  /** Whether this node is the only validator now, which proposes every block. */
  readonly isAlone: () => boolean
  /** Called for each transaction that begins to wait. */
  readonly onAdmitted: () => void
  /** Whether the node has failed, and nothing is handed to CometBFT any more. */
  readonly hasFailed: () => boolean
  /** The application broke. */
  readonly onFailure: (error: unknown) => void
}

export function createLine(options: LineOptions): Line {
  const { application, submissions, height, isAlone, onFailure } = options
  const waiting = createWaiting()
  const isAwaited = (hash: Uint8Array) => submissions.find(hash) !== undefined
  const wakeOutbox = createOutbox({ ...options, waiting, isAwaited, isOver: options.hasFailed, onRefused })
  const checking = createChecking({ ...options, waiting })
  const onCarried = (hash: Uint8Array) => submissions.admit(hash, height())
  const entries = createEntries({ waiting, admit: checking.admit, onCarried })

  async function take(bytes: Uint8Array, hash: Uint8Array): Promise<void> {
    const check = await checking.admit(bytes, hash, 'client')
    if (!check.ok) return submissions.settle(hash, check)
    // It may have come by way of another node before.
    if (isAlone() || waiting.find(hash)?.entry !== undefined) submissions.admit(hash, height())
    wakeOutbox()
  }

  /** What leaves the line does so before the rest is checked, and before anything is handed over. */
  function decided(hashes: readonly Uint8Array[], refusals: readonly Refusal[]): Promise<void> {
    for (const hash of hashes) waiting.remove(hash)
    for (const check of refusals) if (waiting.find(check.hash) !== undefined) refuse(check)
    giveUp(waiting.turn())
    const checked = recheck()
    wakeOutbox()
    return checked
  }

  async function recheck(): Promise<void> {
    const checks = await Promise.all(waiting.all().map(({ bytes }) => application.checkTx(bytes, 'recheck')))
    for (const check of checks) if (!check.ok) refuse(check)
  }

  function refuse(check: Refusal): void {
    waiting.withdraw(check.hash)
    submissions.settle(check.hash, check)
  }

  function reserveAgain(): Promise<void> {
    application.forgetWaiting()
    return recheck()
  }

  function onRefused(refused: readonly WaitingTransaction[], why: 'full' | 'unreachable'): void {
    for (const { hash } of refused) refuse(why === 'full' ? busy(hash) : unavailable(hash))
    void reserveAgain().catch(onFailure)
  }

  /** What somebody here waits for is handed over again; the rest other nodes have. */
  function giveUp(lost: readonly WaitingTransaction[]): void {
    for (const { hash } of lost) if (!isAwaited(hash)) waiting.withdraw(hash)
  }

  async function begunAnew(): Promise<void> {
    // Their verdicts would say of the new CometBFT what was asked by the last one.
    await Promise.all([entries.settled(), checking.settled()])
    // Of verdicts that come with the last of these some have their part of a sequence and wait for nothing yet.
    await setImmediate()
    waiting.dropAll()
    giveUp(waiting.all())
    await reserveAgain()
    wakeOutbox()
  }

  function state(): LineState {
    const sinceMs = waiting.first()?.cameMs
    const mempoolAgeMs = sinceMs === undefined ? 0 : performance.now() - sinceMs
    return { mempool: waiting.count() + checking.count(), mempoolBytes: waiting.bytes(), mempoolAgeMs }
  }

  function whereabouts(hash: Uint8Array): Whereabouts {
    const transaction = waiting.find(hash)
    if (transaction === undefined) return 'under check'
    if (isAlone() || transaction.entry !== undefined) return 'waits for a block'
    return transaction.isSent || !transaction.isOld ? 'handed over' : 'lost'
  }

  return { waiting, take, check: entries.check, decided, refuse, reserveAgain, begunAnew, state, whereabouts }
}
