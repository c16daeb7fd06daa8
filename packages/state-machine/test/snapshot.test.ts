import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeCanonical } from '@icn/crypto'
import {
  type AnyRow,
  changesOfChunk,
  defineTable,
  json,
  type RowReader,
  SnapshotError,
  snapshotOf,
  type Table,
  text,
  uint,
} from '../src/kernel/index.ts'

const loaves = defineTable('loaf', { key: { id: uint }, columns: { words: text } }) as unknown as Table
const ovens = defineTable('oven', { key: { id: text }, columns: { heats: json() } }) as unknown as Table
const modules = [{ name: 'bakery', tables: [loaves, ovens] }]

function readerOf(rows: ReadonlyMap<Table, readonly AnyRow[]>): RowReader {
  return { readRow: () => undefined, scanRows: (table) => rows.get(table) ?? [] }
}

test('many rows are cut into chunks of about a megabyte, and all of them come back in order', () => {
  const rows = Array.from({ length: 30_000 }, (_, id) => ({ id, words: 'bread '.repeat(20) }))
  const large = { id: 'big', heats: Array.from({ length: 200_000 }, (_, index) => index * 1_000_003) }
  const all = new Map<Table, readonly AnyRow[]>()
  all.set(loaves, rows).set(ovens, [large])
  const chunks = [...snapshotOf(readerOf(all), modules)]
  assert.ok(chunks.length > 4)
  for (const chunk of chunks) assert.ok(chunk.length < 2 * 1_048_576)
  const changes = chunks.flatMap((chunk) => changesOfChunk(chunk, modules))
  assert.deepEqual(
    changes.map(({ row }) => row),
    [...rows, large],
  )
  assert.deepEqual(changes[7]?.key, [7])
})

for (const [name, chunk] of [
  ['bytes of something else', new Uint8Array([1, 2, 3])],
  ['nothing', new Uint8Array()],
  ['a table that is not there', encodeCanonical(['cake', []])],
  ['rows that are no list', encodeCanonical(['loaf', 'rows'])],
  ['a row of another shape', encodeCanonical(['loaf', [encodeCanonical([1])]])],
  ['a row that is not canonical', encodeCanonical(['loaf', [new Uint8Array([0x82, 0x18, 0x01, 0x60])]])],
] as const) {
  test(`refuses as a chunk: ${name}`, () => {
    assert.throws(() => changesOfChunk(chunk, modules), SnapshotError)
  })
}
