import { firstDifference, PATH_BYTES } from './bits.ts'

/** A node: 0 and above an inner node, below 0 a leaf (`~index`), `EMPTY` nothing. */
export type Ref = number
export const EMPTY: Ref = -0x8000_0000

/**
 * A crit-bit tree in typed arrays: 109 bytes for a row, and nothing for the garbage collector to look through.
 * An inner node stands for the first bit in which the paths below it differ: 0 to the left.
 */
export interface Pool {
  root: Ref
  leafCount: number
  /** Slots in use or free again; those beyond were never used. */
  leafEnd: number
  innerEnd: number
  readonly freeLeaves: number[]
  readonly freeInner: number[]
  /** Paths of the leaves, 32 bytes each. */
  paths: Uint8Array<ArrayBuffer>
  /** Hashes as 8 words of 4 bytes: copying words is several times faster than copying bytes. */
  leafHashes: Int32Array<ArrayBuffer>
  /** A number that the owner keeps with each leaf. */
  tags: Uint32Array<ArrayBuffer>
  innerHashes: Int32Array<ArrayBuffer>
  left: Int32Array<ArrayBuffer>
  right: Int32Array<ArrayBuffer>
  bits: Uint8Array<ArrayBuffer>
}

export const HASH_WORDS = 8
const HASH_BYTES = 32

export function createPool(capacity = 0): Pool {
  return {
    root: EMPTY,
    leafCount: 0,
    leafEnd: 0,
    innerEnd: 0,
    freeLeaves: [],
    freeInner: [],
    paths: new Uint8Array(capacity * PATH_BYTES),
    leafHashes: new Int32Array(capacity * HASH_WORDS),
    tags: new Uint32Array(capacity),
    innerHashes: new Int32Array(capacity * HASH_WORDS),
    left: new Int32Array(capacity),
    right: new Int32Array(capacity),
    bits: new Uint8Array(capacity),
  }
}

/** Room for this many leaves; grows by an eighth, so that at most 13 % stand empty. */
export function reserve(pool: Pool, leaves: number): void {
  const capacity = pool.tags.length
  if (leaves <= capacity) return
  const room = Math.max(leaves, capacity + (capacity >> 3), 64)
  pool.paths = grown(pool.paths, new Uint8Array(room * PATH_BYTES))
  pool.leafHashes = grown(pool.leafHashes, new Int32Array(room * HASH_WORDS))
  pool.tags = grown(pool.tags, new Uint32Array(room))
  pool.innerHashes = grown(pool.innerHashes, new Int32Array(room * HASH_WORDS))
  pool.left = grown(pool.left, new Int32Array(room))
  pool.right = grown(pool.right, new Int32Array(room))
  pool.bits = grown(pool.bits, new Uint8Array(room))
}

function grown<T extends Uint8Array | Int32Array | Uint32Array>(from: T, to: T): T {
  to.set(from)
  return to
}

/** The only leaf that may have this path; -1 in an empty tree. */
export function nearestLeaf(pool: Pool, paths: Uint8Array, at: number): number {
  const { bits, left, right } = pool
  let ref = pool.root
  if (ref === EMPTY) return -1
  while (ref >= 0) {
    const bit = bits[ref] as number
    const isRight = ((paths[at + (bit >> 3)] as number) >> (7 - (bit & 7))) & 1
    ref = (isRight === 1 ? right[ref] : left[ref]) as number
  }
  return ~ref
}

/** The leaf with exactly this path, -1 where there is none. */
export function findLeaf(pool: Pool, path: Uint8Array): number {
  const leaf = nearestLeaf(pool, path, 0)
  return leaf >= 0 && firstDifference(pool.paths, leaf * PATH_BYTES, path, 0) === 256 ? leaf : -1
}

export function leafHashOf(pool: Pool, leaf: number): Uint8Array {
  return new Uint8Array(pool.leafHashes.buffer, leaf * HASH_BYTES, HASH_BYTES).slice()
}

export function pathOf(pool: Pool, leaf: number): Uint8Array {
  return pool.paths.slice(leaf * PATH_BYTES, (leaf + 1) * PATH_BYTES)
}

/** A copy of the hash of a node that is not empty. */
export function hashOf(pool: Pool, ref: Ref): Uint8Array {
  if (ref < 0) return leafHashOf(pool, ~ref)
  return new Uint8Array(pool.innerHashes.buffer, ref * HASH_BYTES, HASH_BYTES).slice()
}

export function setLeafHash(pool: Pool, leaf: number, hash: Uint8Array): void {
  new Uint8Array(pool.leafHashes.buffer).set(hash, leaf * HASH_BYTES)
}
