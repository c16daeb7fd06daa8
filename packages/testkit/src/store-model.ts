import { EMPTY_ROOT, innerHash, leafHash, rowPath } from '@icn/crypto'
import {
  type AnyRow,
  compareKeys,
  encodeRow,
  type KeyPart,
  type ModuleTables,
  type RowChange,
  type StateStore,
  type Table,
} from '@icn/state-machine/kernel'

/** What a store must hold, as a map from keys to the change that wrote the row: no order, no tree, no disk. */
export type StoreModel = Map<string, RowChange>

interface Leaf {
  readonly path: Uint8Array
  readonly hash: Uint8Array
}

export function idOf(table: Table, key: readonly KeyPart[]): string {
  return JSON.stringify([table.name, ...key])
}

export function applyTo(model: StoreModel, changes: readonly RowChange[]): void {
  for (const change of changes) {
    if (change.row === undefined) model.delete(idOf(change.table, change.key))
    else model.set(idOf(change.table, change.key), change)
  }
}

/** The rows of a table in order of their keys. */
export function rowsOf(model: StoreModel, table: Table): AnyRow[] {
  const own = [...model.values()].filter((change) => change.table === table)
  return own.sort((a, b) => compareKeys(a.key, b.key)).map(({ row }) => row as AnyRow)
}

/** The roots by their definition, from the rows alone. */
export function rootsOf(model: StoreModel, modules: readonly ModuleTables[]): ReturnType<StateStore['stage']> {
  const roots = modules.map(({ name, tables }) => {
    const own = [...model.values()].filter(({ table }) => tables.includes(table))
    const leaves = own.map(({ table, key, row }) => leafOf(rowPath(table.name, key), encodeRow(table, row as AnyRow)))
    return [name, treeRoot(leaves)] as const
  })
  const top = roots.map(([name, root]) => leafOf(rowPath('module', [name]), root))
  return { appHash: treeRoot(top), moduleRoots: Object.fromEntries(roots) }
}

function leafOf(path: Uint8Array, value: Uint8Array): Leaf {
  return { path, hash: leafHash(path, value) }
}

function treeRoot(leaves: readonly Leaf[], bit = 0): Uint8Array {
  const [only] = leaves
  if (only === undefined) return EMPTY_ROOT
  if (leaves.length === 1) return only.hash
  const isRight = ({ path }: Leaf) => (((path[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) === 1
  const right = leaves.filter(isRight)
  const left = leaves.filter((leaf) => !isRight(leaf))
  if (left.length === 0 || right.length === 0) return treeRoot(leaves, bit + 1)
  return innerHash(treeRoot(left, bit + 1), treeRoot(right, bit + 1))
}
