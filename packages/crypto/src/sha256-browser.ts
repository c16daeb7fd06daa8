import { sha256 } from '@noble/hashes/sha2.js'

/** SHA-256 of one byte string, 32 bytes out. Pure JavaScript, because WebCrypto answers only asynchronously. */
export function sha256One(bytes: Uint8Array): Uint8Array {
  return sha256(bytes)
}
