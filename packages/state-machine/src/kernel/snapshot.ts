import { createChunkWriter } from './chunk-writer.ts'
import { createListReader, type ListReader } from './list-reader.ts'
import { decodeRow, decodeRowValues, encodeRow, keyOf } from './row-codec.ts'
import type { RowChange, RowReader } from './state.ts'
import type { ModuleTables } from './store-port.ts'
import type { Table } from './table.ts'

/** A chunk that is no part of a snapshot of these tables. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError'
  readonly code = 'BAD_SNAPSHOT'
}

/** A chunk ends with the row that takes it over this, so it stays far below what a message may hold. */
const CHUNK_BYTES = 1_048_576
const CHUNK_ROWS = 8_192

/**
 * All rows of a state, as DAG-CBOR chunks `[table, [canonical row, …]]` of about 1 MiB: tables in their declared order,
 * rows in key order, so that every node cuts the same bytes. The state must not change meanwhile. Memory: one chunk.
 */
export function* snapshotOf(state: RowReader, modules: readonly ModuleTables[]): Iterable<Uint8Array> {
  const chunk = createChunkWriter()
  for (const table of tablesOf(modules)) {
    for (const row of state.scanRows(table, [])) {
      chunk.add(encodeRow(table, row))
      if (chunk.bytes() >= CHUNK_BYTES || chunk.rows() >= CHUNK_ROWS) yield chunk.end(table)
    }
    if (chunk.rows() > 0) yield chunk.end(table)
  }
}

/** A row of a chunk. */
export interface ChunkRow {
  /** Key columns in order, then the others. */
  readonly values: readonly unknown[]
  /** What is hashed into its leaf; a part of the chunk's memory. */
  readonly bytes: Uint8Array
}

/**
 * The rows of one chunk, as changes of an empty store. That they are the right ones shows in the root of the whole.
 *
 * @throws SnapshotError for bytes that are no chunk, or of a table that is not there
 */
export function changesOfChunk(chunk: Uint8Array, modules: readonly ModuleTables[]): RowChange[] {
  const { table, rows } = rowsOfChunk(chunk, modules)
  return Array.from(rows, ({ bytes }) => {
    const row = decodeRow(table, bytes)
    return { table, key: keyOf(table, row), row }
  })
}

/**
 * The same as they are hashed and kept, one after the other. PERF: a million rows have neither bytes nor objects of their own.
 *
 * @throws SnapshotError, also while the rows are read
 */
export function rowsOfChunk(
  chunk: Uint8Array,
  modules: readonly ModuleTables[],
): { readonly table: Table; readonly rows: Iterable<ChunkRow> } {
  try {
    const reader = createListReader(chunk)
    reader.list(2)
    const name = reader.text()
    const table = tablesOf(modules).find((own) => own.name === name)
    if (table === undefined) throw new SnapshotError(`there is no table ${name}`)
    return { table, rows: readRows(reader, table) }
  } catch (cause) {
    throw asSnapshotError(cause)
  }
}

function* readRows(reader: ListReader, table: Table): Iterable<ChunkRow> {
  const width = table.keyNames.length + table.columnNames.length
  try {
    const count = reader.list()
    for (let row = 0; row < count; row++) {
      const bytes = reader.bytes()
      const values = decodeRowValues(bytes)
      if (values.length !== width) throw new SnapshotError(`a row of ${table.name} has ${width} values`)
      yield { values, bytes }
    }
    reader.end()
  } catch (cause) {
    throw asSnapshotError(cause)
  }
}

function asSnapshotError(cause: unknown): SnapshotError {
  if (cause instanceof SnapshotError) return cause
  return new SnapshotError(`no chunk of a snapshot: ${(cause as Error).message}`, { cause })
}

function tablesOf(modules: readonly ModuleTables[]): readonly Table[] {
  return modules.flatMap(({ tables }) => tables)
}
