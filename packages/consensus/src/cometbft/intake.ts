import { setTimeout as elapsed } from 'node:timers/promises'
import { sha256 } from '@icn/crypto'
import { Limits, TransactionReject } from '@icn/protocol'
import type { Application, Submission } from '../port.ts'
import { busy, unavailable } from '../refusals.ts'
import type { Broadcast } from './broadcaster.ts'
import { createResending } from './resending.ts'
import { type RoomOptions, roomLeft, takesMany } from './room.ts'
import type { Pending, Submissions } from './submissions.ts'
import type { WatchedApplication } from './watch-application.ts'

/** Takes what this node's clients submit, and sees it on its way to CometBFT. */
export interface Intake {
  submit(bytes: Uint8Array, wait: 'committed' | 'accepted'): Promise<Submission>
  /** Where they do not all fit, none is taken that is not here already. */
  submitMany(list: readonly Uint8Array[], wait: 'committed' | 'accepted'): Promise<Submission[]>
  /** CometBFT began anew, with an empty pool: what it has taken from here and answers for only now is lost. */
  begunAnew(): void
  /** Hands over again what is lost, where that is not under way. */
  resendLost(): void
}

export interface IntakeOptions {
  /** The one that CometBFT does not see. */
  readonly application: Pick<Application, 'checkTx' | 'isCommitted'>
  readonly submissions: Submissions
  readonly watched: Pick<WatchedApplication, 'pool' | 'takeOwn'>
  readonly send: (bytes: Uint8Array) => Promise<Broadcast>
  readonly room: RoomOptions
  /** Whether this node is the only validator now, which proposes every block. */
  readonly isAlone: () => boolean
  readonly height: () => number
  /** Whether the node closes or has halted: nothing is taken any more. */
  readonly isClosed: () => boolean
  readonly hasFailed: () => boolean
  /** The application broke. */
  readonly onFailure: (error: unknown) => void
}

/** How long until CometBFT is asked again. */
const AGAIN_MS = 100
/** A transaction that CometBFT knows comes to the check within milliseconds; a check takes as long as others wait. */
const KNOWN_TRIES = 50

export function createIntake(options: IntakeOptions): Intake {
  const { application, submissions, watched, send, room, isAlone, height, isClosed, hasFailed, onFailure } = options
  const resendLost = createResending({ submissions, send, pool: watched.pool, height, isOver: hasFailed })
  /** How often CometBFT has begun. */
  let beginnings = 0

  async function submitMany(list: readonly Uint8Array[], wait: 'committed' | 'accepted'): Promise<Submission[]> {
    const items = list.map((bytes) => ({ bytes, hash: sha256(bytes) }))
    const isNew = items.map(({ hash }) => submissions.find(hash) === undefined)
    const fits = takesMany(room, isNew.filter(Boolean).length)
    return Promise.all(
      items.map(({ bytes, hash }, index) => (isNew[index] && !fits ? refusedNow(hash) : take(bytes, hash, wait))),
    )
  }

  async function take(bytes: Uint8Array, hash: Uint8Array, wait: 'committed' | 'accepted'): Promise<Submission> {
    const known = submissions.find(hash)
    if (isClosed()) return unavailable(hash)
    // Whoever comes when all places are taken is told at once, not after the way to CometBFT and back.
    if (known === undefined && roomLeft(room) === 0) return busy(hash)
    // Nothing that CometBFT need see: a check of it takes nothing of anybody's allowance.
    if (bytes.length === 0 || bytes.length > Limits.transactionBytes) return refusalOf(bytes)
    const pending = known ?? handOver(bytes, hash)
    return wait === 'accepted' ? pending.accepted : pending.committed
  }

  function refusedNow(hash: Uint8Array): Submission {
    return isClosed() ? unavailable(hash) : busy(hash)
  }

  function handOver(bytes: Uint8Array, hash: Uint8Array): Pending {
    const pending = submissions.add(bytes, hash)
    const way = isAlone() ? watched.takeOwn(bytes, hash) : broadcast(pending)
    void way.catch(onFailure)
    return pending
  }

  async function broadcast(pending: Pending): Promise<void> {
    const { hash } = pending
    const before = beginnings
    const said = await send(pending.bytes)
    if (said === 'taken') {
      submissions.take(hash)
      if (before === beginnings) return
      // Whoever took it is gone.
      submissions.lose(hash)
      return resendLost()
    }
    // The check is asked for on another connection: its verdict may be here before this.
    if (pending.isAdmitted) return
    if (said === 'known') return standing(pending)
    submissions.settle(hash, said === 'full' ? busy(hash) : unavailable(hash))
  }

  /** CometBFT has seen it before: it was committed, waits, or is on its way to the check at this moment. */
  async function standing(pending: Pending): Promise<void> {
    const { hash } = pending
    for (let tries = 0; tries < KNOWN_TRIES; tries++) {
      if (submissions.find(hash) !== pending || pending.isAdmitted) return
      if (watched.pool.has(hash)) return submissions.admit(hash, height())
      if (application.isCommitted(hash)) {
        return submissions.settle(hash, { ok: false, hash, code: TransactionReject.DUPLICATE, detail: {} })
      }
      await elapsed(AGAIN_MS)
    }
    submissions.settle(hash, busy(hash))
  }

  async function refusalOf(bytes: Uint8Array): Promise<Submission> {
    const check = await application.checkTx(bytes, 'new').catch((error: unknown) => {
      onFailure(error)
      return unavailable(sha256(bytes))
    })
    return check.ok ? busy(check.hash) : check
  }

  return {
    submit: (bytes, wait) => take(bytes, sha256(bytes), wait),
    submitMany,
    begunAnew: () => {
      beginnings++
    },
    resendLost,
  }
}
