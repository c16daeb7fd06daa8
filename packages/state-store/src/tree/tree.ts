import type { ProofStep } from '@icn/crypto'
import { apply } from './apply.ts'
import type { LeafChange } from './batch.ts'
import { bitAt, firstDifference } from './bits.ts'
import { LEAF_BYTES } from './leaf-list.ts'
import { loadPool } from './load.ts'
import {
  bitIn,
  hashAt,
  isInner,
  isLeaf,
  leafOf,
  leftSlot,
  NONE,
  type Pool,
  pathOf,
  pathStart,
  ROOT,
  refAt,
  rightSlot,
  type Slot,
  siblingOf,
} from './pool.ts'
import { nearest, slotBelow } from './route.ts'

export type { LeafChange } from './batch.ts'

/** A path-compressed binary Merkle tree over 32-byte paths: every inner node has two children. In memory. */
export interface Tree {
  readonly size: () => number
  /** 32 bytes; of an empty tree zeros, of a single leaf that leaf's hash. */
  readonly root: () => Uint8Array
  /** Hash of the leaf at a path. About 2 µs in a tree of a million leaves. */
  readonly get: (path: Uint8Array) => Uint8Array | undefined
  /**
   * Changes many leaves at once and rehashes what stands above them, level by level.
   * Answers the changes that undo it. Cost grows with the changes, and with the logarithm of the size.
   *
   * @param changes - each path at most once
   */
  readonly apply: (changes: readonly LeafChange[]) => LeafChange[]
  /** From the leaf to the root; the leaf must be there. */
  readonly steps: (path: Uint8Array) => ProofStep[]
  /** Paths of the nearest leaves on both sides of one that is absent. */
  readonly neighbours: (path: Uint8Array) => {
    readonly left: Uint8Array | undefined
    readonly right: Uint8Array | undefined
  }
  /** Every path and hash, 64 bytes each, in order of the paths. */
  readonly leaves: () => Uint8Array
}

/** @param list - leaves to begin with, as `leaves` answers them, in any order */
export function createTree(list: Uint8Array = new Uint8Array(0)): Tree {
  return treeOn(loadPool(list))
}

/** @param pool - from `loadPool`; the tree's own from now on */
export function treeOn(pool: Pool): Tree {
  return {
    size: () => pool.leaves - pool.freeLeaves.length,
    root: () => hashAt(pool, ROOT),
    get: (path) => {
      const slot = nearest(pool, path)
      return isAt(pool, slot, path) ? hashAt(pool, slot) : undefined
    },
    apply: (changes) => apply(pool, changes),
    steps: (path) => stepsTo(pool, path),
    neighbours: (path) => neighboursOf(pool, path),
    leaves: () => leavesOf(pool),
  }
}

function isAt(pool: Pool, slot: Slot, path: Uint8Array): boolean {
  const ref = refAt(pool, slot)
  return isLeaf(ref) && firstDifference(path, 0, pool.pathBytes, pathStart(leafOf(ref))) === 256
}

function stepsTo(pool: Pool, path: Uint8Array): ProofStep[] {
  const steps: ProofStep[] = []
  let slot = ROOT
  for (let ref = refAt(pool, slot); isInner(ref); ref = refAt(pool, slot)) {
    slot = slotBelow(pool, slot, path)
    steps.push({ side: slot === rightSlot(ref) ? 'left' : 'right', hash: hashAt(pool, siblingOf(slot)) })
  }
  return steps.reverse()
}

/** The subtree in which the path would stand parts it from the leaves beside it. */
function neighboursOf(pool: Pool, path: Uint8Array): ReturnType<Tree['neighbours']> {
  const near = refAt(pool, nearest(pool, path))
  if (near === NONE) return { left: undefined, right: undefined }
  const bit = firstDifference(path, 0, pool.pathBytes, pathStart(leafOf(near)))
  let slot = ROOT
  let before: Slot | undefined
  let after: Slot | undefined
  for (let ref = refAt(pool, slot); isInner(ref) && bitIn(pool, slot) < bit; ref = refAt(pool, slot)) {
    slot = slotBelow(pool, slot, path)
    if (slot === rightSlot(ref)) before = leftSlot(ref)
    else after = rightSlot(ref)
  }
  if (bitAt(path, 0, bit) === 1) before = slot
  else after = slot
  const outermost = (start: Slot | undefined, slotOn: (inner: number) => Slot) => {
    if (start === undefined) return undefined
    let at = refAt(pool, start)
    while (isInner(at)) at = refAt(pool, slotOn(at))
    return pathOf(pool, leafOf(at))
  }
  return { left: outermost(before, rightSlot), right: outermost(after, leftSlot) }
}

function leavesOf(pool: Pool): Uint8Array {
  const bytes = new Uint8Array((pool.leaves - pool.freeLeaves.length) * LEAF_BYTES)
  let at = 0
  const open: Slot[] = bytes.length === 0 ? [] : [ROOT]
  for (let slot = open.pop(); slot !== undefined; slot = open.pop()) {
    const ref = refAt(pool, slot)
    if (isInner(ref)) open.push(rightSlot(ref), leftSlot(ref))
    else {
      bytes.set(pathOf(pool, leafOf(ref)), at)
      bytes.set(hashAt(pool, slot), at + 32)
      at += LEAF_BYTES
    }
  }
  return bytes
}
