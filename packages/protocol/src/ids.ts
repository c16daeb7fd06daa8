import { sha256, toBase32 } from '@icn/crypto'

/**
 * The id that the ledger assigns: kind letter, height, index in the block, and six letters of a hash, so that a typing
 * error is noticed and ids of two networks differ: `p12-0-k3j5x2`.
 */
export function ledgerId(kind: string, height: number, index: number, seed: Uint8Array): string {
  const tag = sha256(new TextEncoder().encode(`icn:id:${kind}:${height}:${index}`), seed)
  return `${kind}${height}-${index}-${toBase32(tag).slice(0, 6)}`
}
