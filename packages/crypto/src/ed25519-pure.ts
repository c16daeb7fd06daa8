import { ed25519 } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'
import { concatBytes, equalBytes } from './bytes.ts'

const { Point } = ed25519
const { Fn } = Point

/** Public key of a 32-byte seed. Pure JavaScript, about 0.4 ms. */
export function publicKeyOf(seed: Uint8Array): Uint8Array {
  return ed25519.getPublicKey(seed)
}

/** RFC 8032 signature, 64 bytes. Pure JavaScript, about 0.7 ms. */
export function signDetached(message: Uint8Array, seed: Uint8Array): Uint8Array {
  return ed25519.sign(message, seed)
}

/**
 * What libsodium's `crypto_core_ed25519_is_valid_point` tells: canonical encoding, on the curve, in the subgroup of
 * prime order, not the identity. Pure JavaScript, about 1 ms.
 */
export function isPrimeOrderPoint(publicKey: Uint8Array): boolean {
  try {
    const point = Point.fromBytes(publicKey)
    return !point.is0() && point.isTorsionFree()
  } catch {
    return false
  }
}

/**
 * The strict rule in pure JavaScript, about 1.3 ms; agrees with libsodium on every input.
 *
 * Refuses S ≥ L, a non-canonical or small-order A or R, then demands R = S·B − k·A byte for byte (without multiplying
 * by the cofactor). R is compared, never decoded: the computed point is on the curve and its encoding canonical, so
 * equality proves both of R.
 *
 * @returns `false` for anything malformed; never throws
 * @see "Taming the many EdDSAs", Chalkias, Garillot, Nikolaenko, 2020; libsodium crypto_sign/ed25519/ref10/open.c
 */
export function verifyBytes(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false
  const r = signature.subarray(0, 32)
  try {
    const s = Fn.fromBytes(signature.subarray(32))
    const a = Point.fromBytes(publicKey)
    if (a.isSmallOrder()) return false
    const k = scalarOf(sha512(concatBytes(r, publicKey, message)))
    const expected = Point.BASE.multiplyUnsafe(s).subtract(a.multiplyUnsafe(k))
    return equalBytes(expected.toBytes(), r) && !expected.isSmallOrder()
  } catch {
    return false
  }
}

/** 64 bytes, little end first, modulo the group order. */
function scalarOf(digest: Uint8Array): bigint {
  let value = 0n
  for (let i = digest.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(digest[i] ?? 0)
  return Fn.create(value)
}
