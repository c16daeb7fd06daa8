import type { Bodies, BodyKind } from './bodies/index.ts'

/** What is signed: one member's action. `sequence` counts the signer's transactions from 0 without gaps. */
export interface Transaction<K extends BodyKind = BodyKind> {
  readonly chainId: string
  readonly signer: string
  /** `#`-less fragment of the signing key: for did:key the key text itself, for did:icn an id of its document. */
  readonly keyId: string
  readonly sequence: number
  /** Last block height at which it may be committed. */
  readonly expiryHeight: number
  readonly body: Bodies[K]
}

/** Signed bytes taken apart, canonical and well formed; the signature is not checked yet. */
export interface ParsedTransaction {
  readonly tx: Transaction
  /** DAG-CBOR of `tx`: what the signature covers, after the domain tag. */
  readonly payload: Uint8Array
  readonly signature: Uint8Array
  /** The whole signed bytes: DAG-CBOR list `[payload, signature]`. */
  readonly bytes: Uint8Array
  /** SHA-256 of `bytes`: names the transaction. */
  readonly hash: Uint8Array
}

/** Domain of transaction signatures: the message is `icn:tx:1`, a zero byte, the payload. */
export const TRANSACTION_DOMAIN = 'icn:tx:1'
export const INVITATION_DOMAIN = 'icn:invitation:1'
export const HEADER_DOMAIN = 'icn:header:1'
export const SIGN_IN_DOMAIN = 'icn:sign-in:1'
