/** A reference to a node of the tree: an inner node by its index, a leaf by the complement of its index, or nothing. */
export type Ref = number
export const NONE: Ref = 0x7fff_ffff

export const isLeaf = (ref: Ref): boolean => ref < 0
export const leafRef = (leaf: number): Ref => ~leaf
export const leafOf = (ref: Ref): number => ~ref

/** Words of 32 bits in a hash. */
export const HASH_WORDS = 8
/** A leaf: its path, then its hash. */
export const LEAF_WORDS = 16
/** An inner node: left and right child, the bit on which it splits, whether it is dirty, its hash. */
export const INNER_WORDS = 12
const RIGHT = 1
const BIT = 2
const DIRTY = 3
const HASH = 4

/**
 * Nodes in typed arrays, since a million objects would take ten times the memory. PERF: all that belongs to a node
 * stands together, so that a visit costs one or two lines of the cache and not five. 112 bytes a row.
 */
export interface Pool {
  leafWords: Int32Array
  innerWords: Int32Array
  /** The same memory, byte by byte. */
  leafBytes: Uint8Array
  innerBytes: Uint8Array
  leaves: number
  inners: number
  readonly freeLeaves: number[]
  readonly freeInners: number[]
}

/** @param nodes - leaves for which there is room at once */
export function createPool(nodes: number): Pool {
  const leafWords = new Int32Array(roomFor(nodes) * LEAF_WORDS)
  const innerWords = new Int32Array(roomFor(nodes) * INNER_WORDS)
  const bytes = { leafBytes: new Uint8Array(leafWords.buffer), innerBytes: new Uint8Array(innerWords.buffer) }
  return { leafWords, innerWords, ...bytes, leaves: 0, inners: 0, freeLeaves: [], freeInners: [] }
}

/** Takes a leaf for a path and its hash, 32 bytes each. */
export function newLeaf(pool: Pool, path: Uint8Array, hash: Uint8Array): number {
  const leaf = pool.freeLeaves.pop() ?? pool.leaves++
  if (leaf * LEAF_WORDS >= pool.leafWords.length) {
    pool.leafWords = grown(pool.leafWords, LEAF_WORDS)
    pool.leafBytes = new Uint8Array(pool.leafWords.buffer)
  }
  pool.leafBytes.set(path, pathStart(leaf))
  setLeafHash(pool, leaf, hash)
  return leaf
}

export function setLeafHash(pool: Pool, leaf: number, hash: Uint8Array): void {
  pool.leafBytes.set(hash, pathStart(leaf) + 32)
}

/** Takes an inner node that is not dirty yet. */
export function newInner(pool: Pool, bit: number, left: Ref, right: Ref): number {
  const inner = pool.freeInners.pop() ?? pool.inners++
  if (inner * INNER_WORDS >= pool.innerWords.length) {
    pool.innerWords = grown(pool.innerWords, INNER_WORDS)
    pool.innerBytes = new Uint8Array(pool.innerWords.buffer)
  }
  pool.innerWords[inner * INNER_WORDS + BIT] = bit
  setDirty(pool, inner, false)
  setLeft(pool, inner, left)
  setRight(pool, inner, right)
  return inner
}

export const bitOf = (pool: Pool, inner: number): number => pool.innerWords[inner * INNER_WORDS + BIT] as number
export const leftOf = (pool: Pool, inner: number): Ref => pool.innerWords[inner * INNER_WORDS] as number
export const rightOf = (pool: Pool, inner: number): Ref => pool.innerWords[inner * INNER_WORDS + RIGHT] as number
export const isDirty = (pool: Pool, inner: number): boolean => pool.innerWords[inner * INNER_WORDS + DIRTY] === 1

export function setLeft(pool: Pool, inner: number, ref: Ref): void {
  pool.innerWords[inner * INNER_WORDS] = ref
}

export function setRight(pool: Pool, inner: number, ref: Ref): void {
  pool.innerWords[inner * INNER_WORDS + RIGHT] = ref
}

export function setDirty(pool: Pool, inner: number, dirty: boolean): void {
  pool.innerWords[inner * INNER_WORDS + DIRTY] = dirty ? 1 : 0
}

/** Where the path of a leaf begins in `leafBytes`. */
export const pathStart = (leaf: number): number => leaf * LEAF_WORDS * 4

/** Where the hash of an inner node begins in `innerWords`. */
export const innerHashStart = (inner: number): number => inner * INNER_WORDS + HASH

/** Where the hash of a leaf begins in `leafWords`. */
export const leafHashStart = (leaf: number): number => leaf * LEAF_WORDS + HASH_WORDS

export function pathOf(pool: Pool, leaf: number): Uint8Array {
  return pool.leafBytes.subarray(pathStart(leaf), pathStart(leaf) + 32)
}

/** The hash of a leaf or of an inner node that is not dirty; a copy. */
export function hashOf(pool: Pool, ref: Ref): Uint8Array {
  if (isLeaf(ref)) return pool.leafBytes.slice(leafHashStart(leafOf(ref)) * 4, leafHashStart(leafOf(ref)) * 4 + 32)
  return pool.innerBytes.slice(innerHashStart(ref) * 4, innerHashStart(ref) * 4 + 32)
}

/** A larger array with the same beginning. */
function grown(words: Int32Array, nodeWords: number): Int32Array {
  const larger = new Int32Array(roomFor(words.length / nodeWords) * nodeWords)
  larger.set(words)
  return larger
}

/** Room for some nodes more than there are: an eighth, since a large tree must not take twice its memory to grow. */
function roomFor(nodes: number): number {
  return nodes + Math.max(64, nodes >> 3)
}
