import { EMPTY_ROOT, leafHash, rowPath } from '@icn/crypto'
import {
  assert,
  encodeRow,
  type ModuleTables,
  type RowChange,
  type Staged,
  type Table,
} from '@icn/state-machine/kernel'
import { createTree, type LeafChange, type Tree } from './tree/tree.ts'

/** A changed row with its place in the tree, ready to be written. */
export interface StagedRow extends RowChange {
  /** Path, then leaf hash: 64 bytes; the hash of a deleted row is zeros. */
  readonly node: Uint8Array
}

/** One tree a module and one over their roots. */
export interface Forest {
  /** Root of everything. */
  readonly appHash: () => Uint8Array
  readonly moduleRoots: () => Readonly<Record<string, Uint8Array>>
  /** Leaves of all modules. */
  readonly size: () => number
  /** Changes leaves; what was staged before and not taken on is undone first. */
  readonly stage: (rows: readonly StagedRow[]) => Staged
  /** Takes on what is staged: a later stage stands on it. */
  readonly takeOn: () => void
  /** What was taken on first is kept for good. */
  readonly keep: () => void
  /**
   * Runs `work` on the trees without what is staged and without the latest `blocks` taken on. Undoes and repeats them, so
   * its cost grows with their changes.
   */
  readonly asBefore: <T>(blocks: number, work: () => T) => T
  readonly treeOf: (table: Table) => { readonly module: string; readonly tree: Tree }
  /** The tree over the modules. */
  readonly top: () => Tree
}

type ModuleChanges = ReadonlyMap<string, readonly LeafChange[]>

/** @param grown - trees of modules by name; the others begin empty */
export function createForest(modules: readonly ModuleTables[], grown: ReadonlyMap<string, Tree> = new Map()): Forest {
  const trees = new Map(modules.map(({ name }) => [name, grown.get(name) ?? createTree()]))
  const later = new Set(modules.flatMap(({ name, isLater }) => (isLater === true ? [name] : [])))
  const homes = new Map(modules.flatMap(({ name, tables }) => tables.map((table) => [table.name, name])))
  const top = createTree()
  /** What undoes each block that was taken on, oldest first. */
  const taken: ModuleChanges[] = []
  /** What undoes the staged block. */
  let staged: ModuleChanges = new Map()
  raise(modules.map(({ name }) => name))

  function treeOf(table: Table): { readonly module: string; readonly tree: Tree } {
    const module = homes.get(table.name)
    const tree = module === undefined ? undefined : trees.get(module)
    assert(module !== undefined && tree !== undefined, `the table ${table.name} belongs to a module`)
    return { module, tree }
  }

  /** Brings the roots of modules into the tree over them. */
  function raise(names: readonly string[]): void {
    top.apply(
      names.map((name) => {
        const path = modulePath(name)
        return { path, hash: isLeaf(name) ? leafHash(path, trees.get(name)?.root() ?? EMPTY_ROOT) : undefined }
      }),
    )
  }

  /** A module that came later counts from its first row on. */
  function isLeaf(name: string): boolean {
    return !later.has(name) || (trees.get(name)?.size() ?? 0) > 0
  }

  function stage(rows: readonly StagedRow[]): Staged {
    applyAll(staged)
    const byModule = new Map<string, LeafChange[]>()
    for (const { table, node, row } of rows) {
      const { module } = treeOf(table)
      const list = byModule.get(module) ?? []
      list.push({ path: node.subarray(0, 32), hash: row === undefined ? undefined : node.subarray(32) })
      byModule.set(module, list)
    }
    staged = applyAll(byModule)
    return { appHash: top.root(), moduleRoots: moduleRoots() }
  }

  /** Answers the changes that undo it. */
  function applyAll(byModule: ModuleChanges): ModuleChanges {
    const before = new Map(Array.from(byModule, ([name, list]) => [name, trees.get(name)?.apply(list) ?? []]))
    raise([...byModule.keys()])
    return before
  }

  function asBefore<T>(blocks: number, work: () => T): T {
    const latest = taken.splice(taken.length - blocks)
    const redo = [staged, ...latest.reverse()].map(applyAll)
    try {
      return work()
    } finally {
      const undo = redo.reverse().map(applyAll)
      staged = undo.pop() ?? new Map()
      taken.push(...undo)
    }
  }

  function moduleRoots(): Record<string, Uint8Array> {
    return Object.fromEntries([...trees].filter(([name]) => isLeaf(name)).map(([name, tree]) => [name, tree.root()]))
  }

  return {
    appHash: () => top.root(),
    moduleRoots,
    size: () => Array.from(trees.values(), (tree) => tree.size()).reduce((sum, size) => sum + size, 0),
    stage,
    takeOn: () => {
      taken.push(staged)
      staged = new Map()
    },
    keep: () => {
      taken.shift()
    },
    asBefore,
    treeOf,
    top: () => top,
  }
}

/** Where a module stands in the tree over the modules. */
export function modulePath(name: string): Uint8Array {
  return rowPath('module', [name])
}

export function stagedRow(change: RowChange): StagedRow {
  const { table, key, row } = change
  const path = rowPath(table.name, key)
  const node = new Uint8Array(64)
  node.set(path)
  if (row !== undefined) node.set(leafHash(path, encodeRow(table, row)), 32)
  return { ...change, node }
}
