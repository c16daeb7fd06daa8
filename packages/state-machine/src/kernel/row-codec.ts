import { decodeCanonical, encodeCanonical } from '@icn/crypto'
import { assert } from './assert.ts'
import type { AnyRow, KeyPart, Table } from './table.ts'

/** Canonical bytes of a row, as they are hashed: DAG-CBOR list of the key columns in order, then the others. */
export function encodeRow(table: Table, row: AnyRow): Uint8Array {
  const values: unknown[] = []
  for (const name of table.keyNames) values.push(row[name])
  for (const name of table.columnNames) values.push(row[name])
  return encodeCanonical(values)
}

/** A row may hold what a transaction never does, such as the pairs of a Schulze count. */
const ROW_LIMITS = { maxBytes: 8 * 1_048_576, maxItems: 1_000_000 }

/** The values of a row, key columns first. @throws CanonicalError for bytes that are not canonical */
export function decodeRowValues(bytes: Uint8Array): readonly unknown[] {
  const values = decodeCanonical(bytes, ROW_LIMITS)
  assert(Array.isArray(values), 'a row is a list of values')
  return values
}

/** The row that `encodeRow` wrote. @throws CanonicalError for bytes that are not canonical */
export function decodeRow(table: Table, bytes: Uint8Array): AnyRow {
  const values = decodeRowValues(bytes)
  const names = [...table.keyNames, ...table.columnNames]
  assert(values.length === names.length, `a row of ${table.name} has ${names.length} values`)
  return Object.fromEntries(names.map((name, index) => [name, values[index]]))
}

/** The key of a row, in the order of the table's key columns. */
export function keyOf(table: Table, row: AnyRow): KeyPart[] {
  return table.keyNames.map((name) => row[name] as KeyPart)
}
