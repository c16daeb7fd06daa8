import { EMPTY_ROOT, type ProofStep } from '@icn/crypto'
import { bitAt, firstDifference } from './bits.ts'
import { LEAF_BYTES, loadLeaves } from './load.ts'
import {
  bitOf,
  createPool,
  hashOf,
  isLeaf,
  leafOf,
  leafRef,
  leftOf,
  NONE,
  newInner,
  newLeaf,
  type Pool,
  pathOf,
  pathStart,
  type Ref,
  rightOf,
  setLeafHash,
  setLeft,
  setRight,
} from './pool.ts'
import { type Dirty, mark, noDirty, rehash } from './rehash.ts'
import { NOWHERE, route } from './route.ts'

/** A leaf as it shall be: its path and hash of 32 bytes each; `undefined`: gone. */
export interface LeafChange {
  readonly path: Uint8Array
  readonly hash: Uint8Array | undefined
}

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

interface Work {
  readonly pool: Pool
  readonly dirty: Dirty
  readonly undo: LeafChange[]
}

/** @param list - leaves to begin with, as `leaves` answers them, in any order */
export function createTree(list: Uint8Array = new Uint8Array(0)): Tree {
  const pool = createPool(list.length / LEAF_BYTES)
  let root = loadLeaves(pool, list)
  const dirty = noDirty()

  function apply(changes: readonly LeafChange[]): LeafChange[] {
    const work: Work = { pool, dirty, undo: [] }
    for (const part of inParts(changes)) {
      change(work, part)
      rehash(pool, dirty, PART_BITS)
    }
    rehash(pool, dirty)
    return work.undo
  }

  function change(work: Work, changes: readonly LeafChange[]): void {
    const places = route(pool, root, changes, dirty)
    for (const [index, { path, hash }] of changes.entries()) {
      const leaf = places[index] as number
      if (leaf !== NOWHERE && isAt(pool, leaf, path)) {
        work.undo.push({ path, hash: hashOf(pool, leafRef(leaf)) })
        if (hash === undefined) root = remove(work, root, path)
        else setLeafHash(pool, leaf, hash)
      } else if (hash !== undefined) root = insert(work, root, path, hash)
    }
  }

  return {
    size: () => pool.leaves - pool.freeLeaves.length,
    root: () => (root === NONE ? EMPTY_ROOT.slice() : hashOf(pool, root)),
    get: (path) => {
      const leaf = nearest(pool, root, path)
      return leaf !== undefined && isAt(pool, leaf, path) ? hashOf(pool, leafRef(leaf)) : undefined
    },
    apply,
    steps: (path) => stepsTo(pool, root, path),
    neighbours: (path) => neighboursOf(pool, root, path),
    leaves: () => leavesOf(pool, root),
  }
}

/**
 * PERF: changes of one part of the tree together, so that what the way down has read is still in the cache when hashes
 * are computed on the way up. A sixty-fourth of a million leaves is two megabytes.
 */
const PART_BITS = 6
const LEAST_FOR_PARTS = 1_024

function inParts(changes: readonly LeafChange[]): readonly (readonly LeafChange[])[] {
  if (changes.length < LEAST_FOR_PARTS) return [changes]
  const parts: LeafChange[][] = Array.from({ length: 1 << PART_BITS }, () => [])
  for (const change of changes) parts[(change.path[0] as number) >> (8 - PART_BITS)]?.push(change)
  return parts
}

/** Takes a leaf out: its sibling takes the place of their parent. */
function remove({ pool, dirty }: Work, root: Ref, path: Uint8Array): Ref {
  let grandparent: Ref = NONE
  let parent: Ref = NONE
  let ref = root
  while (!isLeaf(ref)) {
    mark(pool, dirty, ref)
    grandparent = parent
    parent = ref
    ref = childOf(pool, ref, path)
  }
  pool.freeLeaves.push(leafOf(ref))
  if (parent === NONE) return NONE
  const sibling = leftOf(pool, parent) === ref ? rightOf(pool, parent) : leftOf(pool, parent)
  pool.freeInners.push(parent)
  if (grandparent === NONE) return sibling
  replaceChild(pool, grandparent, parent, sibling)
  return root
}

function replaceChild(pool: Pool, parent: Ref, from: Ref, to: Ref): void {
  if (leftOf(pool, parent) === from) setLeft(pool, parent, to)
  else setRight(pool, parent, to)
}

/** Inserts one leaf whose path is not in the tree: above the first node that splits after the path has parted from it. */
function insert({ pool, dirty, undo }: Work, root: Ref, path: Uint8Array, hash: Uint8Array): Ref {
  undo.push({ path, hash: undefined })
  const leaf = leafRef(newLeaf(pool, path, hash))
  const near = nearest(pool, root, path)
  if (near === undefined) return leaf
  const bit = firstDifference(path, 0, pool.leafBytes, pathStart(near))
  let parent: Ref = NONE
  let ref = root
  while (!isLeaf(ref) && bitOf(pool, ref) < bit) {
    mark(pool, dirty, ref)
    parent = ref
    ref = childOf(pool, ref, path)
  }
  const isRight = bitAt(path, 0, bit) === 1
  const inner = newInner(pool, bit, isRight ? ref : leaf, isRight ? leaf : ref)
  mark(pool, dirty, inner)
  if (parent === NONE) return inner
  replaceChild(pool, parent, ref, inner)
  return root
}

function childOf(pool: Pool, inner: Ref, path: Uint8Array): Ref {
  return bitAt(path, 0, bitOf(pool, inner)) === 0 ? leftOf(pool, inner) : rightOf(pool, inner)
}

/** The leaf to which a path leads, whether or not it is the path's own. */
function nearest(pool: Pool, root: Ref, path: Uint8Array): number | undefined {
  if (root === NONE) return undefined
  let ref = root
  while (!isLeaf(ref)) ref = childOf(pool, ref, path)
  return leafOf(ref)
}

function isAt(pool: Pool, leaf: number, path: Uint8Array): boolean {
  return firstDifference(path, 0, pool.leafBytes, pathStart(leaf)) === 256
}

function stepsTo(pool: Pool, root: Ref, path: Uint8Array): ProofStep[] {
  const steps: ProofStep[] = []
  let ref = root
  while (ref !== NONE && !isLeaf(ref)) {
    const isRight = bitAt(path, 0, bitOf(pool, ref)) === 1
    const sibling = isRight ? leftOf(pool, ref) : rightOf(pool, ref)
    steps.push({ side: isRight ? 'left' : 'right', hash: hashOf(pool, sibling) })
    ref = childOf(pool, ref, path)
  }
  return steps.reverse()
}

/** The subtree in which the path would stand parts it from the leaves beside it. */
function neighboursOf(pool: Pool, root: Ref, path: Uint8Array): ReturnType<Tree['neighbours']> {
  const near = nearest(pool, root, path)
  if (near === undefined) return { left: undefined, right: undefined }
  const bit = firstDifference(path, 0, pool.leafBytes, pathStart(near))
  let ref = root
  let before: Ref | undefined
  let after: Ref | undefined
  while (!isLeaf(ref) && bitOf(pool, ref) < bit) {
    if (bitAt(path, 0, bitOf(pool, ref)) === 1) before = leftOf(pool, ref)
    else after = rightOf(pool, ref)
    ref = childOf(pool, ref, path)
  }
  if (bitAt(path, 0, bit) === 1) before = ref
  else after = ref
  const outermost = (start: Ref | undefined, childOn: (pool: Pool, inner: number) => Ref) => {
    if (start === undefined) return undefined
    let at = start
    while (!isLeaf(at)) at = childOn(pool, at)
    return pathOf(pool, leafOf(at)).slice()
  }
  return { left: outermost(before, rightOf), right: outermost(after, leftOf) }
}

function leavesOf(pool: Pool, root: Ref): Uint8Array {
  const bytes = new Uint8Array((pool.leaves - pool.freeLeaves.length) * LEAF_BYTES)
  let at = 0
  const open: Ref[] = root === NONE ? [] : [root]
  for (let ref = open.pop(); ref !== undefined; ref = open.pop()) {
    if (isLeaf(ref)) {
      bytes.set(pathOf(pool, leafOf(ref)), at)
      bytes.set(hashOf(pool, ref), at + 32)
      at += LEAF_BYTES
    } else open.push(rightOf(pool, ref), leftOf(pool, ref))
  }
  return bytes
}
