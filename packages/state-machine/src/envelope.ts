import { type Allowance, Limits, type NetworkParams, type Transaction, TransactionReject } from '@icn/protocol'
import { type Bucket, refill, refillsAtMs, takeOne } from './allowance.ts'
import { assert, type Refused, reject, type State } from './kernel/index.ts'
import { signers, strangerPool } from './modules/identity/tables.ts'
import { isUsableInvitation } from './modules/membership/index.ts'
import { isHeartbeatOfNode } from './modules/network/index.ts'

/** When a transaction is judged: the block that would hold it. */
export interface Moment {
  readonly height: number
  readonly timeMs: number
}

/**
 * Whether a transaction may be executed now, whatever it does: expiry, sequence and allowance in this order.
 * Reads one row of a member, two of a stranger; writes nothing.
 */
export function checkEnvelope(tx: Transaction, at: Moment, state: State, params: NetworkParams): Refused | undefined {
  if (tx.expiryHeight < at.height) return reject(TransactionReject.EXPIRED, { height: at.height - 1 })
  const limit = at.height + Limits.expiryBlocks
  if (tx.expiryHeight > limit) return reject(TransactionReject.EXPIRY_TOO_FAR, { limit })
  const signer = state.open(signers).get({ did: tx.signer })
  const expected = signer?.sequence ?? 0
  if (tx.sequence !== expected) return reject(TransactionReject.BAD_SEQUENCE, { expected })
  const charge = chargeOf(tx, at, state, params)
  if (charge === undefined || takeOne(charge.bucket) !== undefined) return undefined
  return reject(TransactionReject.ALLOWANCE_USED_UP, { retryAtMs: refillsAtMs(charge.bucket, charge.allowance) })
}

/**
 * Who pays for a transaction that `checkEnvelope` let pass; to be asked before it is executed, since joining an
 * organization changes the answer. The function answered records sequence and allowance; call it after execution.
 */
export function payerOf(tx: Transaction, at: Moment, state: State, params: NetworkParams): () => void {
  const charge = chargeOf(tx, at, state, params)
  const left = charge === undefined ? undefined : takeOne(charge.bucket)
  assert(charge === undefined || left !== undefined, 'a transaction is executed only while its allowance lasts')
  if (charge?.from === 'strangers' && left !== undefined) {
    return () => {
      const pool = { id: 'all', allowanceMicro: left.micro, allowanceTimeMs: left.timeMs }
      state.open(strangerPool).put(pool)
      advance(tx, state, undefined)
    }
  }
  return () => advance(tx, state, left)
}

interface Charge {
  readonly from: 'member' | 'strangers'
  readonly allowance: Allowance
  readonly bucket: Bucket
}

/**
 * Members pay themselves, strangers together; who joins by invitation is paid for by the invitation's uses. Nodes of
 * organizations are few, and each has a bucket like a member's for its heartbeats.
 */
function chargeOf(tx: Transaction, at: Moment, state: State, params: NetworkParams): Charge | undefined {
  const signer = state.open(signers).get({ did: tx.signer })
  if ((signer !== undefined && signer.memberships > 0) || isHeartbeatOfNode(state, tx)) {
    const allowance = params.memberAllowance
    const bucket = { micro: signer?.allowanceMicro ?? 0, timeMs: signer?.allowanceTimeMs ?? 0 }
    return { from: 'member', allowance, bucket: refill(bucket, allowance, at.timeMs) }
  }
  if (isUsableInvitation(state, tx, at.timeMs)) return undefined
  const pool = state.open(strangerPool).get({ id: 'all' })
  const allowance = params.strangerAllowance
  const bucket = { micro: pool?.allowanceMicro ?? 0, timeMs: pool?.allowanceTimeMs ?? 0 }
  return { from: 'strangers', allowance, bucket: refill(bucket, allowance, at.timeMs) }
}

function advance(tx: Transaction, state: State, left: Bucket | undefined): void {
  const rows = state.open(signers)
  const signer = rows.get({ did: tx.signer })
  rows.put({
    did: tx.signer,
    sequence: tx.sequence + 1,
    allowanceMicro: left?.micro ?? signer?.allowanceMicro ?? 0,
    allowanceTimeMs: left?.timeMs ?? signer?.allowanceTimeMs ?? 0,
    memberships: signer?.memberships ?? 0,
  })
}
