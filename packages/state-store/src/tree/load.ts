import { CorruptData, RESTORE } from '../errors.ts'
import { bitAt, copyHash, firstDifference, HASH_WORDS } from './bits.ts'
import { BUCKETS, hashBuckets } from './bucket-hash.ts'
import { LEAF_WORDS, sortedIndexes } from './leaf-list.ts'
import {
  BUCKET_LEAVES,
  createPool,
  END,
  leafHashStart,
  leftSlot,
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
} from './pool.ts'
import { keep } from './read-ahead.ts'
import { rehash } from './rehash.ts'
import { addTo, clear, createRoute, type Route } from './route.ts'

/** PERF: so many leaves stay in the first cache until they are moved. */
const READ_AHEAD = 256

/**
 * A tree of leaves, hashed. They are sorted where they stand, so that there is no second list of them: a million take about half a
 * second.
 *
 * @param lists - path and hash of each, in any order
 * @param count - how many there are in all lists
 * @throws CorruptData where two have the same path
 */
export function loadPool(lists: Iterable<Uint8Array>, count: number): Pool {
  const pool = createPool(count)
  for (const list of lists) append(pool, list)
  if (pool.leaves === 0) return pool
  reorder(pool, sortedIndexes(pool.leafBytes, pool.leaves, RECORD_WORDS * 4))
  hangIn(pool)
  rehashAll(pool)
  return pool
}

function append(pool: Pool, list: Uint8Array): void {
  const aligned = list.byteOffset % 4 === 0 ? list : new Uint8Array(list)
  const words = new Int32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4)
  for (let from = 0; from < words.length; from += LEAF_WORDS) {
    const leaf = newLeaf(pool)
    copyHash(words, from, pool.leafWords, recordStart(leaf))
    copyHash(words, from + HASH_WORDS, pool.leafWords, leafHashStart(leaf))
  }
}

const held = new Int32Array(RECORD_WORDS)
/** From where the next places are filled, one after the other. */
const sources = new Int32Array(READ_AHEAD)

/** Brings leaves into an order, in which none is left then, and each before the next one of its bucket. */
function reorder(pool: Pool, order: Uint32Array): void {
  const { leafWords } = pool
  for (let start = 0; start < order.length; start++) {
    if (order[start] === start) continue
    copyRecord(leafWords, start, held, 0)
    for (let place = start; order[place] !== place; ) {
      const count = readSources(leafWords, order, place, start)
      for (let at = 0; at < count; at++) {
        const from = sources[at] as number
        if (from === start) copyRecord(held, 0, leafWords, place)
        else copyRecord(leafWords, from, leafWords, place)
        order[place] = place
        place = from
      }
    }
  }
  for (let leaf = 0; leaf < order.length; leaf++) setNext(pool, leaf, leaf + 1)
}

/** Reads ahead the leaves that go to a place, to the place where that one stood, and so on up to `start`; answers how many. */
function readSources(leafWords: Int32Array, order: Uint32Array, place: number, start: number): number {
  let read = 0
  let count = 0
  for (let from = order[place] as number; ; from = order[from] as number) {
    sources[count++] = from
    read ^= leafWords[recordStart(from)] as number
    if (from === start || count === READ_AHEAD) break
  }
  keep(read)
  return count
}

function copyRecord(from: Int32Array, fromLeaf: number, to: Int32Array, toLeaf: number): void {
  const fromStart = recordStart(fromLeaf)
  const toStart = recordStart(toLeaf)
  for (let word = 0; word < RECORD_WORDS; word++) to[toStart + word] = from[fromStart + word] as number
}

/** Leaves that are still to be hung into a slot. */
interface Part {
  readonly slot: Slot
  readonly from: number
  readonly end: number
}

/** Parts the sorted leaves from the root down until they fit into buckets, and hashes these, some together. */
function hangIn(pool: Pool): void {
  const open: Part[] = [{ slot: ROOT, from: 0, end: pool.leaves }]
  const buckets = new Int32Array(BUCKETS)
  let count = 0
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    const { slot, from, end } = part
    if (end - from <= BUCKET_LEAVES) {
      checkDistinct(pool, from, end)
      setNext(pool, end - 1, END)
      setBucket(pool, slot, from, end - from)
      buckets[count++] = slot
    } else {
      const bit = firstDifference(pool.leafBytes, pathStart(from), pool.leafBytes, pathStart(end - 1))
      if (bit === 256) throw twice()
      const middle = firstOnes(pool, from, end, bit)
      const inner = newInner(pool)
      setInner(pool, slot, inner, bit)
      open.push({ slot: rightSlot(inner), from: middle, end }, { slot: leftSlot(inner), from, end: middle })
    }
    if (count < BUCKETS && open.length > 0) continue
    hashBuckets(pool, buckets, count)
    count = 0
  }
}

function checkDistinct({ leafBytes }: Pool, from: number, end: number): void {
  for (let leaf = from + 1; leaf < end; leaf++) {
    if (firstDifference(leafBytes, pathStart(leaf - 1), leafBytes, pathStart(leaf)) === 256) throw twice()
  }
}

function twice(): CorruptData {
  return new CorruptData('two rows have the same leaf', RESTORE)
}

/** The first of sorted leaves whose path has a one at a bit; there are both, and all agree before it. */
function firstOnes({ leafBytes }: Pool, from: number, end: number, bit: number): number {
  let low = from
  let high = end - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (bitAt(leafBytes, pathStart(middle), bit) === 1) high = middle
    else low = middle + 1
  }
  return low
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
