import { publicKeyFromSeed, sha256 } from '@icn/crypto'
import { didFromPublicKey, publicKeyToText } from '@icn/protocol'

export interface BenchKey {
  readonly seed: Uint8Array
  readonly did: string
  readonly keyId: string
}

/** The key of member `index`, the same in every process. About 40 µs. */
export function benchKey(index: number): BenchKey {
  const seed = sha256(new TextEncoder().encode(`bench member ${index}`))
  const publicKey = publicKeyFromSeed(seed)
  return { seed, did: didFromPublicKey(publicKey), keyId: publicKeyToText(publicKey) }
}

/** A member who never votes: a well-formed DID without a key behind it. */
export function silentDid(index: number): string {
  return didFromPublicKey(sha256(new TextEncoder().encode(`silent member ${index}`)))
}
