import { CanonicalError, decodeCanonical, sha256 } from '@icn/crypto'
import { checkBodyValue, checkEnvelope } from './bodies/check.ts'
import { Limits } from './limits.ts'
import { type Detail, TransactionReject } from './rejects.ts'
import type { ParsedTransaction, Transaction } from './transaction.ts'

export type ParseResult =
  | { readonly ok: true; readonly parsed: ParsedTransaction }
  | { readonly ok: false; readonly code: TransactionReject; readonly detail: Detail }

const LIMITS = { maxBytes: Limits.transactionBytes, maxDepth: Limits.nestingDepth, maxItems: Limits.items }

/**
 * Takes signed bytes apart and checks everything that needs no state but the signature itself.
 * About 5 µs for a vote of 280 bytes, the hash included; never more than a few milliseconds, whatever the bytes.
 *
 * @param bytes - kept by the answer, not copied: they must not change
 * @returns a refusal with the first code of `TransactionReject` that applies; never throws
 */
export function parseTransaction(bytes: Uint8Array): ParseResult {
  if (bytes.length > Limits.transactionBytes) {
    return refuse(TransactionReject.TOO_LARGE, { bytes: bytes.length, limit: Limits.transactionBytes })
  }
  try {
    return parseOuter(bytes)
  } catch (error) {
    if (!(error instanceof CanonicalError)) throw error
    return refuse(TransactionReject[error.code], { reason: error.message })
  }
}

function parseOuter(bytes: Uint8Array): ParseResult {
  const outer = decodeCanonical(bytes, LIMITS)
  if (!isPair(outer)) return refuse(TransactionReject.BAD_BODY, OUTER_FORM)
  const [payload, signature] = outer
  const tx = decodeCanonical(payload, LIMITS)
  const envelope = checkEnvelope(tx)
  if (!envelope.ok) return envelope
  const body = checkBodyValue(envelope.value.body, '/body')
  if (!body.ok) return body
  if (signature.length !== 64) {
    return refuse(TransactionReject.BAD_SIGNATURE, { reason: `a signature has 64 bytes, not ${signature.length}` })
  }
  return { ok: true, parsed: { tx: tx as Transaction, payload, signature, bytes, hash: sha256(bytes) } }
}

const OUTER_FORM = { at: '', expected: 'a list of two byte strings: payload and signature' }

function isPair(value: unknown): value is [Uint8Array, Uint8Array] {
  if (!Array.isArray(value) || value.length !== 2) return false
  return value[0] instanceof Uint8Array && value[1] instanceof Uint8Array
}

function refuse(code: TransactionReject, detail: Detail): ParseResult {
  return { ok: false, code, detail }
}
