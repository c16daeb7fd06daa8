import { EncodingError, encodeCanonical, fromBase58, sha256, toBase32, toBase58, toHex } from '@icn/crypto'
import type { Bodies } from './bodies/index.ts'

/** A DID taken apart. */
export type ParsedDid =
  | { readonly method: 'key'; readonly publicKey: Uint8Array; readonly keyId: string }
  | { readonly method: 'icn'; readonly chainId: string; readonly id: string }

/** Multicodec of an Ed25519 public key: 0xed as a varint. */
const ED25519 = [0xed, 0x01] as const
const KEY_PREFIX = 'did:key:'

/** `z6Mk…`: multibase base58btc of the multicodec prefix and the key's 32 bytes. About 15 µs. @see did:key v0.9 */
export function publicKeyToText(publicKey: Uint8Array): string {
  if (publicKey.length !== 32) throw new RangeError(`a public key is 32 bytes, got ${publicKey.length}`)
  const bytes = new Uint8Array(34)
  bytes.set(ED25519)
  bytes.set(publicKey, 2)
  return `z${toBase58(bytes)}`
}

/** The key's 32 bytes; `undefined` for anything that `publicKeyToText` does not write. Not checked: its point. */
export function publicKeyFromText(text: string): Uint8Array | undefined {
  if (!text.startsWith('z6Mk') || text.length !== 48) return undefined
  try {
    const bytes = fromBase58(text.slice(1))
    if (bytes.length !== 34 || bytes[0] !== ED25519[0] || bytes[1] !== ED25519[1]) return undefined
    return bytes.slice(2)
  } catch (error) {
    if (error instanceof EncodingError) return undefined
    throw error
  }
}

/** `did:key:z6Mk…` */
export function didFromPublicKey(publicKey: Uint8Array): string {
  return KEY_PREFIX + publicKeyToText(publicKey)
}

/** The key of a did:key; `undefined` for a did:icn (its keys are on the ledger) and for anything malformed. */
export function publicKeyFromDid(did: string): Uint8Array | undefined {
  return did.startsWith(KEY_PREFIX) ? publicKeyFromText(did.slice(KEY_PREFIX.length)) : undefined
}

/** `did:icn:<chain id>:<id>`, where id is the base32 SHA-256 of the canonical body: 52 characters. */
export function identityDid(chainId: string, body: Bodies['identity.register']): string {
  return `did:icn:${chainId}:${toBase32(sha256(encodeCanonical(body)))}`
}

/** The DID of an organization, of the id that the ledger gave it: `did:icn:<chain id>:o12-0-k3j5x2`. */
export function organizationDid(chainId: string, id: string): string {
  return `did:icn:${chainId}:${id}`
}

/** Takes a DID of either method apart; `undefined` for anything else. */
export function parseDid(did: string): ParsedDid | undefined {
  const publicKey = publicKeyFromDid(did)
  if (publicKey !== undefined) return { method: 'key', publicKey, keyId: did.slice(KEY_PREFIX.length) }
  const match = /^did:icn:([a-z0-9][a-z0-9-]{0,49}):([a-z0-9-]{1,64})$/.exec(did)
  const [, chainId, id] = match ?? []
  return chainId === undefined || id === undefined ? undefined : { method: 'icn', chainId, id }
}

/**
 * How consensus names a validator: the first 20 bytes of the SHA-256 of its public key, as CometBFT does, in hex.
 *
 * @param publicKey - `z6Mk…`
 * @see https://docs.cometbft.com/v0.38/spec/core/data_structures, Address
 */
export function validatorAddress(publicKey: string): string {
  const bytes = publicKeyFromText(publicKey)
  if (bytes === undefined) throw new RangeError(`expected a public key such as z6Mk…, got ${publicKey}`)
  return toHex(sha256(bytes).subarray(0, 20))
}
