import { closeSync, openSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { equalBytes, leafHash, rowPath, toHex } from '@icn/crypto'
import {
  type AnyRow,
  assert,
  type BlockRecord,
  type Committed,
  encodeRow,
  historyId,
  type KeyPart,
  keyOf,
  type ModuleTables,
  type RowChange,
  type RowReader,
  type Staged,
  type StateProof,
  type StateStore,
  type Table,
} from '@icn/state-machine/kernel'
import { CorruptData, RESTORE } from '../errors.ts'
import { createForest, type Forest, type StagedRow, stagedRow } from '../forest.ts'
import { createPending } from '../pending.ts'
import { prove } from '../prove.ts'
import type { Tree } from '../tree/tree.ts'
import { keepLittle } from './connect.ts'
import type { Gate } from './gate.ts'
import { openHistory } from './history.ts'
import { loadTrees } from './load-trees.ts'
import { asFound, openDatabase } from './open.ts'
import { type ModuleRoots, packBlock, packPlaces, packRows } from './packed.ts'
import { createRowCache } from './row-cache.ts'
import { MODULE_ROOTS } from './schema.ts'
import { accessTable, type TableAccess } from './table-access.ts'
import { openTransactionIndex } from './transaction-index.ts'
import { createInlineWriter, createThreadWriter } from './writer.ts'

export interface SqliteStoreOptions {
  readonly file: string
  readonly modules: readonly ModuleTables[]
  /** Memory for rows read often; default 32 MiB. */
  readonly cacheBytes?: number
  /** Who writes: this thread, or one of its own, so that a block is executed while the last one is synced. */
  readonly writer?: 'inline' | 'thread'
  /** How many of the latest blocks are kept, with their transactions and events; default 0: all. */
  readonly keepBlocks?: number
}

/** Asked before each block is written: the gate of a reader that wants to begin right after it. */
export type GateKeeper = (block: BlockRecord, before: Committed) => Gate | undefined

/** The store of one file. */
export interface FileStore extends StateStore {
  /** Checks every page of the file, every index, and every row against its leaf. Cost grows with the file. @throws CorruptData */
  verifyAll(): void
  /** Has this one asked from now on, and nobody else. */
  askBeforeBlocks(keeper: GateKeeper): void
  /** Waits until everything given to `commit` is written, and for its thread; only `letGo` is allowed after. */
  settle(): Promise<void>
  /** Closes the file at once. */
  letGo(): void
}

/** Of a store this small every row is checked at every start: it takes a quarter of a second. */
const SMALL_ROWS = 20_000
/** Scans for so many of the first rows of a table are remembered. */
const FIRST_ROWS = 256
/** Rows that go to the writer together; fewer go with their block. PERF: waking a thread takes as long as executing a vote. */
const ROWS_AT_ONCE = 1_024

/**
 * Opens the database: leaf hashes stand with the rows; the inner nodes of the trees are built here, and must lead to the
 * app hash of the last block.
 *
 * @param grown - trees that somebody has built of this very file already
 * @throws CorruptData, NewerVersion
 */
export function openFileStore(options: SqliteStoreOptions, grown?: ReadonlyMap<string, Tree>): FileStore {
  const { file, modules, cacheBytes = 33_554_432, writer: place = 'inline', keepBlocks = 0 } = options
  const database = openDatabase(file, modules)
  const descriptor = openSync(file, 'r')
  if (place === 'thread') keepLittle(database)
  try {
    return asFound(file, () => createStore())
  } catch (error) {
    closeFile()
    throw error
  }

  /** The descriptor last: closing any of a file takes back the locks of its process, SQLite's too. */
  function closeFile(): void {
    database.close()
    closeSync(descriptor)
  }

  function createStore(): FileStore {
    const history = openHistory(database)
    const places = openTransactionIndex(database)
    const tables = modules.flatMap((module) => module.tables)
    const accesses = new Map(tables.map((table) => [table.name, accessTable(database, table)]))
    const accessOf = (table: Table) => accesses.get(table.name) as TableAccess
    const forest = createForest(modules, grown ?? loadTrees(file, database, modules))
    const onDisk: RowReader = {
      readRow: (table, key) => accessOf(table).read(key),
      scanRows: (table, prefix, options = {}) => accessOf(table).scan(prefix, options),
    }
    const pending = createPending(onDisk)
    const cache = createRowCache(cacheBytes)
    const firstRows = new Map<string, { readonly limit: number; readonly rows: readonly AnyRow[] }>()
    const positions = new Map(tables.map(({ name }, index) => [name, index]))
    let head = committedOf(history.last(), forest)
    let committed = head
    let staged: readonly StagedRow[] | undefined
    let gateKeeper: GateKeeper = () => undefined
    checkRoot(file, database, head, forest)

    function readRow(table: Table, key: readonly KeyPart[]): AnyRow | undefined {
      const id = idOf(table, key)
      const known = cache.get(id)
      if (known !== undefined) return known ?? undefined
      const row = isAbsent(table, key) ? undefined : pending.readRow(table, key)
      cache.set(id, row ?? null)
      return row
    }

    /** PERF: the tree knows what is not there without asking SQLite; while a block is staged it knows too much. */
    function isAbsent(table: Table, key: readonly KeyPart[]): boolean {
      return staged === undefined && forest.treeOf(table).tree.get(rowPath(table.name, key)) === undefined
    }

    /** PERF: every block asks which deadlines come first, and few blocks change them. */
    const scanRows: RowReader['scanRows'] = (table, prefix, options = {}) => {
      const { limit, after } = options
      if (prefix.length > 0 || after !== undefined || limit === undefined || limit > FIRST_ROWS)
        return pending.scanRows(table, prefix, options)
      const known = firstRows.get(table.name)
      if (known?.limit === limit) return known.rows
      const rows = [...pending.scanRows(table, prefix, options)]
      firstRows.set(table.name, { limit, rows })
      return rows
    }

    /** The writer gets many rows as soon as their leaves are known, and writes them while the tree is hashed here. */
    function stage(changes: Iterable<RowChange>): Staged {
      if (staged !== undefined) writer.rollBack()
      const rows: StagedRow[] = []
      for (const change of changes) {
        rows.push(stagedRow(change))
        if (rows.length % ROWS_AT_ONCE === 0) writer.rows(packRows(rows.slice(-ROWS_AT_ONCE), positions))
      }
      staged = rows
      return forest.stage(rows)
    }

    async function commit(block: BlockRecord): Promise<void> {
      const rows = staged
      assert(rows !== undefined && block.height === head.height + 1, 'a staged block is committed in its turn')
      const rest = rows.slice(rows.length - (rows.length % ROWS_AT_ONCE))
      const written = writer.commit({
        rest: packRows(rest, positions),
        places: packPlaces(places.part(block.height, block.transactions.length)),
        block: packBlock(block, historyId(block.height, 0), rootsInHex(forest)),
        gate: gateKeeper(block, head),
      })
      for (const { table, key, row } of rows) {
        cache.set(idOf(table, key), row ?? null)
        firstRows.delete(table.name)
      }
      pending.push(rows)
      forest.takeOn()
      staged = undefined
      head = { height: block.height, timeMs: block.timeMs, appHash: block.appHash, blockHash: block.hash }
      const own = head
      await written
      pending.shift()
      forest.keep()
      places.add(own.height, block.transactions)
      committed = own
    }

    /** Of one snapshot: the writing thread may have finished a block of which this one has not heard yet. */
    function proveRow(table: Table, key: readonly KeyPart[]): StateProof {
      database.exec('BEGIN')
      try {
        const height = history.last()?.height ?? 0
        return forest.asBefore(head.height - height, () => prove(forest, onDisk, valueAt, height, table, key))
      } finally {
        database.exec('COMMIT')
      }
    }

    function valueAt(module: string, path: Uint8Array): Uint8Array {
      for (const table of modules.find(({ name }) => name === module)?.tables ?? []) {
        const row = accessOf(table).atPath(path)
        if (row !== undefined) return encodeRow(table, row)
      }
      throw new CorruptData(`a leaf of ${module} has no row`, RESTORE)
    }

    function verifyPages(): void {
      const [found] = asFound(file, () => Object.values(database.prepare('PRAGMA integrity_check(1)').get() ?? {}))
      if (found !== 'ok') throw new CorruptData(`${file}: ${found}`, RESTORE)
    }

    function verifyRows(): void {
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

    if (forest.size() <= SMALL_ROWS) verifyRows()
    const writer =
      place === 'inline'
        ? createInlineWriter(database, tables, keepBlocks)
        : createThreadWriter({ file, descriptor, tables, keepBlocks })

    return {
      modules,
      readRow,
      scanRows,
      head: () => head,
      committed: () => committed,
      stage,
      commit,
      prove: proveRow,
      transaction: (hash) => {
        const id = places.find(hash)
        return id === undefined ? undefined : history.transaction(id)
      },
      block: (height) => history.block(height),
      keptFrom: () => history.keptFrom(),
      askBeforeBlocks: (keeper) => {
        gateKeeper = keeper
      },
      settle: () => writer.close(),
      letGo: closeFile,
      verifyAll: () => {
        verifyPages()
        verifyRows()
      },
      close: async () => {
        await writer.close()
        closeFile()
      },
    }
  }
}

function committedOf(block: ReturnType<ReturnType<typeof openHistory>['last']>, forest: Forest): Committed {
  if (block === undefined) return { height: 0, timeMs: 0, appHash: forest.appHash(), blockHash: new Uint8Array(32) }
  const { height, timeMs, appHash, hash } = block
  return { height, timeMs, appHash, blockHash: hash }
}

/** @throws CorruptData which names the modules whose rows are not those of the block, where the roots of its modules are known */
function checkRoot(file: string, database: DatabaseSync, { height, appHash }: Committed, forest: Forest): void {
  if (equalBytes(forest.appHash(), appHash)) return
  const wrong = wrongModules(database, height, forest)
  const found = `rows lead to the root ${toHex(forest.appHash())}, block ${height} has ${toHex(appHash)}`
  throw new CorruptData(`${file}: ${found}${wrong.length === 0 ? '' : `; it differs in ${wrong.join(', ')}`}`, RESTORE)
}

function wrongModules(database: DatabaseSync, height: number, forest: Forest): string[] {
  const { value } = database.prepare('SELECT value FROM meta WHERE key = ?').get(MODULE_ROOTS) ?? {}
  const kept = JSON.parse(String(value ?? '{}')) as { height?: number; moduleRoots?: ModuleRoots }
  if (kept.height !== height) return []
  return Object.entries(rootsInHex(forest)).flatMap(([name, root]) => (kept.moduleRoots?.[name] === root ? [] : [name]))
}

function rootsInHex(forest: Forest): ModuleRoots {
  return Object.fromEntries(Object.entries(forest.moduleRoots()).map(([name, root]) => [name, toHex(root)]))
}

function idOf(table: Table, key: readonly KeyPart[]): string {
  return key.length === 1 ? `${table.name}\0${key[0]}` : `${table.name}\0${key.join('\0')}`
}
