import { sha256 } from '@icn/crypto'
import { Limits } from '@icn/protocol'
import type { Application, Submission } from '../port.ts'
import { busy, unavailable } from '../refusals.ts'
import type { Line } from './line.ts'
import { type RoomOptions, roomLeft, takesMany } from './room.ts'
import type { Pending, Submissions } from './submissions.ts'

/** Takes what this node's clients submit. */
export interface Intake {
  submit(bytes: Uint8Array, wait: 'committed' | 'accepted'): Promise<Submission>
  /** Where they do not all fit, none is taken that is not here already. */
  submitMany(list: readonly Uint8Array[], wait: 'committed' | 'accepted'): Promise<Submission[]>
}

export interface IntakeOptions {
  /** The one that CometBFT does not see. */
  readonly application: Pick<Application, 'checkTx'>
  readonly submissions: Submissions
  readonly line: Pick<Line, 'take'>
  readonly room: RoomOptions
  /** Whether the node closes or has halted: nothing is taken any more. */
  readonly isClosed: () => boolean
  /** The application broke. */
  readonly onFailure: (error: unknown) => void
}

export function createIntake(options: IntakeOptions): Intake {
  const { application, submissions, line, room, isClosed, onFailure } = options

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
    if (known === undefined && roomLeft(room) === 0) return busy(hash)
    // No block could hold it.
    if (bytes.length === 0 || bytes.length > Limits.transactionBytes) return refusalOf(bytes)
    const pending = known ?? handOver(bytes, hash)
    return wait === 'accepted' ? pending.accepted : pending.committed
  }

  function refusedNow(hash: Uint8Array): Submission {
    return isClosed() ? unavailable(hash) : busy(hash)
  }

  function handOver(bytes: Uint8Array, hash: Uint8Array): Pending {
    const pending = submissions.add(bytes, hash)
    void line.take(bytes, hash).catch(onFailure)
    return pending
  }

  async function refusalOf(bytes: Uint8Array): Promise<Submission> {
    const check = await application.checkTx(bytes, 'new').catch((error: unknown) => {
      onFailure(error)
      return unavailable(sha256(bytes))
    })
    return check.ok ? busy(check.hash) : check
  }

  return { submit: (bytes, wait) => take(bytes, sha256(bytes), wait), submitMany }
}
