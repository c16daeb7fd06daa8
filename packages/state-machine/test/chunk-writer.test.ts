import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeCanonical } from '@icn/crypto'
import { createChunkWriter } from '../src/kernel/chunk-writer.ts'
import { defineTable, type Table, text } from '../src/kernel/index.ts'

const table = defineTable('note', { key: { id: text }, columns: {} }) as unknown as Table

test('a chunk is what the canonical encoding makes of its rows, whatever their number and sizes', () => {
  const writer = createChunkWriter()
  for (const [count, size] of [
    [1, 0],
    [23, 23],
    [24, 24],
    [255, 255],
    [256, 256],
    [2, 65_535],
    [2, 65_536],
    [8_192, 100],
  ] as const) {
    const rows = Array.from({ length: count }, (_, index) => new Uint8Array(size).fill(index))
    for (const row of rows) writer.add(row)
    assert.deepEqual([writer.rows(), writer.bytes()], [count, count * size])
    assert.deepEqual(writer.end(table), encodeCanonical(['note', rows]))
  }
})
