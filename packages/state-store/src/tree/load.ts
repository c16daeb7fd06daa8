import { CorruptData, RESTORE } from '../errors.ts'
import { copyHash, firstDifference, HASH_WORDS } from './bits.ts'
import { LEAF_WORDS, sortedIndexes } from './leaf-list.ts'
import {
  bitIn,
  hashStart,
  leafRef,
  leftSlot,
  moveNode,
  newInner,
  type Pool,
  pathStart,
  ROOT,
  refAt,
  rightSlot,
  type Slot,
  setInner,
  setRef,
} from './pool.ts'
import { keep } from './read-ahead.ts'
import { rehash } from './rehash.ts'
import { addTo, clear, createRoute, type Route } from './route.ts'

/** PERF: so many leaves of a list stay in the first cache until they are copied. */
const READ_AHEAD = 256

/**
 * Fills an empty pool from a list of leaves and hashes all of it. In one pass over the sorted leaves: a million take
 * about half a second.
 *
 * @param list - path and hash of each, in any order
 * @throws CorruptData where two have the same path
 */
export function loadLeaves(pool: Pool, list: Uint8Array): void {
  if (list.length === 0) return
  const aligned = list.byteOffset % 4 === 0 ? list : new Uint8Array(list)
  const words = new Int32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4)
  joinSorted(pool, words, sortedIndexes(list))
  rehashAll(pool)
}

/**
 * Of sorted leaves the tree is the Cartesian tree over the first differences of neighbours: the slots down the right
 * edge of what is built so far stand on a stack, and each new leaf is hung in where its difference belongs.
 */
function joinSorted(pool: Pool, list: Int32Array, order: Uint32Array): void {
  const edge: Slot[] = [ROOT]
  for (let leaf = 0; leaf < order.length; leaf++) {
    if (leaf % READ_AHEAD === 0) readLeaves(list, order, leaf)
    const from = (order[leaf] as number) * LEAF_WORDS
    copyHash(list, from, pool.pathWords, leaf * HASH_WORDS)
    const slot = leaf === 0 ? ROOT : hangIn(pool, edge, leaf)
    setRef(pool, slot, leafRef(leaf))
    copyHash(list, from + HASH_WORDS, pool.slotWords, hashStart(slot))
  }
  pool.leaves = order.length
}

/** Makes room on the right edge for a leaf that comes after all others. */
function hangIn(pool: Pool, edge: Slot[], leaf: number): Slot {
  const bit = firstDifference(pool.pathBytes, pathStart(leaf - 1), pool.pathBytes, pathStart(leaf))
  if (bit === 256) throw new CorruptData('two rows have the same leaf', RESTORE)
  while (edge.length > 1 && bitIn(pool, edge.at(-2) as Slot) > bit) edge.pop()
  const slot = edge.at(-1) as Slot
  const inner = newInner(pool)
  moveNode(pool, slot, leftSlot(inner))
  setInner(pool, slot, inner, bit)
  edge.push(rightSlot(inner))
  return rightSlot(inner)
}

function readLeaves(list: Int32Array, order: Uint32Array, first: number): void {
  let read = 0
  const end = Math.min(order.length, first + READ_AHEAD)
  for (let leaf = first; leaf < end; leaf++) read ^= list[(order[leaf] as number) * LEAF_WORDS] as number
  keep(read)
}

/** PERF: the tenth level parts a million leaves into subtrees that stay in the second cache, one after the other. */
const TOP_LEVELS = 10

function rehashAll(pool: Pool): void {
  const top = createRoute(2 ** TOP_LEVELS)
  let slots: Slot[] = [ROOT]
  for (let level = 0; level < TOP_LEVELS; level++) slots = addLevel(top, pool, slots)
  const below = createRoute(pool.inners)
  for (const slot of slots) rehashBelow(pool, slot, below)
  rehash(pool, top)
}

function rehashBelow(pool: Pool, slot: Slot, route: Route): void {
  clear(route)
  for (let slots = [slot]; slots.length > 0; ) slots = addLevel(route, pool, slots)
  rehash(pool, route)
}

/** Adds the inner nodes that hang in some slots to a route, as its next level; answers the slots below them. */
function addLevel(route: Route, pool: Pool, slots: readonly Slot[]): Slot[] {
  const below: Slot[] = []
  route.levels.push(route.count)
  for (const slot of slots) {
    if (addTo(route, pool, slot)) below.push(leftSlot(refAt(pool, slot)), rightSlot(refAt(pool, slot)))
  }
  return below
}
