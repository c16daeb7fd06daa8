import { equalBytes } from '@icn/crypto'
import { type VerifyPool, VerifyPoolError } from '@icn/crypto/verify-pool'
import { type ParsedTransaction, signedMessage, TransactionReject, verifyTransaction } from '@icn/protocol'
import type { Machine } from '@icn/state-machine'
import { createOverlay, type Refused, type StateStore } from '@icn/state-machine/kernel'
import type { CheckResult, Refusal } from '../port.ts'
import type { TransactionCache, WellFormed } from './transaction-cache.ts'

/** What a transaction must pass before it may wait for a block. */
export interface Admission {
  check(bytes: Uint8Array, kind: 'new' | 'recheck', timeMs?: number): Promise<CheckResult>
  /** Forgets what waiting transactions took; for after a commit, when each that still waits is rechecked. */
  reset(): void
  /** Forgets it for all but these, in one step: nobody finds theirs free in between. */
  keepOnly(waiting: readonly Uint8Array[], timeMs: number): void
}

/**
 * Checks form, signature, expiry, sequence and allowance, in this order. Those who wait already are taken into
 * account: a signer may send the next transaction while the last one still waits.
 */
export function createAdmission(
  machine: Machine,
  store: StateStore,
  cache: TransactionCache,
  verifyPool: VerifyPool,
): Admission {
  let view = createOverlay(store)
  /** Resolves when all who came before have their signature checked: what a signer sends later must not overtake. */
  let before: Promise<unknown> = Promise.resolve()

  async function check(bytes: Uint8Array, kind: 'new' | 'recheck', timeMs = 0): Promise<CheckResult> {
    const known = cache.look(bytes)
    if (!known.ok) return known
    const { hash } = known.parsed
    if (kind === 'new' && !(await inTurn(isSigned(known))))
      return refuse(hash, { code: TransactionReject.BAD_SIGNATURE })
    return admit(known, timeMs)
  }

  function inTurn<T>(checking: Promise<T>): Promise<T> {
    const own = before.then(() => checking)
    before = own.catch(() => {})
    return own
  }

  async function isSigned(known: WellFormed): Promise<boolean> {
    const { parsed } = known
    const publicKey = machine.keyFor(parsed.tx, view)
    if (publicKey === undefined) return false
    if (known.verifiedKey !== undefined && equalBytes(known.verifiedKey, publicKey)) return true
    const valid = await verifyInPool(parsed, publicKey)
    if (valid) known.verifiedKey = publicKey
    return valid
  }

  async function verifyInPool(parsed: ParsedTransaction, publicKey: Uint8Array): Promise<boolean> {
    try {
      const { signature } = parsed
      const [valid] = await verifyPool.verify([{ publicKey, message: signedMessage(parsed), signature }])
      return valid === true
    } catch (error) {
      // Where the pool has too much to do, this thread works too: that slows down whoever sends, and halts nothing.
      if (error instanceof VerifyPoolError && error.code === 'BUSY') return verifyTransaction(parsed, publicKey)
      throw error
    }
  }

  function admit({ parsed }: WellFormed, nextMs: number): CheckResult {
    const { height, timeMs } = store.head()
    const next = { height: height + 1, timeMs: Math.max(nextMs, timeMs, machine.genesis.timeMs) }
    const refused = machine.check(parsed.tx, next, view)
    if (refused !== undefined) return refusalOf(store, parsed.hash, refused)
    machine.reserve(parsed.tx, next, view)
    return { ok: true, hash: parsed.hash }
  }

  function keepOnly(waiting: readonly Uint8Array[], timeMs: number): void {
    view = createOverlay(store)
    for (const bytes of waiting) {
      const known = cache.look(bytes)
      if (known.ok) admit(known, timeMs)
    }
  }

  return { check, keepOnly, reset: () => (view = createOverlay(store)) }
}

/** What the sender is told: that a transaction is on the ledger already says more than that its sequence is past. */
export function refusalOf(store: StateStore, hash: Uint8Array, { code, detail }: Refused): Refusal {
  if (code === TransactionReject.BAD_SEQUENCE && store.transaction(hash) !== undefined) {
    return refuse(hash, { code: TransactionReject.DUPLICATE })
  }
  return refuse(hash, { code, detail })
}

function refuse(hash: Uint8Array, { code, detail = {} }: { code: number; detail?: Refused['detail'] }): Refusal {
  return { ok: false, hash, code, detail }
}
