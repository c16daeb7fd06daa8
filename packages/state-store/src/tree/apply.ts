import { type Batch, batchOf, type LeafChange, undoOf } from './batch.ts'
import { bitAt, copyHash, firstDifference, HASH_WORDS, isEqualHash } from './bits.ts'
import { LEAF_BYTES, LEAF_WORDS, sortedIndexes } from './leaf-list.ts'
import {
  bitIn,
  hashStart,
  innerOf,
  isInner,
  isLeaf,
  leafOf,
  leftSlot,
  moveNode,
  NONE,
  newInner,
  newLeaf,
  type Pool,
  pathStart,
  ROOT,
  refAt,
  type Slot,
  setInner,
  setRef,
  siblingOf,
} from './pool.ts'
import { keep } from './read-ahead.ts'
import { rehash } from './rehash.ts'
import { nearest, PATHS, routeOf, slotBelow } from './route.ts'

const ends = new Int32Array(PATHS)

/**
 * Changes leaves, rehashes what stands above them, and answers the changes that undo it. PERF: neighbours are changed
 * together, so that what the way down has read, some ten nodes of 80 bytes for each, is still in the second cache when
 * hashes are computed on the way up.
 */
export function apply(pool: Pool, changes: readonly LeafChange[]): LeafChange[] {
  const batch = batchOf(changes)
  const order = sortedIndexes(batch.bytes)
  for (let from = 0; from < order.length; from += PATHS) applySlice(pool, batch, order.subarray(from, from + PATHS))
  return undoOf(batch, changes)
}

/** Leaves that come or go change the shape, so that the way to all has to be found anew. */
function applySlice(pool: Pool, batch: Batch, order: Uint32Array): void {
  const route = routeOf(pool, batch.bytes, order, ends)
  readPaths(pool, order.length)
  const reshaping: number[] = []
  for (let at = 0; at < order.length; at++) {
    const item = order[at] as number
    const isThere = isLeafOf(pool, ends[at] as Slot, batch, item)
    if (isThere) swapHash(pool, ends[at] as Slot, batch, item)
    if (isThere === (batch.isGone[item] === 1)) reshaping.push(item)
  }
  for (const item of reshaping) {
    if (batch.isGone[item] === 1) remove(pool, batch, item)
    else insert(pool, batch, item)
  }
  rehash(pool, reshaping.length === 0 ? route : routeOf(pool, batch.bytes, order, ends))
}

function readPaths(pool: Pool, count: number): void {
  let read = 0
  for (let at = 0; at < count; at++) {
    read ^= pool.pathWords[leafOf(refAt(pool, ends[at] as Slot)) * HASH_WORDS] as number
  }
  keep(read)
}

function isLeafOf(pool: Pool, slot: Slot, { words }: Batch, item: number): boolean {
  const ref = refAt(pool, slot)
  return isLeaf(ref) && isEqualHash(words, item * LEAF_WORDS, pool.pathWords, leafOf(ref) * HASH_WORDS)
}

const swapped = new Int32Array(HASH_WORDS)

/** Gives a leaf its new hash and the batch the old one. */
function swapHash(pool: Pool, slot: Slot, batch: Batch, item: number): void {
  const at = item * LEAF_WORDS + HASH_WORDS
  copyHash(batch.words, at, swapped, 0)
  copyHash(pool.slotWords, hashStart(slot), batch.words, at)
  copyHash(swapped, 0, pool.slotWords, hashStart(slot))
  batch.wasThere[item] = 1
}

/** Takes a leaf out: its sibling takes the place of their parent. */
function remove(pool: Pool, { bytes }: Batch, item: number): void {
  let above = ROOT
  let slot = ROOT
  while (isInner(refAt(pool, slot))) {
    above = slot
    slot = slotBelow(pool, slot, bytes, item * LEAF_BYTES)
  }
  pool.freeLeaves.push(leafOf(refAt(pool, slot)))
  if (slot === ROOT) {
    setRef(pool, ROOT, NONE)
    pool.slotWords.fill(0, hashStart(ROOT), hashStart(ROOT) + HASH_WORDS)
  } else {
    pool.freeInners.push(innerOf(slot))
    moveNode(pool, siblingOf(slot), above)
  }
}

/** Inserts a leaf whose path is not in the tree. */
function insert(pool: Pool, { bytes, words }: Batch, item: number): void {
  const start = item * LEAF_BYTES
  const slot = freeSlot(pool, bytes, start)
  setRef(pool, slot, newLeaf(pool, bytes.subarray(start, start + 32)))
  copyHash(words, item * LEAF_WORDS + HASH_WORDS, pool.slotWords, hashStart(slot))
}

/** Makes room for a leaf: above the first node that splits after the path has parted from it. */
function freeSlot(pool: Pool, path: Uint8Array, start: number): Slot {
  const near = refAt(pool, nearest(pool, path, start))
  if (near === NONE) return ROOT
  const bit = firstDifference(path, start, pool.pathBytes, pathStart(leafOf(near)))
  let slot = ROOT
  while (isInner(refAt(pool, slot)) && bitIn(pool, slot) < bit) slot = slotBelow(pool, slot, path, start)
  const inner = newInner(pool)
  const own = leftSlot(inner) + bitAt(path, start, bit)
  moveNode(pool, slot, siblingOf(own))
  setInner(pool, slot, inner, bit)
  return own
}
