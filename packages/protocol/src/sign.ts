import { domainMessage, encodeCanonical, signDomain, verifyDomain } from '@icn/crypto'
import { type ParsedTransaction, TRANSACTION_DOMAIN, type Transaction } from './transaction.ts'

/** The payload: DAG-CBOR of the transaction. @throws CanonicalError for a value that has no canonical form */
export function serializeTransaction(tx: Transaction): Uint8Array {
  return encodeCanonical(tx)
}

/**
 * The bytes that are sent. The transaction is not checked: `parseTransaction` of the answer says what is wrong with it.
 *
 * @param seed - 32 bytes, the secret of the key that `tx.keyId` names
 */
export function signTransaction(tx: Transaction, seed: Uint8Array): Uint8Array {
  const payload = serializeTransaction(tx)
  return joinSigned(payload, signDomain(TRANSACTION_DOMAIN, payload, seed))
}

/** The bytes that are sent, of a payload that was signed elsewhere. */
export function joinSigned(payload: Uint8Array, signature: Uint8Array): Uint8Array {
  return encodeCanonical([payload, signature])
}

/** Whether `publicKey` signed it; 65 µs on node. For many at once, give `signedMessage` to a verification pool. */
export function verifyTransaction(parsed: ParsedTransaction, publicKey: Uint8Array): boolean {
  return verifyDomain(TRANSACTION_DOMAIN, publicKey, parsed.payload, parsed.signature)
}

/** What the signature covers: the domain, a zero byte, the payload. */
export function signedMessage(parsed: Pick<ParsedTransaction, 'payload'>): Uint8Array {
  return domainMessage(TRANSACTION_DOMAIN, parsed.payload)
}
