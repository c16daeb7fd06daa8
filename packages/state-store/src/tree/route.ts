import { bitAt } from './bits.ts'
import { LEAF_BYTES } from './leaf-list.ts'
import { bitIn, isInner, leftSlot, type Pool, ROOT, refAt, rightSlot, SLOT_WORDS, type Slot } from './pool.ts'
import { keep } from './read-ahead.ts'

/** Inner nodes, level by level from the highest: what hangs below one is on the next level, or not of the route. */
export interface Route {
  readonly inners: number[]
  /** The slot in which each of them hangs. */
  readonly slots: Slot[]
  /** Where each level begins. */
  readonly levels: number[]
}

export function noRoute(): Route {
  return { inners: [], slots: [], levels: [] }
}

/** Adds what hangs in a slot to a route if it is an inner node. */
export function addTo(route: Route, pool: Pool, slot: Slot): boolean {
  const ref = refAt(pool, slot)
  if (!isInner(ref)) return false
  route.inners.push(ref)
  route.slots.push(slot)
  return true
}

/**
 * Leads paths down to leaves, their own or others, and answers the inner nodes on the way. PERF: all together and a
 * level at a time, so that memory is read ahead and a node that many paths share is read once.
 *
 * @param list - of leaves
 * @param order - indexes in `list`; those that share a node are brought together
 * @param ends - filled with the slot to which each in `order` leads; in an empty tree the root's
 */
export function routeOf(pool: Pool, list: Uint8Array, order: Uint32Array, ends: Int32Array): Route {
  const route = noRoute()
  const { inners, slots, levels } = route
  // For each inner node, from where to where in the order the paths are that pass it.
  const parts: number[] = []
  const lead = (slot: Slot, from: number, end: number) => {
    if (from === end) return
    if (addTo(route, pool, slot)) parts.push(from, end)
    else for (let at = from; at < end; at++) ends[at] = slot
  }
  lead(ROOT, 0, order.length)
  for (let i = 0; i < inners.length; ) {
    levels.push(i)
    readSlots(pool, inners, i)
    for (const next = inners.length; i < next; i++) {
      const inner = inners[i] as number
      const bit = bitIn(pool, slots[i] as Slot)
      const from = parts[2 * i] as number
      const end = parts[2 * i + 1] as number
      // PERF: most nodes are passed by one path, and which way it goes is nothing a processor can guess.
      if (end - from === 1) lead(leftSlot(inner) + bitAt(list, (order[from] as number) * LEAF_BYTES, bit), from, end)
      else {
        const middle = partition(list, order, from, end, bit)
        lead(leftSlot(inner), from, middle)
        lead(rightSlot(inner), middle, end)
      }
    }
  }
  return route
}

/** Both slots of an inner node lie on two lines of memory: the first word and the last. */
function readSlots({ slotWords }: Pool, inners: readonly number[], first: number): void {
  let read = 0
  for (let i = first; i < inners.length; i++) {
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

/** The slot to which one path leads: a leaf hangs there, the path's own or another, or in an empty tree nothing. */
export function nearest(pool: Pool, path: Uint8Array, start = 0): Slot {
  let slot = ROOT
  while (isInner(refAt(pool, slot))) slot = slotBelow(pool, slot, path, start)
  return slot
}

/** Where a path goes on below the inner node in a slot. */
export function slotBelow(pool: Pool, slot: Slot, path: Uint8Array, start = 0): Slot {
  return leftSlot(refAt(pool, slot)) + bitAt(path, start, bitIn(pool, slot))
}
