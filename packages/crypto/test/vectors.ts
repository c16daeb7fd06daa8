import { readFileSync } from 'node:fs'
import { fromHex } from '@icn/crypto'

/** One Ed25519 vector, judged by vectors/signatures/classify.py. */
export interface SignatureVector {
  readonly name: string
  readonly publicKey: Uint8Array
  readonly message: Uint8Array
  readonly signature: Uint8Array
  readonly valid: boolean
  readonly reason: string
  /** Whether `isStrictPublicKey` lets the key pass. */
  readonly keyRegistrable: boolean
}

interface VectorJson extends Record<'name' | 'publicKey' | 'message' | 'signature' | 'reason', string> {
  readonly valid: boolean
  readonly keyRegistrable: boolean
}

export function readSignatureVectors(file: 'wycheproof' | 'speccheck' | 'zip215'): SignatureVector[] {
  const url = new URL(`../../../vectors/signatures/${file}.json`, import.meta.url)
  const { vectors } = JSON.parse(readFileSync(url, 'utf8')) as { vectors: VectorJson[] }
  return vectors.map(({ publicKey, message, signature, ...rest }) => ({
    ...rest,
    publicKey: fromHex(publicKey),
    message: fromHex(message),
    signature: fromHex(signature),
  }))
}
