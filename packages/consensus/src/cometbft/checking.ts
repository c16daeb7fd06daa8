import type { Application, CheckResult } from '../port.ts'
import { busy } from '../refusals.ts'
import { idOf } from './submissions.ts'
import type { Waiting } from './waiting.ts'

/** Decides what waits: whoever brings a transaction, it is checked once. */
export interface Checking {
  /** From here on it waits, or is refused. */
  readonly admit: (bytes: Uint8Array, hash: Uint8Array, from: Source) => Promise<CheckResult>
  /** How many have no verdict yet. */
  readonly count: () => number
  /** Resolves when all that are under check have their verdict. */
  readonly settled: () => Promise<void>
}

/** Who brings a transaction: a client of this node, or CometBFT, which has it from this node or from peers. */
export type Source = 'client' | 'pool'

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
  let ofPool = 0

  async function admit(bytes: Uint8Array, hash: Uint8Array, from: Source): Promise<CheckResult> {
    if (waiting.find(hash) !== undefined) return { ok: true, hash }
    const id = idOf(hash)
    // A client and CometBFT bring it in one moment.
    const same = underCheck.get(id)
    if (same !== undefined) return same
    if (waiting.count() + underCheck.size >= poolSize) return busy(hash)
    // Nodes that keep to their parts have less under way together (`room.ts`); a peer that does not takes no client's place.
    if (from === 'pool' && ofPool >= poolSize / 2) return busy(hash)
    if (from === 'pool') ofPool++
    const check = checkNew(bytes).finally(() => {
      underCheck.delete(id)
      if (from === 'pool') ofPool--
    })
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
