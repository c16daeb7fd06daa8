import { rmSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { equalBytes, leafHash, rowPath, toHex } from '@icn/crypto'
import {
  type ColumnKind,
  type KeyPart,
  type ModuleTables,
  rowsOfChunk,
  SnapshotError,
  type Table,
} from '@icn/state-machine/kernel'
import { syncFile } from '../durable.ts'
import { createForest } from '../forest.ts'
import { toSql } from '../sqlite/block-writer.ts'
import { PAGE_BYTES } from '../sqlite/connect.ts'
import { seedLanes } from '../sqlite/lanes.ts'
import { quote } from '../sqlite/quote.ts'
import { indexesSql, SCHEMA_VERSION, schemaFingerprint, tablesSql } from '../sqlite/schema.ts'
import { LEAF_BYTES } from '../tree/leaf-list.ts'
import { loadPool } from '../tree/load.ts'
import type { Pool } from '../tree/pool.ts'
import { treeOn } from '../tree/tree.ts'
import { decompress } from './compress.ts'
import { isChunk, type Manifest } from './manifest.ts'

/** Builds a database of the chunks of a snapshot. */
export interface Loader {
  /** The chunk that these bytes hold; `undefined` where they are not chunk `index`. */
  verify(index: number, compressed: Uint8Array): Uint8Array | undefined
  /** @throws SnapshotError for a chunk that cannot be of these tables */
  insert(chunk: Uint8Array): void
  /**
   * Completes the file and brings it to the disk; what verifies the whole is here.
   *
   * @returns the tree of each module
   * @throws SnapshotError where the rows do not lead to the app hash
   */
  finish(): ReadonlyMap<string, Pool>
  /** Removes the file. */
  discard(): void
}

interface Inserter {
  readonly module: string
  readonly keyLength: number
  readonly kinds: readonly ColumnKind[]
  readonly put: StatementSync
}

/** SQLite's word for a row that breaks what the schema says: twice the same key, or a value that is not there. */
const CONSTRAINT = 19

/** @param file - must not be there; a crash leaves it, and nothing else */
export function createLoader(file: string, modules: readonly ModuleTables[], manifest: Manifest): Loader {
  const database = new DatabaseSync(file)
  // PERF: the file is worth nothing before it is whole, so that until then nothing needs to be on the disk.
  database.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF`)
  database.exec('PRAGMA cache_size = -65536; PRAGMA locking_mode = EXCLUSIVE')
  database.exec(tablesSql(modules))
  database.exec('BEGIN')
  const inserters = new Map<Table, Inserter>()
  for (const { name, tables } of modules) for (const table of tables) inserters.set(table, inserterOf(name, table))
  const leaves = new Map<string, Uint8Array[]>(modules.map(({ name }) => [name, []]))

  function inserterOf(module: string, table: Table): Inserter {
    const names = [...table.keyNames, ...table.columnNames]
    const columns = [...names, '_node'].map(quote).join(', ')
    const places = [...names, ''].map(() => '?').join(', ')
    return {
      module,
      keyLength: table.keyNames.length,
      kinds: names.map((name) => ({ ...table.key, ...table.columns })[name]?.kind ?? 'text'),
      put: database.prepare(`INSERT INTO ${quote(table.name)} (${columns}) VALUES (${places})`),
    }
  }

  function verify(index: number, compressed: Uint8Array): Uint8Array | undefined {
    const chunk = decompress(compressed)
    return chunk !== undefined && isChunk(manifest, index, chunk) ? chunk : undefined
  }

  function insert(chunk: Uint8Array): void {
    const { table, rows } = rowsOfChunk(chunk, modules)
    const { module, keyLength, kinds, put } = inserters.get(table) as Inserter
    const nodes: Uint8Array[] = []
    for (const { values, bytes } of rows) {
      const path = rowPath(table.name, values.slice(0, keyLength) as KeyPart[])
      const node = new Uint8Array(LEAF_BYTES)
      node.set(path)
      node.set(leafHash(path, bytes), 32)
      nodes.push(node)
      putRow(table, put, kinds, values, node)
    }
    leaves.get(module)?.push(Buffer.concat(nodes))
  }

  function finish(): ReadonlyMap<string, Pool> {
    const pools = new Map(Array.from(leaves, ([name, lists]) => [name, poolOf(lists)]))
    const trees = new Map(Array.from(pools, ([name, pool]) => [name, treeOn(pool)]))
    const root = createForest(modules, trees).appHash()
    if (!equalBytes(root, manifest.appHash)) {
      throw new SnapshotError(`its rows lead to the root ${toHex(root)}, expected ${toHex(manifest.appHash)}`)
    }
    database.exec(indexesSql(modules))
    putMeta()
    seedLanes(database, manifest.height)
    database.exec('COMMIT')
    database.close()
    syncFile(file)
    return pools
  }

  function putMeta(): void {
    const { height, timeMs, hash, header, appHash, transactions, report } = manifest
    const put = database.prepare('INSERT INTO meta VALUES (?, ?)')
    put.run('schemaVersion', String(SCHEMA_VERSION))
    put.run('tables', schemaFingerprint(modules))
    put.run('keptFrom', String(height + 1))
    const putBlock = database.prepare('INSERT INTO block VALUES (?, ?, ?, ?, ?, ?, ?)')
    putBlock.run(height, timeMs, hash, header, appHash, transactions, JSON.stringify(report))
  }

  function discard(): void {
    if (database.isOpen) database.close()
    rmSync(file, { force: true })
  }

  return { verify, insert, finish, discard }
}

function putRow(
  { name }: Table,
  put: StatementSync,
  kinds: readonly ColumnKind[],
  values: readonly unknown[],
  node: Uint8Array,
): void {
  const bound: SQLInputValue[] = []
  for (let index = 0; index < values.length; index++) bound.push(toSql(values[index], kinds[index] as ColumnKind))
  try {
    put.run(...bound, node)
  } catch (cause) {
    const code = (cause as { errcode?: number }).errcode
    // Without a code it is a value that SQLite has no type for.
    if (code !== undefined && (code & 0xff) !== CONSTRAINT) throw cause
    throw new SnapshotError(`a row does not fit ${name}: ${(cause as Error).message}`, { cause })
  }
}

function poolOf(lists: readonly Uint8Array[]): Pool {
  try {
    return loadPool(lists, lists.reduce((sum, { length }) => sum + length, 0) / LEAF_BYTES)
  } catch (cause) {
    throw new SnapshotError((cause as Error).message, { cause })
  }
}
