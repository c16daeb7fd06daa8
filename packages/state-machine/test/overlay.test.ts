import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  type AnyRow,
  compareKeys,
  compareText,
  createOverlay,
  decodeRow,
  defineTable,
  emptyReader,
  encodeRow,
  json,
  keyOf,
  optional,
  type RowReader,
  type Table,
  text,
  uint,
} from '../src/kernel/index.ts'

const seats = defineTable('seat', {
  key: { hall: text, number: uint },
  columns: { who: optional(text), notes: json<readonly string[]>() },
})
const row = (hall: string, number: number, who: string | null = null) => ({ hall, number, who, notes: [] })

/** A reader over plain rows, by the definition of the port. */
function readerOf(rows: readonly AnyRow[]): RowReader {
  const sorted = (table: Table) => [...rows].sort((a, b) => compareKeys(keyOf(table, a), keyOf(table, b)))
  return {
    readRow: (table, key) => rows.find((candidate) => compareKeys(keyOf(table, candidate), key) === 0),
    scanRows: (table, prefix, { limit, after } = {}) =>
      sorted(table)
        .filter((candidate) => prefix.every((part, index) => keyOf(table, candidate)[index] === part))
        .filter((candidate) => after === undefined || compareKeys(keyOf(table, candidate), after) > 0)
        .slice(0, limit),
  }
}

test('texts are ordered by their UTF-8 bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      assert.equal(Math.sign(compareText(a, b)), Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))))
    }),
  )
})

test('a row comes back from its canonical bytes', () => {
  const full = { hall: 'ä', number: 7, who: null, notes: ['a', ''] }
  assert.deepEqual(decodeRow(seats as Table, encodeRow(seats as Table, full)), full)
})

test('an attempt that fails leaves nothing, one inside another included', () => {
  const overlay = createOverlay(readerOf([row('a', 1, 'ana')]))
  const rows = overlay.open(seats)
  rows.put(row('a', 2, 'ben'))
  const before = overlay.changes()
  const kept = overlay.attempt(() => {
    rows.delete({ hall: 'a', number: 1 })
    overlay.attempt(() => {
      rows.put(row('a', 3))
      return true
    })
    rows.put(row('a', 2, 'eve'))
    return false
  })
  assert.equal(kept, false)
  assert.deepEqual(overlay.changes(), before)
  assert.equal(rows.get({ hall: 'a', number: 1 })?.who, 'ana')
})

test('an attempt that succeeds within one that fails is undone too, and a kept one stays', () => {
  const overlay = createOverlay(emptyReader)
  const rows = overlay.open(seats)
  overlay.attempt(() => {
    rows.put(row('b', 1))
    return true
  })
  assert.deepEqual(overlay.changes(), [{ table: seats, key: ['b', 1], row: row('b', 1) }])
})

test('scans see committed rows under the changes of the block, in key order', () => {
  const place = fc.record({ hall: fc.constantFrom('a', 'b', 'é', '\u{1f600}', '\uffff'), number: fc.nat(4) })
  const change = fc.tuple(place, fc.option(fc.string(), { nil: undefined }))
  const options = fc.record(
    { limit: fc.integer({ min: 1, max: 6 }), after: fc.tuple(fc.constantFrom('a', 'b'), fc.nat(4)) },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(
      fc.uniqueArray(place, { selector: ({ hall, number }) => hall + number }),
      fc.array(change),
      fc.constantFrom([], ['a'], ['é']),
      options,
      (committed, changes, prefix, scan) => {
        const start = committed.map(({ hall, number }) => row(hall, number, 'committed'))
        const overlay = createOverlay(readerOf(start))
        const rows = overlay.open(seats)
        const expected = new Map<string, AnyRow>(start.map((seat) => [seat.hall + seat.number, seat]))
        for (const [{ hall, number }, who] of changes) {
          if (who === undefined) rows.delete({ hall, number })
          else rows.put(row(hall, number, who))
          if (who === undefined) expected.delete(hall + number)
          else expected.set(hall + number, row(hall, number, who))
        }
        const naive = [...readerOf([...expected.values()]).scanRows(seats as Table, prefix, scan)]
        assert.deepEqual([...rows.scan(prefix, scan)], naive)
      },
    ),
  )
})

test('a key with a NUL or a number that is no unsigned integer is a bug', () => {
  const rows = createOverlay(emptyReader).open(seats)
  for (const bad of [row('a\0b', 1), row('a', -1), row('a', 0.5), row('a', 2 ** 53)]) {
    assert.throws(() => rows.put(bad), { name: 'InvariantError' })
  }
})
