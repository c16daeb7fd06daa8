import { equalBytes, leafHash, rowPath, toHex } from '@icn/crypto'
import {
  type AnyRow,
  assert,
  type BlockRecord,
  type Committed,
  encodeRow,
  type KeyPart,
  keyOf,
  type ModuleTables,
  type StateStore,
  type Table,
} from '@icn/state-machine/kernel'
import { CorruptData, RESTORE } from '../errors.ts'
import { createForest, type Forest, type StagedRow } from '../forest.ts'
import { prove } from '../prove.ts'
import { LEAF_BYTES } from '../tree/load.ts'
import { openHistory } from './history.ts'
import { asFound, openDatabase } from './open.ts'
import { createRowCache } from './row-cache.ts'
import { accessTable, type TableAccess } from './table-access.ts'

export interface SqliteStoreOptions {
  readonly file: string
  readonly modules: readonly ModuleTables[]
  /** Memory for rows read often; default 64 MiB. */
  readonly cacheBytes?: number
}

export interface SqliteStore extends StateStore {
  /** Checks every row against its leaf. Cost grows with the state. @throws CorruptData naming the row */
  verifyAll(): void
}

/** A store this small is checked whole at every start: it takes a quarter of a second. */
const SMALL_ROWS = 20_000

/**
 * Opens the one database of a node: state, blocks, events. Leaf hashes stand with the rows; the inner nodes of the trees
 * are built here, and must lead to the app hash of the last block.
 *
 * @throws CorruptData, NewerVersion
 */
export function openSqliteStore({ file, modules, cacheBytes = 67_108_864 }: SqliteStoreOptions): SqliteStore {
  const database = openDatabase(file, modules)
  try {
    return asFound(file, () => createStore())
  } catch (error) {
    database.close()
    throw error
  }

  function createStore(): SqliteStore {
    const history = openHistory(database)
    const tables = modules.flatMap((module) => module.tables)
    const accesses = new Map(tables.map((table) => [table.name, accessTable(database, table)]))
    const accessOf = (table: Table) => accesses.get(table.name) as TableAccess
    const forest = createForest(modules, leavesOf(modules, accessOf))
    const cache = createRowCache(cacheBytes)
    let last = committedOf(history.last(), forest)
    let rows: readonly StagedRow[] | undefined
    checkRoot(file, last, forest)

    function readRow(table: Table, key: readonly KeyPart[]): AnyRow | undefined {
      const id = idOf(table, key)
      const known = cache.get(id)
      if (known !== undefined) return known ?? undefined
      const row = accessOf(table).read(key)
      cache.set(id, row ?? null)
      return row
    }

    function commit(block: BlockRecord): void {
      assert(rows !== undefined && block.height === last.height + 1, 'a staged block is committed in its turn')
      database.exec('BEGIN IMMEDIATE')
      for (const row of rows) accessOf(row.table).write(row)
      history.write(block)
      database.exec('COMMIT')
      for (const { table, key, row } of rows) cache.set(idOf(table, key), row ?? null)
      forest.keep()
      rows = undefined
      last = { height: block.height, timeMs: block.timeMs, appHash: block.appHash, blockHash: block.hash }
    }

    const scanRows: StateStore['scanRows'] = (table, prefix, options = {}) => accessOf(table).scan(prefix, options)

    function valueAt(module: string, path: Uint8Array): Uint8Array {
      for (const table of modules.find(({ name }) => name === module)?.tables ?? []) {
        const row = accessOf(table).atPath(path)
        if (row !== undefined) return encodeRow(table, row)
      }
      throw new CorruptData(`a leaf of ${module} has no row`, RESTORE)
    }

    function verifyAll(): void {
      for (const table of tables) {
        for (const { row, node } of accessOf(table).whole()) {
          const path = rowPath(table.name, keyOf(table, row))
          if (!equalBytes(node, Buffer.concat([path, leafHash(path, encodeRow(table, row))]))) {
            throw new CorruptData(
              `a row of ${table.name} does not fit its leaf: ${keyOf(table, row).join(' ')}`,
              RESTORE,
            )
          }
        }
      }
    }

    const size =
      tables.length === 0
        ? 0
        : modules.reduce(
            (sum, { tables: [table] }) => sum + (table === undefined ? 0 : forest.treeOf(table).tree.size()),
            0,
          )
    if (size <= SMALL_ROWS) verifyAll()

    return {
      modules,
      readRow,
      scanRows,
      committed: () => last,
      stage: (changes) => {
        const staged = forest.stage(changes)
        rows = staged.rows
        return { appHash: staged.appHash, moduleRoots: staged.moduleRoots }
      },
      commit,
      prove: (table, key) =>
        forest.asKept(() => prove(forest, { readRow, scanRows }, valueAt, last.height, table, key)),
      transaction: (hash) => history.transaction(hash),
      block: (height) => history.block(height),
      verifyAll,
      close: () => database.close(),
    }
  }
}

function leavesOf(modules: readonly ModuleTables[], accessOf: (table: Table) => TableAccess): Map<string, Uint8Array> {
  return new Map(
    modules.map(({ name, tables }) => {
      const accesses = tables.map(accessOf)
      const count = accesses.reduce((sum, access) => sum + access.count(), 0)
      const list = new Uint8Array(count * LEAF_BYTES)
      let at = 0
      for (const access of accesses) {
        for (const node of access.nodes()) {
          list.set(node, at)
          at += LEAF_BYTES
        }
      }
      return [name, list]
    }),
  )
}

function committedOf(block: ReturnType<ReturnType<typeof openHistory>['last']>, forest: Forest): Committed {
  if (block === undefined) return { height: 0, timeMs: 0, appHash: forest.appHash(), blockHash: new Uint8Array(32) }
  const { height, timeMs, appHash, hash } = block
  return { height, timeMs, appHash, blockHash: hash }
}

function checkRoot(file: string, { height, appHash }: Committed, forest: Forest): void {
  if (equalBytes(forest.appHash(), appHash)) return
  const found = `rows lead to the root ${toHex(forest.appHash())}, block ${height} has ${toHex(appHash)}`
  throw new CorruptData(`${file}: ${found}`, RESTORE)
}

function idOf(table: Table, key: readonly KeyPart[]): string {
  return key.length === 1 ? `${table.name}\0${key[0]}` : `${table.name}\0${key.join('\0')}`
}
