import { HASH_WORDS } from './bits.ts'

/** A reference to what hangs in a slot: an inner node by its index, a bucket by the complement of its first leaf, or nothing. */
export type Ref = number
/** Index 0 is no inner node of the tree, so that memory not yet written says "nothing". */
export const NONE: Ref = 0

export const isInner = (ref: Ref): boolean => ref > 0
export const isBucket = (ref: Ref): boolean => ref < 0
export const bucketRef = (firstLeaf: number): Ref => ~firstLeaf
export const firstLeafOf = (ref: Ref): number => ~ref

/** A place where a node hangs: below inner node `n` these are `2n` and `2n + 1`. */
export type Slot = number
/** The root hangs below index 0, so that it is no special case when nodes come and go. */
export const ROOT: Slot = 0

export const leftSlot = (inner: number): Slot => 2 * inner
export const rightSlot = (inner: number): Slot => 2 * inner + 1
export const innerOf = (slot: Slot): number => slot >> 1
export const siblingOf = (slot: Slot): Slot => slot ^ 1

/** A slot: what hangs there, the bit on which that splits or the number of leaves in it, its hash. */
export const SLOT_WORDS = 10
const BIT = 1
const HASH = 2

/** A leaf: its path, its hash, the leaf that comes next in its bucket. */
export const RECORD_WORDS = 2 * HASH_WORDS + 1
const NEXT = 2 * HASH_WORDS
/** There is no next one. */
export const END = -1

/**
 * A bucket holds so many leaves at most. PERF: with 16 a row takes 75 bytes instead of 83, and a changed leaf costs half a
 * microsecond more.
 */
export const BUCKET_LEAVES = 8
/** Of random paths two thirds of a bucket are filled on the average, so that there are so many leaves for an inner node. */
const LEAVES_OF_INNER = 5

/**
 * Nodes in typed arrays, since a million objects would take ten times the memory. Subtrees of few leaves are buckets:
 * lists of leaves in order of their paths, of which the nodes between are computed when one has changed. 83 bytes a row.
 *
 * PERF: reading memory is what takes the time in a large tree, so all that is read of an inner node, on the way down
 * and for its hash, stands in its two slots side by side; and leaves that are loaded stand in the order of their paths.
 */
export interface Pool {
  slotWords: Int32Array
  leafWords: Int32Array
  /** The same memory, byte by byte. */
  slotBytes: Uint8Array
  leafBytes: Uint8Array
  leaves: number
  /** Inner nodes and index 0. */
  inners: number
  readonly freeLeaves: number[]
  readonly freeInners: number[]
}

/** @param leaves - for how many there is room at once */
export function createPool(leaves: number): Pool {
  const slotWords = new Int32Array(roomFor(Math.ceil(leaves / LEAVES_OF_INNER)) * 2 * SLOT_WORDS)
  const leafWords = new Int32Array(roomFor(leaves) * RECORD_WORDS)
  const bytes = { slotBytes: new Uint8Array(slotWords.buffer), leafBytes: new Uint8Array(leafWords.buffer) }
  return { slotWords, leafWords, ...bytes, leaves: 0, inners: 1, freeLeaves: [], freeInners: [] }
}

/** Takes a leaf, in which there may still be what was there before. */
export function newLeaf(pool: Pool): number {
  const leaf = pool.freeLeaves.pop() ?? pool.leaves++
  if (leaf * RECORD_WORDS >= pool.leafWords.length) {
    pool.leafWords = grown(pool.leafWords, RECORD_WORDS)
    pool.leafBytes = new Uint8Array(pool.leafWords.buffer)
  }
  return leaf
}

/** Takes an inner node; in its slots there may still be what was there before. */
export function newInner(pool: Pool): number {
  const inner = pool.freeInners.pop() ?? pool.inners++
  if (inner * 2 * SLOT_WORDS >= pool.slotWords.length) {
    pool.slotWords = grown(pool.slotWords, 2 * SLOT_WORDS)
    pool.slotBytes = new Uint8Array(pool.slotWords.buffer)
  }
  return inner
}

export const refAt = (pool: Pool, slot: Slot): Ref => pool.slotWords[slot * SLOT_WORDS] as number

/** On which bit the inner node in a slot splits. */
export const bitIn = (pool: Pool, slot: Slot): number => pool.slotWords[slot * SLOT_WORDS + BIT] as number

/** How many leaves the bucket in a slot has. */
export const countIn = bitIn

/** Hangs an inner node into a slot; the hash is left as it is. */
export function setInner(pool: Pool, slot: Slot, inner: number, bit: number): void {
  pool.slotWords[slot * SLOT_WORDS] = inner
  pool.slotWords[slot * SLOT_WORDS + BIT] = bit
}

/** Hangs a bucket into a slot; the hash is left as it is. */
export function setBucket(pool: Pool, slot: Slot, firstLeaf: number, count: number): void {
  setInner(pool, slot, bucketRef(firstLeaf), count)
}

/** Leaves nothing in a slot. */
export function empty(pool: Pool, slot: Slot): void {
  pool.slotWords.fill(0, slot * SLOT_WORDS, (slot + 1) * SLOT_WORDS)
}

/** Hangs what hangs in one slot into another. */
export function moveNode(pool: Pool, from: Slot, to: Slot): void {
  const { slotWords } = pool
  for (let word = 0; word < SLOT_WORDS; word++) {
    slotWords[to * SLOT_WORDS + word] = slotWords[from * SLOT_WORDS + word] as number
  }
}

/** Where the hash in a slot begins in `slotWords`. */
export const hashStart = (slot: Slot): number => slot * SLOT_WORDS + HASH

/** The hash in a slot; a copy. */
export function hashAt(pool: Pool, slot: Slot): Uint8Array {
  return pool.slotBytes.slice(hashStart(slot) * 4, hashStart(slot) * 4 + 32)
}

/** Where a leaf begins in `leafWords`, with its path. */
export const recordStart = (leaf: number): number => leaf * RECORD_WORDS

/** Where the path of a leaf begins in `leafBytes`. */
export const pathStart = (leaf: number): number => leaf * RECORD_WORDS * 4

/** Where the hash of a leaf begins in `leafWords`. */
export const leafHashStart = (leaf: number): number => leaf * RECORD_WORDS + HASH_WORDS

/** The leaf that comes next in its bucket, or `END`. */
export const nextOf = ({ leafWords }: Pool, leaf: number): number => leafWords[leaf * RECORD_WORDS + NEXT] as number

export function setNext({ leafWords }: Pool, leaf: number, next: number): void {
  leafWords[leaf * RECORD_WORDS + NEXT] = next
}

/** Path and hash of a leaf, 64 bytes; a copy. */
export function leafAt(pool: Pool, leaf: number): Uint8Array {
  return pool.leafBytes.slice(pathStart(leaf), pathStart(leaf) + 64)
}

/** The path of a leaf; a copy. */
export function pathOf(pool: Pool, leaf: number): Uint8Array {
  return pool.leafBytes.slice(pathStart(leaf), pathStart(leaf) + 32)
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
