import type { ProofStep } from '@icn/crypto'
import { apply } from './apply.ts'
import type { LeafChange } from './batch.ts'
import { bitAt, firstDifference, HASH_WORDS } from './bits.ts'
import { findIn, lastBefore, lastOf } from './bucket.ts'
import { stepsInBucket } from './bucket-hash.ts'
import { LEAF_BYTES } from './leaf-list.ts'
import { loadPool } from './load.ts'
import {
  bitIn,
  countIn,
  END,
  firstLeafOf,
  hashAt,
  isInner,
  leafAt,
  leftSlot,
  NONE,
  nextOf,
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
  return treeOn(loadPool([list], list.length / LEAF_BYTES))
}

/** @param pool - from `loadPool`; the tree's own from now on */
export function treeOn(pool: Pool): Tree {
  return {
    size: () => pool.leaves - pool.freeLeaves.length,
    root: () => hashAt(pool, ROOT),
    get: (path) => {
      const leaf = leafOf(pool, nearest(pool, path), path)
      return leaf === END ? undefined : leafAt(pool, leaf).subarray(32)
    },
    apply: (changes) => apply(pool, changes),
    steps: (path) => stepsTo(pool, path),
    neighbours: (path) => neighboursOf(pool, path),
    leaves: () => leavesOf(pool),
  }
}

const wanted = new Int32Array(HASH_WORDS)
const wantedBytes = new Uint8Array(wanted.buffer)

function leafOf(pool: Pool, slot: Slot, path: Uint8Array): number {
  if (refAt(pool, slot) === NONE) return END
  wantedBytes.set(path)
  return findIn(pool, slot, wanted, 0)
}

function stepsTo(pool: Pool, path: Uint8Array): ProofStep[] {
  const steps: ProofStep[] = []
  let slot = ROOT
  for (let ref = refAt(pool, slot); isInner(ref); ref = refAt(pool, slot)) {
    slot = slotBelow(pool, slot, path)
    steps.push({ side: slot === rightSlot(ref) ? 'left' : 'right', hash: hashAt(pool, siblingOf(slot)) })
  }
  return [...stepsInBucket(pool, slot, placeIn(pool, slot, path)), ...steps.reverse()]
}

/** How many leaves of its bucket stand before that of a path. */
function placeIn(pool: Pool, slot: Slot, path: Uint8Array): number {
  const own = leafOf(pool, slot, path)
  let place = 0
  for (let leaf = firstLeafOf(refAt(pool, slot)); leaf !== own; leaf = nextOf(pool, leaf)) place++
  return place
}

/** Where the path would stand parts it from the leaves beside it. */
function neighboursOf(pool: Pool, path: Uint8Array): ReturnType<Tree['neighbours']> {
  const near = refAt(pool, nearest(pool, path))
  if (near === NONE) return { left: undefined, right: undefined }
  const bit = firstDifference(path, 0, pool.leafBytes, pathStart(firstLeafOf(near)))
  let slot = ROOT
  let before: Slot | undefined
  let after: Slot | undefined
  for (let ref = refAt(pool, slot); isInner(ref) && bitIn(pool, slot) < bit; ref = refAt(pool, slot)) {
    slot = slotBelow(pool, slot, path)
    if (slot === rightSlot(ref)) before = leftSlot(ref)
    else after = rightSlot(ref)
  }
  if (isInner(refAt(pool, slot))) {
    if (bitAt(path, 0, bit) === 1) before = slot
    else after = slot
    return { left: lastPath(pool, before), right: firstPath(pool, after) }
  }
  const left = lastBefore(pool, slot, path, 0)
  const right = left === END ? firstLeafOf(refAt(pool, slot)) : nextOf(pool, left)
  return {
    left: left === END ? lastPath(pool, before) : pathOf(pool, left),
    right: right === END ? firstPath(pool, after) : pathOf(pool, right),
  }
}

/** The first path below a slot. */
function firstPath(pool: Pool, start: Slot | undefined): Uint8Array | undefined {
  if (start === undefined) return undefined
  let slot = start
  while (isInner(refAt(pool, slot))) slot = leftSlot(refAt(pool, slot))
  return pathOf(pool, firstLeafOf(refAt(pool, slot)))
}

/** The last path below a slot. */
function lastPath(pool: Pool, start: Slot | undefined): Uint8Array | undefined {
  if (start === undefined) return undefined
  let slot = start
  while (isInner(refAt(pool, slot))) slot = rightSlot(refAt(pool, slot))
  return pathOf(pool, lastOf(pool, firstLeafOf(refAt(pool, slot)), countIn(pool, slot)))
}

function leavesOf(pool: Pool): Uint8Array {
  const bytes = new Uint8Array((pool.leaves - pool.freeLeaves.length) * LEAF_BYTES)
  let at = 0
  const open: Slot[] = bytes.length === 0 ? [] : [ROOT]
  for (let slot = open.pop(); slot !== undefined; slot = open.pop()) {
    const ref = refAt(pool, slot)
    if (isInner(ref)) open.push(rightSlot(ref), leftSlot(ref))
    else {
      for (let leaf = firstLeafOf(ref); leaf !== END; leaf = nextOf(pool, leaf), at += LEAF_BYTES) {
        bytes.set(leafAt(pool, leaf), at)
      }
    }
  }
  return bytes
}
