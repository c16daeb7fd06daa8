import { type Batch, batchOf, type LeafChange, undoOf } from './batch.ts'
import { bitAt, copyHash, firstDifference, HASH_WORDS } from './bits.ts'
import { canJoin, findIn, joinBuckets, link, split, unlink } from './bucket.ts'
import { BUCKETS, hashBuckets } from './bucket-hash.ts'
import { LEAF_BYTES, LEAF_WORDS, sortedIndexes } from './leaf-list.ts'
import {
  BUCKET_LEAVES,
  bitIn,
  countIn,
  END,
  empty,
  firstLeafOf,
  innerOf,
  isBucket,
  isInner,
  leafHashStart,
  leftSlot,
  moveNode,
  NONE,
  newInner,
  newLeaf,
  type Pool,
  pathStart,
  RECORD_WORDS,
  ROOT,
  recordStart,
  refAt,
  rightSlot,
  type Slot,
  setBucket,
  setInner,
  setNext,
  siblingOf,
} from './pool.ts'
import { keep } from './read-ahead.ts'
import { rehash } from './rehash.ts'
import { nearest, PATHS, routeOf, slotBelow } from './route.ts'

const ends = new Int32Array(PATHS)
const buckets = new Int32Array(BUCKETS)

/**
 * Changes leaves, rehashes what stands above them, and answers the changes that undo it. PERF: neighbours are changed
 * together, so that what the way down has read is still in the second cache when hashes are computed on the way up.
 */
export function apply(pool: Pool, changes: readonly LeafChange[]): LeafChange[] {
  const batch = batchOf(changes)
  const order = sortedIndexes(batch.bytes)
  for (let from = 0; from < order.length; from += PATHS) applySlice(pool, batch, order.subarray(from, from + PATHS))
  return undoOf(batch, changes)
}

/** Leaves that come or go change the shape, so that the way to all has to be found anew. */
function applySlice(pool: Pool, batch: Batch, order: Uint32Array): void {
  let route = routeOf(pool, batch.bytes, order, ends)
  readLeaves(pool, order.length)
  const reshaping: number[] = []
  for (let at = 0; at < order.length; at++) {
    const item = order[at] as number
    const leaf = leafOf(pool, ends[at] as Slot, batch, item)
    if (leaf !== END) swapHash(pool, leaf, batch, item)
    if ((leaf !== END) === (batch.isGone[item] === 1)) reshaping.push(item)
  }
  for (const item of reshaping) {
    if (batch.isGone[item] === 1) remove(pool, batch, item)
    else insert(pool, batch, item)
  }
  if (reshaping.length > 0) route = routeOf(pool, batch.bytes, order, ends)
  hashBuckets(pool, buckets, bucketsAtEnds(pool, order.length))
  rehash(pool, route)
}

/** Most leaves of a bucket stand behind its first one. */
function readLeaves(pool: Pool, count: number): void {
  const { leafWords } = pool
  let read = 0
  for (let at = 0; at < count; at++) {
    const word = recordStart(firstLeafOf(refAt(pool, ends[at] as Slot)))
    for (let next = 0; next < BUCKET_LEAVES * RECORD_WORDS; next += 16) read ^= leafWords[word + next] ?? 0
  }
  keep(read)
}

/** Those to which paths lead, each once; answers how many. Paths that lead to one stand side by side. */
function bucketsAtEnds(pool: Pool, paths: number): number {
  let count = 0
  for (let at = 0; at < paths; at++) {
    const slot = ends[at] as Slot
    if (isBucket(refAt(pool, slot)) && (count === 0 || buckets[count - 1] !== slot)) buckets[count++] = slot
  }
  return count
}

function leafOf(pool: Pool, slot: Slot, { words }: Batch, item: number): number {
  return refAt(pool, slot) === NONE ? END : findIn(pool, slot, words, item * LEAF_WORDS)
}

const swapped = new Int32Array(HASH_WORDS)

/** Gives a leaf its new hash and the batch the old one. */
function swapHash(pool: Pool, leaf: number, batch: Batch, item: number): void {
  const at = item * LEAF_WORDS + HASH_WORDS
  copyHash(batch.words, at, swapped, 0)
  copyHash(pool.leafWords, leafHashStart(leaf), batch.words, at)
  copyHash(swapped, 0, pool.leafWords, leafHashStart(leaf))
  batch.wasThere[item] = 1
}

/** Takes a leaf out. Where it was alone its sibling takes the place of their parent. */
function remove(pool: Pool, { bytes, words }: Batch, item: number): void {
  const start = item * LEAF_BYTES
  let above = ROOT
  let slot = ROOT
  while (isInner(refAt(pool, slot))) {
    above = slot
    slot = slotBelow(pool, slot, bytes, start)
  }
  const leaf = findIn(pool, slot, words, item * LEAF_WORDS)
  pool.freeLeaves.push(leaf)
  if (countIn(pool, slot) > 1) {
    unlink(pool, slot, leaf)
    if (slot !== ROOT && canJoin(pool, innerOf(slot))) joinBuckets(pool, above)
  } else if (slot === ROOT) empty(pool, ROOT)
  else {
    pool.freeInners.push(innerOf(slot))
    moveNode(pool, siblingOf(slot), above)
  }
}

/** Inserts a leaf whose path is not in the tree. */
function insert(pool: Pool, { bytes, words }: Batch, item: number): void {
  const start = item * LEAF_BYTES
  const leaf = newLeaf(pool)
  copyHash(words, item * LEAF_WORDS, pool.leafWords, recordStart(leaf))
  copyHash(words, item * LEAF_WORDS + HASH_WORDS, pool.leafWords, leafHashStart(leaf))
  setNext(pool, leaf, END)
  const near = nearest(pool, bytes, start)
  if (refAt(pool, near) === NONE) {
    setBucket(pool, ROOT, leaf, 1)
    return
  }
  const bit = firstDifference(bytes, start, pool.leafBytes, pathStart(firstLeafOf(refAt(pool, near))))
  let slot = ROOT
  while (isInner(refAt(pool, slot)) && bitIn(pool, slot) < bit) slot = slotBelow(pool, slot, bytes, start)
  if (isInner(refAt(pool, slot))) setBucket(pool, besides(pool, slot, bit, bitAt(bytes, start, bit)), leaf, 1)
  else addTo(pool, slot, leaf)
}

/** Makes room beside all that hangs in a slot; answers where. */
function besides(pool: Pool, slot: Slot, bit: number, side: number): Slot {
  const inner = newInner(pool)
  const own = leftSlot(inner) + side
  moveNode(pool, slot, siblingOf(own))
  setInner(pool, slot, inner, bit)
  return own
}

function addTo(pool: Pool, slot: Slot, leaf: number): void {
  link(pool, slot, leaf)
  if (countIn(pool, slot) <= BUCKET_LEAVES) return
  split(pool, slot)
  // At once, since the paths of a batch lead to one of both.
  const inner = refAt(pool, slot)
  halves[0] = leftSlot(inner)
  halves[1] = rightSlot(inner)
  hashBuckets(pool, halves, 2)
}

const halves = new Int32Array(2)
