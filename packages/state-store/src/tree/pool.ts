/** A reference to a node of the tree: an inner node by its index, a leaf by the complement of its index, or nothing. */
export type Ref = number
export const NONE: Ref = 0x7fff_ffff

export const isLeaf = (ref: Ref): boolean => ref < 0
export const leafRef = (leaf: number): Ref => ~leaf
export const leafOf = (ref: Ref): number => ~ref

/** Words of 32 bits in a hash. */
export const WORDS = 8

/**
 * Nodes in typed arrays, since a million objects would take ten times the memory. A row costs 32 bytes of path and 32
 * of hash in its leaf, and 43 in an inner node.
 */
export interface Pool {
  /** 32 bytes a leaf. */
  paths: Uint8Array
  leafHashes: Uint32Array
  /** The same memory as `leafHashes` and `innerHashes`, byte by byte. */
  leafBytes: Uint8Array
  innerBytes: Uint8Array
  left: Int32Array
  right: Int32Array
  /** The bit of the path on which an inner node splits; its children split on higher ones. */
  bits: Uint8Array
  innerHashes: Uint32Array
  /** Whether a hash is to be computed again. */
  dirty: Uint8Array
  leaves: number
  inners: number
  readonly freeLeaves: number[]
  readonly freeInners: number[]
}

export function createPool(capacity: number): Pool {
  const size = Math.max(16, capacity)
  const leafHashes = new Uint32Array(size * WORDS)
  const innerHashes = new Uint32Array(size * WORDS)
  return {
    paths: new Uint8Array(size * 32),
    leafHashes,
    leafBytes: new Uint8Array(leafHashes.buffer),
    left: new Int32Array(size),
    right: new Int32Array(size),
    bits: new Uint8Array(size),
    innerHashes,
    innerBytes: new Uint8Array(innerHashes.buffer),
    dirty: new Uint8Array(size),
    leaves: 0,
    inners: 0,
    freeLeaves: [],
    freeInners: [],
  }
}

/** Takes a leaf for a path and its hash, 32 bytes each. */
export function newLeaf(pool: Pool, path: Uint8Array, hash: Uint8Array): number {
  const leaf = pool.freeLeaves.pop() ?? pool.leaves++
  if (leaf * 32 >= pool.paths.length) growLeaves(pool)
  pool.paths.set(path, leaf * 32)
  setLeafHash(pool, leaf, hash)
  return leaf
}

export function setLeafHash(pool: Pool, leaf: number, hash: Uint8Array): void {
  pool.leafBytes.set(hash, leaf * 32)
}

/** Takes an inner node, dirty. */
export function newInner(pool: Pool, bit: number, left: Ref, right: Ref): number {
  const inner = pool.freeInners.pop() ?? pool.inners++
  if (inner >= pool.left.length) growInners(pool)
  pool.bits[inner] = bit
  pool.left[inner] = left
  pool.right[inner] = right
  pool.dirty[inner] = 0
  return inner
}

export function pathOf(pool: Pool, leaf: number): Uint8Array {
  return pool.paths.subarray(leaf * 32, leaf * 32 + 32)
}

/** The hash of a leaf or of an inner node that is not dirty; a copy. */
export function hashOf(pool: Pool, ref: Ref): Uint8Array {
  const bytes = isLeaf(ref) ? pool.leafBytes : pool.innerBytes
  const at = (isLeaf(ref) ? leafOf(ref) : ref) * 32
  return bytes.slice(at, at + 32)
}

function growLeaves(pool: Pool): void {
  pool.paths = grown(pool.paths, new Uint8Array(Math.ceil(pool.paths.length / 64) * 96))
  pool.leafHashes = grown(pool.leafHashes, new Uint32Array((pool.paths.length / 32) * WORDS))
  pool.leafBytes = new Uint8Array(pool.leafHashes.buffer)
}

function growInners(pool: Pool): void {
  const size = Math.ceil(pool.left.length * 1.5)
  pool.left = grown(pool.left, new Int32Array(size))
  pool.right = grown(pool.right, new Int32Array(size))
  pool.bits = grown(pool.bits, new Uint8Array(size))
  pool.dirty = grown(pool.dirty, new Uint8Array(size))
  pool.innerHashes = grown(pool.innerHashes, new Uint32Array(size * WORDS))
  pool.innerBytes = new Uint8Array(pool.innerHashes.buffer)
}

function grown<T extends Uint8Array | Uint32Array | Int32Array>(from: T, to: T): T {
  to.set(from)
  return to
}
