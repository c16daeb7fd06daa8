import { bitAt } from './bits.ts'
import { LEAF_BYTES } from './leaf-list.ts'
import { bitIn, isInner, leftSlot, type Pool, ROOT, refAt, SLOT_WORDS, type Slot, siblingOf } from './pool.ts'
import { keep } from './read-ahead.ts'

/** Inner nodes, level by level from the highest: what hangs below one is on the next level, or not of the route. */
export interface Route {
  readonly inners: Int32Array
  /** The slot in which each of them hangs. */
  readonly slots: Int32Array
  count: number
  /** Where each level begins. */
  readonly levels: number[]
}

/** @param room - inner nodes that it can hold */
export function createRoute(room: number): Route {
  return { inners: new Int32Array(room), slots: new Int32Array(room), count: 0, levels: [] }
}

export function clear(route: Route): void {
  route.count = 0
  route.levels.length = 0
}

/** Adds what hangs in a slot to a route if it is an inner node. */
export function addTo(route: Route, pool: Pool, slot: Slot): boolean {
  const ref = refAt(pool, slot)
  if (!isInner(ref)) return false
  route.inners[route.count] = ref
  route.slots[route.count++] = slot
  return true
}

/** How many paths may be led down together. */
export const PATHS = 256
// PERF: the same memory for every call. No path passes more than 256 inner nodes.
const passed = createRoute(PATHS * 256)
/** For each inner node, from where to where in the order the paths are that pass it. */
const parts = new Int32Array(passed.inners.length * 2)

/**
 * Leads paths down to buckets, where their leaves are or would be, and answers the inner nodes on the way; the next call overwrites
 * them. PERF: all together and a level at a time, so that memory is read ahead and a node that many paths share is read
 * once.
 *
 * @param list - of leaves
 * @param order - indexes in `list`, at most `PATHS`; those that share a node are brought together
 * @param ends - filled with the slot to which each in `order` leads; in an empty tree the root's
 */
export function routeOf(pool: Pool, list: Uint8Array, order: Uint32Array, ends: Int32Array): Route {
  clear(passed)
  lead(pool, ROOT, 0, order.length, ends)
  for (let i = 0; i < passed.count; ) {
    passed.levels.push(i)
    readSlots(pool, passed, i)
    for (const next = passed.count; i < next; i++) {
      const left = leftSlot(passed.inners[i] as number)
      const bit = bitIn(pool, passed.slots[i] as Slot)
      const from = parts[2 * i] as number
      const end = parts[2 * i + 1] as number
      // PERF: most nodes are passed by one path, and which way it goes is nothing a processor can guess.
      if (end - from === 1) lead(pool, left + bitAt(list, (order[from] as number) * LEAF_BYTES, bit), from, end, ends)
      else {
        const middle = partition(list, order, from, end, bit)
        lead(pool, left, from, middle, ends)
        lead(pool, siblingOf(left), middle, end, ends)
      }
    }
  }
  return passed
}

/** Leads a part of the order to what hangs in a slot. */
function lead(pool: Pool, slot: Slot, from: number, end: number, ends: Int32Array): void {
  if (from === end) return
  parts[2 * passed.count] = from
  parts[2 * passed.count + 1] = end
  if (!addTo(passed, pool, slot)) for (let at = from; at < end; at++) ends[at] = slot
}

/** Both slots of an inner node lie on two lines of memory: the first word and the last. */
function readSlots({ slotWords }: Pool, { inners, count }: Route, first: number): void {
  let read = 0
  for (let i = first; i < count; i++) {
    const word = leftSlot(inners[i] as number) * SLOT_WORDS
    read ^= (slotWords[word] as number) ^ (slotWords[word + 2 * SLOT_WORDS - 1] as number)
  }
  keep(read)
}

/** Brings those with a zero at `bit` before those with a one; answers where the ones begin. */
function partition(list: Uint8Array, order: Uint32Array, from: number, end: number, bit: number): number {
  let low = from
  let high = end
  while (low < high) {
    const item = order[low] as number
    if (bitAt(list, item * LEAF_BYTES, bit) === 0) low++
    else {
      high--
      order[low] = order[high] as number
      order[high] = item
    }
  }
  return low
}

/** The slot to which one path leads: a bucket hangs there, or in an empty tree nothing. */
export function nearest(pool: Pool, path: Uint8Array, start = 0): Slot {
  let slot = ROOT
  while (isInner(refAt(pool, slot))) slot = slotBelow(pool, slot, path, start)
  return slot
}

/** Where a path goes on below the inner node in a slot. */
export function slotBelow(pool: Pool, slot: Slot, path: Uint8Array, start = 0): Slot {
  return leftSlot(refAt(pool, slot)) + bitAt(path, start, bitIn(pool, slot))
}
