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

/** A changed row with its leaf, ready to be written. */
export interface StagedRow extends RowChange {
  readonly path: Uint8Array
  readonly leaf: Uint8Array | undefined
}

/** One tree a module and one over their roots. */
export interface Forest {
  /** Root of everything. */
  readonly appHash: () => Uint8Array
  readonly moduleRoots: () => Readonly<Record<string, Uint8Array>>
  /** Changes leaves; what was staged before and not kept is undone first. */
  readonly stage: (changes: Iterable<RowChange>) => Staged & { readonly rows: readonly StagedRow[] }
  /** Makes what is staged the state to which a later stage goes back. */
  readonly keep: () => void
  /** Runs `work` on the trees as they were last kept. Undoes and repeats what is staged, so its cost grows with that. */
  readonly asKept: <T>(work: () => T) => T
  readonly treeOf: (table: Table) => { readonly module: string; readonly tree: Tree }
  /** The tree over the modules. */
  readonly top: () => Tree
}

/** @param lists - leaves of each module, as `Tree.leaves` answers them */
export function createForest(modules: readonly ModuleTables[], lists: ReadonlyMap<string, Uint8Array>): Forest {
  const trees = new Map(modules.map(({ name }) => [name, createTree(lists.get(name))]))
  const homes = new Map(modules.flatMap(({ name, tables }) => tables.map((table) => [table.name, name])))
  const top = createTree()
  /** Changes of each module that go back to what was last kept. */
  let undo = new Map<string, readonly LeafChange[]>()
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
        return { path, hash: leafHash(path, trees.get(name)?.root() ?? EMPTY_ROOT) }
      }),
    )
  }

  function stage(changes: Iterable<RowChange>): Staged & { readonly rows: readonly StagedRow[] } {
    rollBack()
    const rows = Array.from(changes, stagedRow)
    const byModule = new Map<string, LeafChange[]>()
    for (const { table, path, leaf } of rows) {
      const { module } = treeOf(table)
      const list = byModule.get(module) ?? []
      list.push({ path, hash: leaf })
      byModule.set(module, list)
    }
    undo = applyAll(byModule)
    return { appHash: top.root(), moduleRoots: moduleRoots(), rows }
  }

  /** Answers the changes that undo it. */
  function applyAll(byModule: ReadonlyMap<string, readonly LeafChange[]>): Map<string, readonly LeafChange[]> {
    const before = new Map(Array.from(byModule, ([name, list]) => [name, trees.get(name)?.apply(list) ?? []]))
    raise([...byModule.keys()])
    return before
  }

  function rollBack(): Map<string, readonly LeafChange[]> {
    const redo = applyAll(undo)
    undo = new Map()
    return redo
  }

  function asKept<T>(work: () => T): T {
    if (undo.size === 0) return work()
    const redo = rollBack()
    try {
      return work()
    } finally {
      undo = applyAll(redo)
    }
  }

  function moduleRoots(): Record<string, Uint8Array> {
    return Object.fromEntries(Array.from(trees, ([name, tree]) => [name, tree.root()]))
  }

  return {
    appHash: () => top.root(),
    moduleRoots,
    stage,
    keep: () => {
      undo = new Map()
    },
    asKept,
    treeOf,
    top: () => top,
  }
}

/** Where a module stands in the tree over the modules. */
export function modulePath(name: string): Uint8Array {
  return rowPath('module', [name])
}

function stagedRow(change: RowChange): StagedRow {
  const { table, key, row } = change
  const path = rowPath(table.name, key)
  return { ...change, path, leaf: row === undefined ? undefined : leafHash(path, encodeRow(table, row)) }
}
