import { closeSync, openSync } from 'node:fs'
import { rowPath } from '@icn/crypto'
import {
  assert,
  type BlockRecord,
  type Committed,
  encodeRow,
  historyId,
  type KeyPart,
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
import { packBlock, packPlaces, packRows } from './packed.ts'
import { createRememberedRows } from './remembered-rows.ts'
import { accessTable, type TableAccess } from './table-access.ts'
import { openTransactionIndex } from './transaction-index.ts'
import { rootsInHex, verifyPages, verifyRoot, verifyRows } from './verify.ts'
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
    const remembered = createRememberedRows({ rows: pending, isAbsent, cacheBytes })
    const positions = new Map(tables.map(({ name }, index) => [name, index]))
    let head = committedOf(history.last(), forest)
    let committed = head
    let staged: readonly StagedRow[] | undefined
    let gateKeeper: GateKeeper = () => undefined
    verifyRoot(file, database, head, forest)

    /** PERF: the tree knows what is not there without asking SQLite; while a block is staged it knows too much. */
    function isAbsent(table: Table, key: readonly KeyPart[]): boolean {
      return staged === undefined && forest.treeOf(table).tree.get(rowPath(table.name, key)) === undefined
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
      remembered.changed(rows)
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

    if (forest.size() <= SMALL_ROWS) verifyRows(tables, accessOf)
    const writer =
      place === 'inline'
        ? createInlineWriter(database, tables, keepBlocks)
        : createThreadWriter({ file, descriptor, tables, keepBlocks })

    return {
      modules,
      readRow: remembered.readRow,
      scanRows: remembered.scanRows,
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
        verifyPages(file, database)
        verifyRows(tables, accessOf)
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
