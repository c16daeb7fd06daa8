import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Limits } from '@icn/protocol'
import fc from 'fast-check'
import { founding, givenSigner } from '../../testkit/src/given-network.ts'
import { PARCEL_BYTES, PARCEL_ITEMS, pack, partition, unpack } from '../src/cometbft/parcels.ts'

const transactions = fc.array(fc.uint8Array({ minLength: 1, maxLength: 2_000 }), { maxLength: 700 })

function plain(list: readonly Uint8Array[] | undefined): readonly number[][] | undefined {
  return list?.map((bytes) => [...bytes])
}

test('what is packed comes out again in its order, however it is divided', () => {
  fc.assert(
    fc.property(transactions, (list) => {
      // As signed transactions do: a list of CBOR begins with another byte.
      for (const bytes of list) bytes[0] = 0x82
      const parts = partition(list.map((bytes) => ({ bytes })))
      assert.deepEqual(
        parts.flat().map(({ bytes }) => bytes),
        list,
      )
      for (const part of parts) {
        const bytes = part.map((item) => item.bytes)
        assert.ok(part.length > 0 && part.length <= PARCEL_ITEMS)
        const entry = part.length === 1 ? (bytes[0] as Uint8Array) : pack(bytes)
        assert.ok(entry.length <= PARCEL_BYTES)
        assert.deepEqual(plain(unpack(entry)), plain(bytes))
      }
    }),
    { numRuns: 50 },
  )
})

test('a part is as full as it can be', () => {
  const small = Array.from({ length: PARCEL_ITEMS + 1 }, () => ({ bytes: Uint8Array.of(0x82) }))
  assert.deepEqual(
    partition(small).map((part) => part.length),
    [PARCEL_ITEMS, 1],
  )
  const half = { bytes: new Uint8Array(PARCEL_BYTES / 2 - 4) }
  assert.deepEqual(
    partition([half, half, half]).map((part) => part.length),
    [2, 1],
  )
  const largest = { bytes: new Uint8Array(Limits.transactionBytes) }
  assert.deepEqual(
    partition([half, largest, half]).map((part) => part.length),
    [1, 1, 1],
  )
})

test('a transaction is an entry by itself', () => {
  const bytes = givenSigner('ana').sign(founding())
  assert.deepEqual(unpack(bytes), [bytes])
})

test('whatever bytes come, they are one transaction, or a parcel that is made of what it says', () => {
  const body = pack([Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5)])
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Uint8Array.of(0, ...bytes)),
    // One byte of a good one is another.
    fc.tuple(fc.nat(body.length - 1), fc.nat(255)).map(([place, byte]) => body.with(place, byte)),
  )
  fc.assert(
    fc.property(hostile, (bytes) => {
      const list = unpack(bytes)
      if (list === undefined) return
      assert.deepEqual([...(bytes[0] === 0 ? pack(list) : (list[0] ?? []))], [...bytes])
    }),
    { numRuns: 2_000 },
  )
})

for (const [name, entry] of [
  ['nothing', Uint8Array.of(0)],
  ['one', Uint8Array.of(0, 1, 7)],
  ['one of them empty', Uint8Array.of(0, 1, 7, 0)],
  ['a rest', Uint8Array.of(0, 1, 7, 1, 7, 5)],
  ['a length in more bytes than it needs', Uint8Array.of(0, 0x81, 0, 7, 1, 7)],
  ['a length without end', Uint8Array.of(0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)],
  ['too many', pack(Array.from({ length: PARCEL_ITEMS + 1 }, () => Uint8Array.of(7)))],
  ['too much', pack([new Uint8Array(PARCEL_BYTES / 2).fill(1), new Uint8Array(PARCEL_BYTES / 2).fill(1)])],
] as const) {
  test(`no parcel: ${name}`, () => {
    assert.equal(unpack(entry), undefined)
  })
}
