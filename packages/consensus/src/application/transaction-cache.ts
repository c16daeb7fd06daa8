import { sha256 } from '@icn/crypto'
import { type ParsedTransaction, parseTransaction, type TransactionReject } from '@icn/protocol'

/** What is known of bytes that came in: what they say, or why they say nothing, and whose valid signature they bear. */
export type KnownTransaction = WellFormed | Malformed

export interface WellFormed {
  readonly ok: true
  readonly parsed: ParsedTransaction
  /** The key under which the signature was found valid; `undefined`: not checked yet. */
  verifiedKey: Uint8Array | undefined
}

export interface Malformed {
  readonly ok: false
  readonly bytes: Uint8Array
  readonly hash: Uint8Array
  readonly code: TransactionReject
  readonly detail: Readonly<Record<string, string | number>>
}

/** Parsed transactions and verdicts by hash, so that a block costs no second parse and no second verification. */
export interface TransactionCache {
  look(bytes: Uint8Array): KnownTransaction
  /** Of one that is committed nobody asks again, but where somebody sends it twice. */
  forget(hash: Uint8Array): void
}

/** @param capacity - at least this many of the latest transactions are kept, at most twice as many */
export function createTransactionCache(capacity: number): TransactionCache {
  // PERF: an engine in this process gives back the very array that it was given, so even the hash is spared.
  const byArray = new WeakMap<Uint8Array, WellFormed>()
  let young = new Map<string, WellFormed>()
  let old = new Map<string, WellFormed>()

  function look(bytes: Uint8Array): KnownTransaction {
    const same = byArray.get(bytes)
    if (same !== undefined) return same
    const hash = sha256(bytes)
    const id = idOf(hash)
    const known = young.get(id) ?? old.get(id) ?? parse(bytes, hash)
    if (known.ok) keep(id, bytes, known)
    return known
  }

  function keep(id: string, bytes: Uint8Array, known: WellFormed): void {
    byArray.set(bytes, known)
    if (young.size >= capacity) {
      old = young
      young = new Map()
    }
    young.set(id, known)
  }

  function forget(hash: Uint8Array): void {
    const id = idOf(hash)
    young.delete(id)
    old.delete(id)
  }

  return { look, forget }
}

function idOf(hash: Uint8Array): string {
  return Buffer.from(hash.buffer, hash.byteOffset, hash.length).toString('latin1')
}

function parse(bytes: Uint8Array, hash: Uint8Array): KnownTransaction {
  const result = parseTransaction(bytes)
  if (result.ok) return { ok: true, parsed: result.parsed, verifiedKey: undefined }
  return { ok: false, bytes, hash, code: result.code, detail: result.detail }
}
