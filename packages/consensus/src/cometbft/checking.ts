import type { Application, CheckResult } from '../port.ts'
import { busy } from '../refusals.ts'
import { idOf } from './submissions.ts'
import type { Waiting } from './waiting.ts'

/** Decides what waits: whoever brings a transaction, it is checked once. */
export interface Checking {
  /** From here on it waits, or is refused. */
  readonly admit: (bytes: Uint8Array, hash: Uint8Array) => Promise<CheckResult>
  /** How many have no verdict yet. */
  readonly count: () => number
  /** Resolves when all that are under check have their verdict. */
  readonly settled: () => Promise<void>
}

export interface CheckingOptions {
  readonly application: Pick<Application, 'checkTx'>
  readonly waiting: Waiting
  /** Transactions that may wait at once, of all nodes. */
  readonly poolSize: number
  /** One more waits. */
  readonly onAdmitted: () => void
}

export function createChecking({ application, waiting, poolSize, onAdmitted }: CheckingOptions): Checking {
  const underCheck = new Map<string, Promise<CheckResult>>()

  async function admit(bytes: Uint8Array, hash: Uint8Array): Promise<CheckResult> {
    if (waiting.find(hash) !== undefined) return { ok: true, hash }
    const id = idOf(hash)
    // A client and CometBFT bring it in one moment.
    const same = underCheck.get(id)
    if (same !== undefined) return same
    if (waiting.count() + underCheck.size >= poolSize) return busy(hash)
    const check = checkNew(bytes).finally(() => underCheck.delete(id))
    underCheck.set(id, check)
    return check
  }

  async function checkNew(bytes: Uint8Array): Promise<CheckResult> {
    const check = await application.checkTx(bytes, 'new')
    if (!check.ok) return check
    waiting.add({ bytes, hash: check.hash })
    onAdmitted()
    return check
  }

  async function settled(): Promise<void> {
    await Promise.allSettled(underCheck.values())
  }

  return { admit, count: () => underCheck.size, settled }
}
