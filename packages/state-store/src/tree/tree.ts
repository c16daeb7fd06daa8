import { EMPTY_ROOT, equalBytes, type ProofStep } from '@icn/crypto'
import { PATH_BYTES } from './bits.ts'
import { appendLeaves, build } from './build.ts'
import { neighboursOf } from './neighbours.ts'
import { orderOfPaths } from './order.ts'
import { createPool, EMPTY, findLeaf, hashOf, leafHashOf, pathOf, type Ref, setLeafHash } from './pool.ts'
import { nodesAbove, rehash } from './rehash.ts'
import { childOf, insertLeaf, removeLeaf } from './reshape.ts'

/** What becomes of one path: a leaf of this hash, or none. */
export interface LeafChange {
  /** 32 bytes. */
  readonly path: Uint8Array
  /** 32 bytes; `undefined`: no leaf. */
  readonly hash: Uint8Array | undefined
  /** A number to keep with a leaf that is new; 0 unless given. */
  readonly tag?: number
}

export interface Tree {
  size(): number
  /** 32 bytes; `EMPTY_ROOT` without leaves, the leaf's hash with one. */
  root(): Uint8Array
  /**
   * Applies changes with different paths, in any order, and rehashes what is above them.
   * @returns the changes that undo these; what changed nothing is left out
   */
  update(changes: readonly LeafChange[]): LeafChange[]
  /** The hash of the leaf at this path. */
  leaf(path: Uint8Array): Uint8Array | undefined
  /** Siblings from leaf to root; `undefined` where no leaf has this path. */
  steps(path: Uint8Array): ProofStep[] | undefined
  /** Paths of the leaves before and after a path that has none. */
  neighbours(path: Uint8Array): { readonly left: Uint8Array | undefined; readonly right: Uint8Array | undefined }
  tag(path: Uint8Array): number | undefined
  setTag(path: Uint8Array, tag: number): void
  /** For a new tree: adds leaves in any order, 64 bytes each (path, hash), then `build` once. */
  append(nodes: Uint8Array, tag: number): void
  /** @returns `false` where two leaves have the same path; then the tree is of no use */
  build(): boolean
}

/**
 * A crit-bit Merkle tree: every inner node has two children and parts the paths below it at the first bit in which
 * they differ. Its root depends on the leaves alone, not on how they came. Memory: 109 bytes a leaf, at most 13 % more
 * while it grows.
 */
export function createTree(): Tree {
  let pool = createPool()

  function update(changes: readonly LeafChange[]): LeafChange[] {
    const undo: LeafChange[] = []
    const changed = changes.filter((change) => apply(change, undo))
    rehashAbove(changed)
    return undo
  }

  function apply({ path, hash, tag = 0 }: LeafChange, undo: LeafChange[]): boolean {
    const leaf = findLeaf(pool, path)
    const before = leaf === -1 ? undefined : leafHashOf(pool, leaf)
    if (hash === undefined) {
      if (before === undefined) return false
      undo.push({ path, hash: before, tag: pool.tags[leaf] as number })
      removeLeaf(pool, path)
      return true
    }
    if (before !== undefined && equalBytes(before, hash)) return false
    undo.push({ path, hash: before })
    if (before === undefined) insertLeaf(pool, path, hash, tag)
    else setLeafHash(pool, leaf, hash)
    return true
  }

  function rehashAbove(changes: readonly LeafChange[]): void {
    const paths = new Uint8Array(changes.length * PATH_BYTES)
    changes.forEach(({ path }, index) => {
      paths.set(path, index * PATH_BYTES)
    })
    const order = orderOfPaths(paths, changes.length)
    const sorted = new Uint8Array(paths.length)
    order.forEach((from, index) => {
      sorted.set(paths.subarray(from * PATH_BYTES, (from + 1) * PATH_BYTES), index * PATH_BYTES)
    })
    rehash(pool, nodesAbove(pool, sorted, changes.length))
  }

  function steps(path: Uint8Array): ProofStep[] | undefined {
    if (findLeaf(pool, path) === -1) return undefined
    const way: ProofStep[] = []
    for (let ref = pool.root; ref >= 0; ) {
      const child = childOf(pool, ref, path)
      const isRight = pool.right[ref] === child
      const sibling = (isRight ? pool.left[ref] : pool.right[ref]) as Ref
      way.push({ side: isRight ? 'left' : 'right', hash: hashOf(pool, sibling) })
      ref = child
    }
    return way.reverse()
  }

  function neighbours(path: Uint8Array): ReturnType<Tree['neighbours']> {
    const { left, right } = neighboursOf(pool, path)
    return {
      left: left === -1 ? undefined : pathOf(pool, left),
      right: right === -1 ? undefined : pathOf(pool, right),
    }
  }

  return {
    size: () => pool.leafCount,
    root: () => (pool.root === EMPTY ? EMPTY_ROOT : hashOf(pool, pool.root)),
    update,
    leaf: (path) => {
      const leaf = findLeaf(pool, path)
      return leaf === -1 ? undefined : leafHashOf(pool, leaf)
    },
    steps,
    neighbours,
    tag: (path) => pool.tags[findLeaf(pool, path)],
    setTag: (path, tag) => {
      const leaf = findLeaf(pool, path)
      if (leaf !== -1) pool.tags[leaf] = tag
    },
    append: (nodes, tag) => appendLeaves(pool, nodes, tag),
    build: () => {
      const built = build(pool)
      if (!built) pool = createPool()
      return built
    },
  }
}
