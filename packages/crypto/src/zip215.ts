import { ed25519 } from '@noble/curves/ed25519.js'
import { verifyStrict } from './ed25519.ts'

/**
 * Whether a signature is valid by ZIP 215, the rule of CometBFT: any encoding of A and R, S < L, and 8·S·B = 8·R + 8·k·A.
 * Wider than `verifyStrict`, whose every signature is valid here too; so that one is asked first, which costs 65 µs on
 * node, and only what it refuses is computed in pure JavaScript, 1.3 ms.
 *
 * For votes of a commit alone, where whoever refuses a signature that the chain took cannot follow the chain.
 *
 * @returns `false` for anything malformed; never throws
 * @see https://zips.z.cash/zip-0215
 */
export function verifyZip215(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  return verifyStrict(publicKey, message, signature) || verifyZip215Pure(publicKey, message, signature)
}

/** The same without native code: what a browser does after the strict rule has refused. */
export function verifyZip215Pure(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: true })
  } catch {
    return false
  }
}
