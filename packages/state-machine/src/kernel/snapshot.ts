import { decodeCanonical, encodeCanonical } from '@icn/crypto'
import { decodeRow, encodeRow, keyOf } from './row-codec.ts'
import type { RowChange, RowReader } from './state.ts'
import type { ModuleTables } from './store-port.ts'
import type { AnyRow, Table } from './table.ts'

/** A chunk that is no part of a snapshot of these tables. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError'
  readonly code = 'BAD_SNAPSHOT'
}

/** A chunk ends with the row that takes it over this, so it stays far below what a message may hold. */
const CHUNK_BYTES = 1_048_576
const CHUNK_ROWS = 8_192
/** What is read at most: a chunk with one large row. */
const READ_LIMITS = { maxBytes: 10 * 1_048_576, maxItems: CHUNK_ROWS + 8 }

/**
 * All rows of a state, as DAG-CBOR chunks `[table, [canonical row, …]]` of about 1 MiB: tables in their declared order,
 * rows in key order, so that every node cuts the same bytes. The state must not change meanwhile. Memory: one chunk.
 */
export function* snapshotOf(state: RowReader, modules: readonly ModuleTables[]): Iterable<Uint8Array> {
  for (const table of tablesOf(modules)) {
    let rows: Uint8Array[] = []
    let bytes = 0
    for (const row of state.scanRows(table, [])) {
      const encoded = encodeRow(table, row)
      rows.push(encoded)
      bytes += encoded.length
      if (bytes < CHUNK_BYTES && rows.length < CHUNK_ROWS) continue
      yield encodeCanonical([table.name, rows])
      rows = []
      bytes = 0
    }
    if (rows.length > 0) yield encodeCanonical([table.name, rows])
  }
}

/** A row of a chunk with the bytes that are hashed into its leaf. */
export interface ChunkRow extends RowChange {
  readonly row: AnyRow
  readonly bytes: Uint8Array
}

/**
 * The rows of one chunk, as changes of an empty store. That they are the right ones shows in the root of the whole.
 *
 * @throws SnapshotError for bytes that are no chunk, or of a table that is not there
 */
export function changesOfChunk(chunk: Uint8Array, modules: readonly ModuleTables[]): RowChange[] {
  return rowsOfChunk(chunk, modules).map(({ table, key, row }) => ({ table, key, row }))
}

/** The same with their canonical bytes, for whoever hashes them. @throws SnapshotError */
export function rowsOfChunk(chunk: Uint8Array, modules: readonly ModuleTables[]): ChunkRow[] {
  try {
    const [name, rows] = decodeCanonical(chunk, READ_LIMITS) as [string, Uint8Array[]]
    const table = tablesOf(modules).find((own) => own.name === name)
    if (table === undefined) throw new SnapshotError(`there is no table ${name}`)
    return rows.map((bytes) => {
      const row = decodeRow(table, bytes)
      return { table, key: keyOf(table, row), row, bytes }
    })
  } catch (cause) {
    if (cause instanceof SnapshotError) throw cause
    throw new SnapshotError(`no chunk of a snapshot: ${(cause as Error).message}`, { cause })
  }
}

function tablesOf(modules: readonly ModuleTables[]): readonly Table[] {
  return modules.flatMap(({ tables }) => tables)
}
