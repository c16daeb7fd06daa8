import { encodeCanonical, publicKeyFromSeed, signDomain } from '@icn/crypto'
import { type Body, didFromPublicKey, publicKeyToText, TRANSACTION_DOMAIN } from '@icn/protocol'

export const SEED = new Uint8Array(32).fill(1)
export const PUBLIC_KEY = publicKeyFromSeed(SEED)
export const KEY_TEXT = publicKeyToText(PUBLIC_KEY)
export const DID = didFromPublicKey(PUBLIC_KEY)
export const ORG = 'did:icn:test-net:o12-0-k3j5x2'

export const BODY: Body = { kind: 'vote.cast', proposal: 'p12-0-k3j5x2', ballot: 'yes', reason: '' }

/** A vote that is accepted as it stands. */
export const TX = {
  chainId: 'test-net',
  signer: DID,
  keyId: KEY_TEXT,
  sequence: 0,
  expiryHeight: 100,
  body: BODY,
} as const

/** Signs whatever payload is given, canonical or not. */
export function signPayload(
  payload: Uint8Array,
  signature = signDomain(TRANSACTION_DOMAIN, payload, SEED),
): Uint8Array {
  return encodeCanonical([payload, signature])
}

/** Signs any value as if it were a transaction. */
export function signValue(value: unknown): Uint8Array {
  return signPayload(encodeCanonical(value))
}

export function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
