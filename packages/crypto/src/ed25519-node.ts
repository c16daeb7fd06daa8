import sodium from 'sodium-native'

/** Public key of a 32-byte seed. libsodium, about 20 µs. */
export function publicKeyOf(seed: Uint8Array): Uint8Array {
  const { publicKey } = keyPairOf(seed)
  return publicKey
}

/** RFC 8032 signature, 64 bytes. libsodium, about 40 µs. */
export function signDetached(message: Uint8Array, seed: Uint8Array): Uint8Array {
  const signature = new Uint8Array(64)
  const { secretKey } = keyPairOf(seed)
  sodium.crypto_sign_detached(bufferOf(signature), bufferOf(message), secretKey)
  return signature
}

/**
 * Canonical encoding, on the curve, in the subgroup of prime order, not the identity. libsodium, about 50 µs.
 */
export function isPrimeOrderPoint(publicKey: Uint8Array): boolean {
  return publicKey.length === 32 && sodium.crypto_core_ed25519_is_valid_point(bufferOf(publicKey))
}

/**
 * The strict rule by libsodium, about 65 µs. libsodium refuses S ≥ L, a non-canonical A, a small-order A or R; and it
 * compares the encoding of S·B − k·A with R byte for byte, which refuses a non-canonical R.
 *
 * @returns `false` for anything malformed; never throws
 */
export function verifyBytes(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false
  return sodium.crypto_sign_verify_detached(bufferOf(signature), bufferOf(message), bufferOf(publicKey))
}

function keyPairOf(seed: Uint8Array): { publicKey: Uint8Array; secretKey: Buffer } {
  const publicKey = new Uint8Array(32)
  const secretKey = Buffer.alloc(64)
  sodium.crypto_sign_seed_keypair(bufferOf(publicKey), secretKey, bufferOf(seed))
  return { publicKey, secretKey }
}

/** The same memory as the Buffer that the binding's types ask for. */
function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
