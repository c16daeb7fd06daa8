import { compareBytes, equalBytes } from './bytes.ts'
import { encodeCanonical } from './canonical-encode.ts'
import { sha256 } from './sha256.ts'

/** One step from a leaf towards the root: where the sibling stands, and its hash of 32 bytes. */
export interface ProofStep {
  readonly side: 'left' | 'right'
  readonly hash: Uint8Array
}

/** Proves that the tree holds `value` at `path`. */
export interface RowProof {
  /** 32 bytes */
  readonly path: Uint8Array
  /** What is hashed into the leaf: the canonical row, or a module's root. */
  readonly value: Uint8Array
  /** From leaf to root, at most 256. */
  readonly steps: readonly ProofStep[]
}

/** Proves that the tree holds nothing at `path`, by its neighbours; at the ends one is missing, in an empty tree both. */
export interface AbsenceProof {
  readonly path: Uint8Array
  readonly left?: RowProof
  readonly right?: RowProof
}

/** A proof that is not even well formed. */
export class ProofError extends Error {
  override readonly name = 'ProofError'
  readonly code = 'BAD_PROOF'
}

/** Root of a tree without leaves; a tree with one leaf has that leaf's hash as its root. */
export const EMPTY_ROOT: Uint8Array = new Uint8Array(32)

/** Every inner node splits on its own bit of a 256-bit path. */
const MAX_STEPS = 256
const LEAF_PREFIX = new TextEncoder().encode('icn:leaf')

/** Where a row stands in its module's tree: 32 bytes. */
export function rowPath(table: string, key: readonly (string | number)[]): Uint8Array {
  return sha256(encodeCanonical([table, ...key]))
}

/** sha256("icn:leaf" || path || sha256(value)): 72 bytes go in, so no leaf is an inner node. */
export function leafHash(path: Uint8Array, value: Uint8Array): Uint8Array {
  return sha256(LEAF_PREFIX, path, sha256(value))
}

/** sha256(left || right), of exactly 64 bytes. */
export function innerHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(left, right)
}

/** The root that a proof leads to. @throws ProofError for wrong lengths or more than 256 steps */
export function rootFromProof(proof: RowProof): Uint8Array {
  if (!isWellFormed(proof)) throw new ProofError('expected a path and hashes of 32 bytes and at most 256 steps')
  return climb(proof)
}

/** Whether the tree with this root holds `proof.value` at `proof.path`. Never throws. */
export function verifyRow(root: Uint8Array, proof: RowProof): boolean {
  return isWellFormed(proof) && isBytes(root) && equalBytes(climb(proof), root)
}

/**
 * Whether the tree with this root holds nothing at `absence.path`: both neighbours are in the tree, the path lies
 * between them, and their steps leave no room for a leaf between them. Never throws.
 *
 * The root says nothing about bit positions, so what is proved is that the two leaves are next to each other in the
 * tree; that leaves stand in order of their paths is the promise of whoever signed the root.
 *
 * @see ICS 23, VerifyNonMembership (IsLeftMost, IsRightMost, IsLeftNeighbor)
 */
export function verifyAbsence(root: Uint8Array, absence: AbsenceProof): boolean {
  if (!isBytes(root) || !isBytes(absence?.path)) return false
  const { path, left, right } = absence
  if (left !== undefined && !(verifyRow(root, left) && compareBytes(left.path, path) < 0)) return false
  if (right !== undefined && !(verifyRow(root, right) && compareBytes(path, right.path) < 0)) return false
  if (left === undefined && right === undefined) return equalBytes(root, EMPTY_ROOT)
  if (left === undefined) return right !== undefined && isOutermost(right.steps, 'right', right.steps.length)
  if (right === undefined) return isOutermost(left.steps, 'left', left.steps.length)
  return areNeighbours(left.steps, right.steps)
}

function climb(proof: RowProof): Uint8Array {
  let hash = leafHash(proof.path, proof.value)
  for (const step of proof.steps) hash = step.side === 'left' ? innerHash(step.hash, hash) : innerHash(hash, step.hash)
  return hash
}

/** All of the lowest `count` siblings on one side: the leaf is the last of its subtree on the other. */
function isOutermost(steps: readonly ProofStep[], side: ProofStep['side'], count: number): boolean {
  for (let i = 0; i < count; i++) if (steps[i]?.side !== side) return false
  return true
}

/** Down from the root while the ways agree; then left and right, and each along the inner edge of its subtree. */
function areNeighbours(left: readonly ProofStep[], right: readonly ProofStep[]): boolean {
  let l = left.length - 1
  let r = right.length - 1
  while (isSameStep(left[l], right[r])) {
    l--
    r--
  }
  if (left[l]?.side !== 'right' || right[r]?.side !== 'left') return false
  return isOutermost(left, 'left', l) && isOutermost(right, 'right', r)
}

function isSameStep(a: ProofStep | undefined, b: ProofStep | undefined): boolean {
  return a !== undefined && b !== undefined && a.side === b.side && equalBytes(a.hash, b.hash)
}

function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && value.length === 32
}

function isWellFormed(proof: RowProof): boolean {
  return (
    isBytes(proof?.path) &&
    proof.value instanceof Uint8Array &&
    Array.isArray(proof.steps) &&
    proof.steps.length <= MAX_STEPS &&
    proof.steps.every((step) => (step?.side === 'left' || step?.side === 'right') && isBytes(step.hash))
  )
}
