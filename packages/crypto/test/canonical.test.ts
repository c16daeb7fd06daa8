import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CanonicalError, compareBytes, decodeCanonical, encodeCanonical, toHex } from '@icn/crypto'
import * as dagCbor from '@ipld/dag-cbor'
import fc from 'fast-check'

const forbidden = ['__proto__', 'constructor', 'prototype']
const text = fc.string({ unit: 'binary', maxLength: 80 })
const key = fc
  .oneof(fc.string({ unit: 'grapheme-ascii', maxLength: 50 }), text)
  .filter((name) => !forbidden.includes(name))

const { plain } = fc.letrec<{ plain: unknown }>((tie) => ({
  plain: fc.oneof(
    { maxDepth: 8, depthSize: 'small' },
    fc.oneof(text, fc.boolean(), fc.constant(null), fc.maxSafeInteger(), fc.integer(), fc.nat(300)),
    fc.uint8Array({ maxLength: 80 }),
    fc.array(tie('plain'), { maxLength: 6 }),
    fc.dictionary(key, tie('plain'), { maxKeys: 6, noNullPrototype: true }),
  ),
}))

test('what is written is read back, and is written the same again', () => {
  fc.assert(
    fc.property(plain, (value) => {
      const bytes = encodeCanonical(value)
      const back = decodeCanonical(bytes)
      assert.deepEqual(back, value)
      assert.deepEqual(encodeCanonical(back), bytes)
    }),
  )
})

test('the bytes are those of another DAG-CBOR implementation, both ways', () => {
  fc.assert(
    fc.property(plain, (value) => {
      const bytes = encodeCanonical(value)
      assert.equal(toHex(bytes), toHex(dagCbor.encode(value)))
      assert.deepEqual(dagCbor.decode(bytes), value)
    }),
  )
})

test('any bytes are either refused, or exactly what the value read is written as', () => {
  const nearlyCanonical = fc.tuple(plain, fc.nat(), fc.nat(255)).map(([value, at, byte]) => {
    const bytes = encodeCanonical(value)
    bytes[at % bytes.length] = byte
    return bytes
  })
  fc.assert(
    fc.property(fc.oneof(nearlyCanonical, fc.uint8Array({ maxLength: 60 })), (bytes) => {
      let value: unknown
      try {
        value = decodeCanonical(bytes)
      } catch (error) {
        assert.ok(error instanceof CanonicalError, `${error}`)
        return
      }
      assert.equal(toHex(encodeCanonical(value)), toHex(bytes))
    }),
    { numRuns: 3_000 },
  )
})

test('keys stand by length, then by bytes, whatever the order in the object', () => {
  const keys = ['zz', 'b', 'aaa', 'a', '', 'é', 'ab', '😀', 'ﬀ', '10', '9']
  fc.assert(
    fc.property(fc.shuffledSubarray(keys, { minLength: keys.length }), (order) => {
      const map = Object.fromEntries(order.map((name) => [name, 0]))
      const written = Object.keys(decodeCanonical(encodeCanonical(map)) as object)
      const bytes = new Map(keys.map((name) => [name, new TextEncoder().encode(name)]))
      const sorted = keys.toSorted((a, b) => {
        const [left, right] = [bytes.get(a) ?? new Uint8Array(), bytes.get(b) ?? new Uint8Array()]
        return left.length - right.length || compareBytes(left, right)
      })
      assert.equal(toHex(encodeCanonical(map)), toHex(dagCbor.encode(map)))
      // Objects list keys that look like an index first, so only the others tell the order.
      const named = (list: readonly string[]) => list.filter((name) => !/^\d+$/.test(name))
      assert.deepEqual(named(written), named(sorted))
    }),
    { numRuns: 50 },
  )
})

test('byte strings read are copies: changing the input later changes nothing', () => {
  const bytes = encodeCanonical(new Uint8Array([1, 2, 3]))
  const value = decodeCanonical(bytes) as Uint8Array
  bytes.fill(0)
  assert.deepEqual(value, new Uint8Array([1, 2, 3]))
})

test('a value far beyond the first buffer is written whole', () => {
  const value = { long: 'x'.repeat(300_000), bytes: new Uint8Array(700_000).fill(7), list: new Array(1_000).fill(9) }
  assert.deepEqual(decodeCanonical(encodeCanonical(value)), value)
})

test('a getter that encodes does not disturb the value being written', () => {
  const value = {
    a: 1,
    get b() {
      return encodeCanonical(['inner', 2])
    },
    c: 'after',
  }
  assert.deepEqual(decodeCanonical(encodeCanonical(value)), { a: 1, b: encodeCanonical(['inner', 2]), c: 'after' })
})

class Money {
  amount = 1
}
const cycle: unknown[] = []
cycle.push(cycle)

for (const [name, value, code] of [
  ['undefined', undefined, 'NON_CANONICAL'],
  ['undefined within a list', [undefined], 'NON_CANONICAL'],
  ['undefined within a map', { a: undefined }, 'NON_CANONICAL'],
  ['a hole in a list', new Array(1), 'NON_CANONICAL'],
  ['a function', () => 1, 'NON_CANONICAL'],
  ['a symbol', Symbol('a'), 'NON_CANONICAL'],
  ['a class instance', new Money(), 'NON_CANONICAL'],
  ['a Map', new Map(), 'NON_CANONICAL'],
  ['a Date', new Date(0), 'NON_CANONICAL'],
  ['another typed array', new Uint16Array(1), 'NON_CANONICAL'],
  ['a lone surrogate', 'a\ud800', 'NON_CANONICAL'],
  ['a lone surrogate in a long text', `${'a'.repeat(100)}\udc00`, 'NON_CANONICAL'],
  ['a lone surrogate in a key', { '\ud800': 1 }, 'NON_CANONICAL'],
  ['a cycle', cycle, 'NON_CANONICAL'],
  ['17 lists within each other', nested(17), 'NON_CANONICAL'],
  ['a fraction', 0.5, 'BAD_AMOUNT'],
  ['negative zero', -0, 'BAD_AMOUNT'],
  ['NaN', Number.NaN, 'BAD_AMOUNT'],
  ['infinity', Number.POSITIVE_INFINITY, 'BAD_AMOUNT'],
  ['2^53', 2 ** 53, 'BAD_AMOUNT'],
  ['−2^53', -(2 ** 53), 'BAD_AMOUNT'],
  ['a bigint', 1n, 'BAD_AMOUNT'],
  ['the key __proto__', JSON.parse('{"__proto__":1}'), 'FORBIDDEN_KEY'],
  ['the key constructor', { constructor: 1 }, 'FORBIDDEN_KEY'],
  ['the key prototype', { prototype: 1 }, 'FORBIDDEN_KEY'],
] as const) {
  test(`does not write ${name}`, () => {
    assert.throws(() => encodeCanonical(value), { name: 'CanonicalError', code })
    assert.deepEqual(encodeCanonical('after'), new Uint8Array([0x65, 0x61, 0x66, 0x74, 0x65, 0x72]))
  })
}

test('writes 16 lists within each other, and the ends of the integers', () => {
  assert.deepEqual(decodeCanonical(encodeCanonical(nested(16))), nested(16))
  const ends = [Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER, 0, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32]
  assert.deepEqual(decodeCanonical(encodeCanonical(ends)), ends)
})

function nested(levels: number): unknown {
  let value: unknown = []
  for (let i = 1; i < levels; i++) value = [value]
  return value
}
