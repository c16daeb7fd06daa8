import { HASH_WORDS } from './bits.ts'

/** A reference to a node of the tree: an inner node by its index, a leaf by the complement of its index, or nothing. */
export type Ref = number
/** Index 0 is no inner node of the tree, so that memory not yet written says "nothing". */
export const NONE: Ref = 0

export const isInner = (ref: Ref): boolean => ref > 0
export const isLeaf = (ref: Ref): boolean => ref < 0
export const leafRef = (leaf: number): Ref => ~leaf
export const leafOf = (ref: Ref): number => ~ref

/** A place where a node hangs: below inner node `n` these are `2n` and `2n + 1`. */
export type Slot = number
/** The root hangs below index 0, so that it is no special case when nodes come and go. */
export const ROOT: Slot = 0

export const leftSlot = (inner: number): Slot => 2 * inner
export const rightSlot = (inner: number): Slot => 2 * inner + 1
export const innerOf = (slot: Slot): number => slot >> 1
export const siblingOf = (slot: Slot): Slot => slot ^ 1

/** A slot: what hangs there, the bit on which that splits, its hash. */
export const SLOT_WORDS = 10
const BIT = 1
const HASH = 2

/**
 * Nodes in typed arrays, since a million objects would take ten times the memory. 112 bytes a row.
 *
 * PERF: reading memory is what takes the time in a large tree, so all that is read of an inner node, on the way down
 * and for its hash, stands in its two slots side by side.
 */
export interface Pool {
  slotWords: Int32Array
  /** The path of each leaf. */
  pathWords: Int32Array
  /** The same memory, byte by byte. */
  slotBytes: Uint8Array
  pathBytes: Uint8Array
  leaves: number
  /** Inner nodes and index 0. */
  inners: number
  readonly freeLeaves: number[]
  readonly freeInners: number[]
}

/** @param leaves - for how many there is room at once */
export function createPool(leaves: number): Pool {
  const slotWords = new Int32Array(roomFor(leaves) * 2 * SLOT_WORDS)
  const pathWords = new Int32Array(roomFor(leaves) * HASH_WORDS)
  const bytes = { slotBytes: new Uint8Array(slotWords.buffer), pathBytes: new Uint8Array(pathWords.buffer) }
  return { slotWords, pathWords, ...bytes, leaves: 0, inners: 1, freeLeaves: [], freeInners: [] }
}

/** Takes a leaf for a path. */
export function newLeaf(pool: Pool, path: Uint8Array): Ref {
  const leaf = pool.freeLeaves.pop() ?? pool.leaves++
  if (leaf * HASH_WORDS >= pool.pathWords.length) {
    pool.pathWords = grown(pool.pathWords, HASH_WORDS)
    pool.pathBytes = new Uint8Array(pool.pathWords.buffer)
  }
  pool.pathBytes.set(path, pathStart(leaf))
  return leafRef(leaf)
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

/** Hangs an inner node into a slot; the hash is left as it is. */
export function setInner(pool: Pool, slot: Slot, inner: number, bit: number): void {
  pool.slotWords[slot * SLOT_WORDS] = inner
  pool.slotWords[slot * SLOT_WORDS + BIT] = bit
}

/** Hangs a leaf, or nothing, into a slot; the hash is left as it is. */
export function setRef(pool: Pool, slot: Slot, ref: Ref): void {
  pool.slotWords[slot * SLOT_WORDS] = ref
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

/** Where the path of a leaf begins in `pathBytes`. */
export const pathStart = (leaf: number): number => leaf * HASH_WORDS * 4

/** The path of a leaf; a copy. */
export function pathOf(pool: Pool, leaf: number): Uint8Array {
  return pool.pathBytes.slice(pathStart(leaf), pathStart(leaf) + 32)
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
