import {
  appendLog,
  CanonicalError,
  decodeCanonical,
  emptyLog,
  encodeCanonical,
  logLeaf,
  logRoot,
  publicKeyFromSeed,
  sha256,
  signDomain,
  verifyDomain,
} from '@icn/crypto'
import { publicKeyToText } from './did.ts'
import type { GenesisValidator } from './genesis.ts'
import { HEADER_DOMAIN } from './transaction.ts'

/** What validators sign of a block. Its bytes are the DAG-CBOR map of these fields. */
export interface BlockHeader {
  readonly chainId: string
  /** From 1. */
  readonly height: number
  readonly timeMs: number
  /** Header hash of the block before; of the first block, the genesis hash. */
  readonly previousHash: Uint8Array
  /** State after this block. */
  readonly appHash: Uint8Array
  readonly transactionsRoot: Uint8Array
  readonly resultsHash: Uint8Array
  /** Root of each module by name, after this block. */
  readonly moduleRoots: Readonly<Record<string, Uint8Array>>
  /** Who proposed the block: `z6Mk…` of a validator. */
  readonly proposer: string
}

export interface HeaderSignature {
  /** 32 bytes */
  readonly publicKey: Uint8Array
  /** 64 bytes over domain `icn:header:1` and the header bytes */
  readonly signature: Uint8Array
}

export interface SignedHeader {
  readonly header: BlockHeader
  /** What is hashed and signed. */
  readonly headerBytes: Uint8Array
  readonly signatures: readonly HeaderSignature[]
}

/** Bytes that are no header. */
export class MalformedHeader extends Error {
  override readonly name = 'MalformedHeader'
  readonly code = 'BAD_HEADER'
}

/** Validators of a network, at most. */
const MAX_SIGNATURES = 1_000

export function encodeHeader(header: BlockHeader): Uint8Array {
  return encodeCanonical(header)
}

/** @throws MalformedHeader for anything that `encodeHeader` of a valid header does not write */
export function decodeHeader(bytes: Uint8Array): BlockHeader {
  const value = decode(bytes)
  if (!isHeader(value)) throw new MalformedHeader('expected a map with the nine fields of a block header')
  return value
}

/** Names the block. */
export function headerHash(headerBytes: Uint8Array): Uint8Array {
  return sha256(headerBytes)
}

/** DAG-CBOR `[header bytes, [[public key, signature], …]]`, signed by each seed in order. */
export function signHeader(headerBytes: Uint8Array, seeds: readonly Uint8Array[]): Uint8Array {
  const signatures = seeds.map((seed) => ({
    publicKey: publicKeyFromSeed(seed),
    signature: signDomain(HEADER_DOMAIN, headerBytes, seed),
  }))
  return encodeSignedHeader(headerBytes, signatures)
}

export function encodeSignedHeader(headerBytes: Uint8Array, signatures: readonly HeaderSignature[]): Uint8Array {
  return encodeCanonical([headerBytes, signatures.map(({ publicKey, signature }) => [publicKey, signature])])
}

/** @throws MalformedHeader; the signatures are well formed afterwards, not checked */
export function decodeSignedHeader(bytes: Uint8Array): SignedHeader {
  const value = decode(bytes)
  const [headerBytes, list] = Array.isArray(value) && value.length === 2 ? value : []
  if (!(headerBytes instanceof Uint8Array) || !Array.isArray(list) || list.length > MAX_SIGNATURES) {
    throw new MalformedHeader('expected a list of header bytes and signatures')
  }
  return { header: decodeHeader(headerBytes), headerBytes, signatures: list.map(asSignature) }
}

/**
 * How much of the validators' power signed. A block is final where `3 * signed > 2 * total`.
 * Unknown keys and invalid signatures count nothing, and a validator counts once. 65 µs a signature on node.
 */
export function signedPower(
  signed: SignedHeader,
  validators: readonly GenesisValidator[],
): { readonly signed: number; readonly total: number } {
  const left = new Map(validators.map(({ publicKey, power }) => [publicKey, power]))
  let total = 0
  for (const power of left.values()) total += power
  let power = 0
  for (const { publicKey, signature } of signed.signatures) {
    const key = publicKeyToText(publicKey)
    const share = left.get(key) ?? 0
    if (share === 0 || !verifyDomain(HEADER_DOMAIN, publicKey, signed.headerBytes, signature)) continue
    power += share
    left.delete(key)
  }
  return { signed: power, total }
}

/** Root of the log of transaction hashes, in the order of the block. */
export function transactionsRoot(hashes: readonly Uint8Array[]): Uint8Array {
  let log = emptyLog()
  for (const hash of hashes) log = appendLog(log, logLeaf(hash))
  return logRoot(log)
}

/** SHA-256 of the DAG-CBOR list of `[code, result]`, in the order of the block. */
export function resultsHash(
  results: readonly { readonly code: number; readonly result: Readonly<Record<string, string | number>> }[],
): Uint8Array {
  return sha256(encodeCanonical(results.map(({ code, result }) => [code, result])))
}

function decode(bytes: Uint8Array): unknown {
  try {
    return decodeCanonical(bytes)
  } catch (cause) {
    if (cause instanceof CanonicalError) throw new MalformedHeader(cause.message, { cause })
    throw cause
  }
}

function asSignature(value: unknown): HeaderSignature {
  const [publicKey, signature] = Array.isArray(value) && value.length === 2 ? value : []
  if (!isBytes(publicKey, 32) || !isBytes(signature, 64)) {
    throw new MalformedHeader('expected signatures of a public key of 32 bytes and a signature of 64')
  }
  return { publicKey, signature }
}

function isHeader(value: unknown): value is BlockHeader {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 9) return false
  const header = value as Record<string, unknown>
  const { chainId, height, timeMs, moduleRoots, proposer } = header
  return (
    typeof chainId === 'string' &&
    isCount(height) &&
    height > 0 &&
    isCount(timeMs) &&
    isBytes(header.previousHash, 32) &&
    isBytes(header.appHash, 32) &&
    isBytes(header.transactionsRoot, 32) &&
    isBytes(header.resultsHash, 32) &&
    typeof moduleRoots === 'object' &&
    moduleRoots !== null &&
    !Array.isArray(moduleRoots) &&
    !(moduleRoots instanceof Uint8Array) &&
    Object.values(moduleRoots).every((root) => isBytes(root, 32)) &&
    typeof proposer === 'string'
  )
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0
}

function isBytes(value: unknown, length: number): value is Uint8Array {
  return value instanceof Uint8Array && value.length === length
}
