import { EMPTY_ROOT, type ProofStep } from '@icn/crypto'
import { bitAt, firstDifference } from './bits.ts'
import { LEAF_BYTES, loadLeaves } from './load.ts'
import {
  createPool,
  hashOf,
  isLeaf,
  leafOf,
  leafRef,
  NONE,
  newInner,
  newLeaf,
  type Pool,
  pathOf,
  type Ref,
  setLeafHash,
} from './pool.ts'
import { type Dirty, mark, noDirty, rehash } from './rehash.ts'

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
  /** Leaves whose place is above where they were looked for. */
  readonly later: LeafChange[]
  readonly undo: LeafChange[]
}

/** @param list - leaves to begin with, as `leaves` answers them, in any order */
export function createTree(list: Uint8Array = new Uint8Array(0)): Tree {
  const pool = createPool(Math.ceil((list.length / LEAF_BYTES) * 1.1))
  let root = loadLeaves(pool, list)
  const dirty = noDirty()

  function apply(changes: readonly LeafChange[]): LeafChange[] {
    const work: Work = { pool, dirty, later: [], undo: [] }
    root = descend(work, root, changes)
    for (const change of work.later) root = insert(work, root, change)
    rehash(pool, work.dirty)
    return work.undo
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

/** Applies changes to a subtree; answers what stands there now. Each node on the way is looked at once. */
function descend(work: Work, ref: Ref, changes: readonly LeafChange[]): Ref {
  if (changes.length === 0) return ref
  if (ref === NONE) return build(work, changes)
  if (isLeaf(ref)) return atLeaf(work, ref, changes)
  const { pool } = work
  const [left, right] = split(changes, pool.bits[ref] ?? 0)
  const newLeft = descend(work, pool.left[ref] ?? 0, left)
  const newRight = descend(work, pool.right[ref] ?? 0, right)
  if (newLeft === NONE || newRight === NONE) {
    pool.freeInners.push(ref)
    return newLeft === NONE ? newRight : newLeft
  }
  pool.left[ref] = newLeft
  pool.right[ref] = newRight
  mark(pool, work.dirty, ref)
  return ref
}

const NO_CHANGES: readonly LeafChange[] = []

/** Those whose path has a zero at `bit`, and those with a one. */
function split(changes: readonly LeafChange[], bit: number): [readonly LeafChange[], readonly LeafChange[]] {
  const [only] = changes
  // PERF: near the leaves a change is alone, and needs no lists of its own.
  if (changes.length === 1 && only !== undefined) {
    return bitAt(only.path, 0, bit) === 0 ? [changes, NO_CHANGES] : [NO_CHANGES, changes]
  }
  const zeros: LeafChange[] = []
  const ones: LeafChange[] = []
  for (const change of changes) (bitAt(change.path, 0, bit) === 0 ? zeros : ones).push(change)
  return [zeros, ones]
}

/** Changes that were led to one leaf: its own, and others whose paths part from it somewhere above. */
function atLeaf(work: Work, ref: Ref, changes: readonly LeafChange[]): Ref {
  const leaf = leafOf(ref)
  let here: Ref = ref
  for (const change of changes) {
    if (isAt(work.pool, leaf, change.path)) here = setLeaf(work, leaf, change)
    else if (change.hash !== undefined) work.later.push(change)
  }
  return here
}

function setLeaf({ pool, undo }: Work, leaf: number, { path, hash }: LeafChange): Ref {
  undo.push({ path, hash: hashOf(pool, leafRef(leaf)) })
  if (hash === undefined) {
    pool.freeLeaves.push(leaf)
    return NONE
  }
  setLeafHash(pool, leaf, hash)
  return leafRef(leaf)
}

/** A tree of its own out of changes that come where nothing was. */
function build(work: Work, changes: readonly LeafChange[]): Ref {
  const added = changes.filter(({ hash }) => hash !== undefined).sort((a, b) => comparePaths(a.path, b.path))
  for (const { path } of added) work.undo.push({ path, hash: undefined })
  return join(work, added)
}

function join(work: Work, added: readonly LeafChange[]): Ref {
  const [first] = added
  const last = added.at(-1)
  if (first === undefined || last === undefined) return NONE
  if (added.length === 1) return leafRef(newLeaf(work.pool, first.path, first.hash as Uint8Array))
  const bit = firstDifference(first.path, 0, last.path, 0)
  const [left, right] = split(added, bit)
  const inner = newInner(work.pool, bit, join(work, left), join(work, right))
  mark(work.pool, work.dirty, inner)
  return inner
}

/** Inserts one leaf whose path is not in the tree: above the first node that splits after the path has parted from it. */
function insert(work: Work, root: Ref, { path, hash }: LeafChange): Ref {
  const { pool, dirty } = work
  work.undo.push({ path, hash: undefined })
  const leaf = leafRef(newLeaf(pool, path, hash as Uint8Array))
  const near = nearest(pool, root, path)
  if (near === undefined) return leaf
  const bit = firstDifference(path, 0, pool.paths, near * 32)
  let parent: Ref = NONE
  let ref = root
  while (!isLeaf(ref) && (pool.bits[ref] ?? 0) < bit) {
    mark(pool, dirty, ref)
    parent = ref
    ref = childOf(pool, ref, path)
  }
  const isRight = bitAt(path, 0, bit) === 1
  const inner = newInner(pool, bit, isRight ? ref : leaf, isRight ? leaf : ref)
  mark(pool, dirty, inner)
  if (parent === NONE) return inner
  if (pool.left[parent] === ref) pool.left[parent] = inner
  else pool.right[parent] = inner
  return root
}

function childOf(pool: Pool, inner: Ref, path: Uint8Array): Ref {
  const children = bitAt(path, 0, pool.bits[inner] ?? 0) === 0 ? pool.left : pool.right
  return children[inner] ?? 0
}

/** The leaf to which a path leads, whether or not it is the path's own. */
function nearest(pool: Pool, root: Ref, path: Uint8Array): number | undefined {
  if (root === NONE) return undefined
  let ref = root
  while (!isLeaf(ref)) ref = childOf(pool, ref, path)
  return leafOf(ref)
}

function isAt(pool: Pool, leaf: number, path: Uint8Array): boolean {
  return firstDifference(path, 0, pool.paths, leaf * 32) === 256
}

function stepsTo(pool: Pool, root: Ref, path: Uint8Array): ProofStep[] {
  const steps: ProofStep[] = []
  let ref = root
  while (ref !== NONE && !isLeaf(ref)) {
    const isRight = bitAt(path, 0, pool.bits[ref] ?? 0) === 1
    const sibling = (isRight ? pool.left : pool.right)[ref] ?? 0
    steps.push({ side: isRight ? 'left' : 'right', hash: hashOf(pool, sibling) })
    ref = childOf(pool, ref, path)
  }
  return steps.reverse()
}

/** The subtree in which the path would stand parts it from the leaves beside it. */
function neighboursOf(pool: Pool, root: Ref, path: Uint8Array): ReturnType<Tree['neighbours']> {
  const near = nearest(pool, root, path)
  if (near === undefined) return { left: undefined, right: undefined }
  const bit = firstDifference(path, 0, pool.paths, near * 32)
  let ref = root
  let before: Ref | undefined
  let after: Ref | undefined
  while (!isLeaf(ref) && (pool.bits[ref] ?? 0) < bit) {
    if (bitAt(path, 0, pool.bits[ref] ?? 0) === 1) before = pool.left[ref]
    else after = pool.right[ref]
    ref = childOf(pool, ref, path)
  }
  if (bitAt(path, 0, bit) === 1) before = ref
  else after = ref
  const outermost = (start: Ref | undefined, children: Int32Array) => {
    if (start === undefined) return undefined
    let at = start
    while (!isLeaf(at)) at = children[at] ?? 0
    return pathOf(pool, leafOf(at)).slice()
  }
  return { left: outermost(before, pool.right), right: outermost(after, pool.left) }
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
    } else open.push(pool.right[ref] ?? 0, pool.left[ref] ?? 0)
  }
  return bytes
}

function comparePaths(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < 32; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
