import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { ColumnKind, LedgerEvent, Table } from '@icn/state-machine/kernel'
import { createLaneWriter } from './lanes.ts'
import {
  type PackedBlock,
  type PackedPlaces,
  type PackedRows,
  type UnpackedBlock,
  unpackBlock,
  unpackPlaces,
  unpackRows,
} from './packed.ts'
import { createPartWriter } from './part-writer.ts'
import { createPruner } from './prune.ts'
import { quote } from './quote.ts'
import { MODULE_ROOTS } from './schema.ts'

/** Writes blocks, each in one transaction: rows as they come, then the block itself. */
export interface BlockWriter {
  /** Rows of the next block; the first ones begin its transaction. */
  rows(packed: PackedRows): void
  /** Entries of the index of transactions, in the same transaction. */
  places(packed: PackedPlaces): void
  /** Gives up what was written of the next block. */
  rollBack(): void
  /** Writes the rest; when it returns, the block is synced to the disk. */
  commit(packed: PackedBlock): void
}

interface TableStatements {
  readonly kinds: readonly ColumnKind[]
  readonly put: StatementSync
  readonly remove: StatementSync
}

/** @param keepBlocks - how many of the latest blocks are kept; 0: all */
export function createBlockWriter(database: DatabaseSync, tables: readonly Table[], keepBlocks: number): BlockWriter {
  const statements = tables.map((table) => statementsOf(database, table))
  const putBlock = database.prepare('INSERT INTO block VALUES (?, ?, ?, ?, ?, ?, ?)')
  const putRoots = database.prepare(`INSERT OR REPLACE INTO meta VALUES ('${MODULE_ROOTS}', ?)`)
  const putTransaction = database.prepare('INSERT INTO tx VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
  const writePart = createPartWriter(database)
  const writeLanes = createLaneWriter(database)
  const putEvent = database.prepare('INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?)')
  const prune = createPruner(database, keepBlocks)
  let begun = false

  function begin(): void {
    if (!begun) database.exec('BEGIN IMMEDIATE')
    begun = true
  }

  function rows(packed: PackedRows): void {
    begin()
    for (const { table, isDeleted, values, node } of unpackRows(packed)) {
      const { kinds, put, remove } = statements[table] as TableStatements
      const bound = values.map((value, index) => toSql(value, kinds[index] as ColumnKind))
      if (isDeleted) remove.run(...bound)
      else put.run(...bound, node)
    }
  }

  function places(packed: PackedPlaces): void {
    begin()
    writePart(unpackPlaces(packed))
  }

  function rollBack(): void {
    if (begun) database.exec('ROLLBACK')
    begun = false
  }

  function commit(packed: PackedBlock): void {
    begin()
    const block = unpackBlock(packed)
    writeBlock(block)
    prune(block.height)
    database.exec('COMMIT')
    begun = false
  }

  function writeBlock(block: UnpackedBlock): void {
    const { height, firstId, timeMs, hash, header, appHash, report, moduleRoots, transactions, events } = block
    putRoots.run(JSON.stringify({ height, moduleRoots }))
    putBlock.run(height, timeMs, hash, header, appHash, transactions.length, JSON.stringify(report))
    let seq = 0
    const writeEvent = (tx: number, lane: number, { topic, org, subject, data }: LedgerEvent) => {
      putEvent.run(firstId + seq++, firstId + tx, lane, topic, org ?? null, subject, JSON.stringify(data))
    }
    for (const [index, transaction] of transactions.entries()) {
      const { signer, kind, lane, code, result, bytes } = transaction
      putTransaction.run(firstId + index, transaction.hash, signer, kind, lane, code, JSON.stringify(result), bytes)
      for (const event of transaction.events) writeEvent(index, lane, event)
    }
    for (const event of events) writeEvent(transactions.length, event.lane, event)
    writeLanes(height, block.lanes ?? [])
  }

  return { rows, places, rollBack, commit }
}

function statementsOf(database: DatabaseSync, table: Table): TableStatements {
  const names = [...table.keyNames, ...table.columnNames]
  const isKey = table.keyNames.map((name) => `${quote(name)} = ?`).join(' AND ')
  return {
    kinds: names.map((name) => ({ ...table.key, ...table.columns })[name]?.kind ?? 'text'),
    put: database.prepare(upsertSql(table, names)),
    remove: database.prepare(`DELETE FROM ${quote(table.name)} WHERE ${isKey}`),
  }
}

/** A value of a row as SQLite keeps it. */
export function toSql(value: unknown, kind: ColumnKind): SQLInputValue {
  if (value === null) return null
  if (kind === 'json') return JSON.stringify(value)
  return kind === 'bool' ? Number(value) : (value as SQLInputValue)
}

function upsertSql(table: Table, names: readonly string[]): string {
  const all = [...names, '_node']
  const changed = all.filter((name) => !table.keyNames.includes(name))
  const places = all.map(() => '?').join(', ')
  const sets = changed.map((name) => `${quote(name)} = excluded.${quote(name)}`).join(', ')
  const key = table.keyNames.map(quote).join(', ')
  return `INSERT INTO ${quote(table.name)} (${all.map(quote).join(', ')}) VALUES (${places}) ON CONFLICT (${key}) DO UPDATE SET ${sets}`
}
