import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { CanonicalError, decodeCanonical, encodeCanonical, fromHex } from '@icn/crypto'

interface Refused {
  readonly name: string
  readonly bytes: string
  readonly code: string
}
const file = new URL('../../../vectors/encoding.json', import.meta.url)
const { refused } = JSON.parse(readFileSync(file, 'utf8')) as { refused: readonly Refused[] }

for (const { name, bytes, code } of refused) {
  test(`refuses ${name}`, () => {
    assert.throws(() => decodeCanonical(fromHex(bytes)), { name: 'CanonicalError', code })
  })
}

test('an object read has no other prototype than that of every object', () => {
  const value = decodeCanonical(encodeCanonical({ toString: 1, hasOwnProperty: 2 })) as object
  assert.equal(Object.getPrototypeOf(value), Object.prototype)
  assert.deepEqual(Object.keys(value).sort(), ['hasOwnProperty', 'toString'])
})

for (const [name, head] of [
  ['a byte string', 0x40],
  ['a text', 0x60],
  ['a list', 0x80],
  ['a map', 0xa0],
] as const) {
  for (const [length, digits] of [
    [2 ** 16, '1a00010000'],
    [2 ** 32 - 1, '1affffffff'],
    [2 ** 53 - 1, '1b001fffffffffffff'],
    [2 ** 64 - 1, '1bffffffffffffffff'],
  ] as const) {
    test(`refuses ${name} that claims ${length} bytes or items before anything is allocated`, () => {
      const bytes = new Uint8Array(1_000)
      bytes.set(fromHex(digits))
      bytes[0] = head | (bytes[0] ?? 0)
      const arrayBuffersBefore = process.memoryUsage().arrayBuffers
      const milliseconds = timeRefusal(bytes, 'NON_CANONICAL')
      assert.ok(process.memoryUsage().arrayBuffers - arrayBuffersBefore < 65_536)
      assert.ok(milliseconds < 5, `${milliseconds} ms`)
    })
  }
}

for (const [name, byte] of [
  ['lists', 0x81],
  ['maps', 0xa1],
] as const) {
  test(`refuses a megabyte of ${name} within each other at once`, () => {
    const bytes = new Uint8Array(1_048_576).fill(byte)
    if (byte === 0xa1) for (let i = 1; i < bytes.length; i += 2) bytes[i] = 0x60
    const milliseconds = timeRefusal(bytes, 'NON_CANONICAL')
    assert.ok(milliseconds < 5, `${milliseconds} ms`)
  })
}

test('refuses too many items at once, keys counted as items', () => {
  const list = encodeCanonical(new Array(100).fill(0))
  assert.throws(() => decodeCanonical(list, { maxItems: 100 }), { code: 'TOO_LARGE' })
  assert.equal((decodeCanonical(list, { maxItems: 101 }) as unknown[]).length, 100)
  const map = encodeCanonical({ a: 1, b: 2 })
  assert.throws(() => decodeCanonical(map, { maxItems: 4 }), { code: 'TOO_LARGE' })
  assert.deepEqual(decodeCanonical(map, { maxItems: 5 }), { a: 1, b: 2 })
  const million = encodeCanonical(new Array(1_000_000).fill(0))
  const milliseconds = timeRefusal(million, 'TOO_LARGE')
  assert.ok(milliseconds < 5, `${milliseconds} ms`)
})

test('refuses more bytes than allowed without reading them', () => {
  assert.throws(() => decodeCanonical(new Uint8Array(11), { maxBytes: 10 }), { code: 'TOO_LARGE' })
  assert.throws(() => decodeCanonical(new Uint8Array(1_048_577)), { code: 'TOO_LARGE' })
})

test('depth: as many as allowed are read, one more is refused', () => {
  assert.deepEqual(decodeCanonical(fromHex('818180'), { maxDepth: 3 }), [[[]]])
  assert.throws(() => decodeCanonical(fromHex('81818180'), { maxDepth: 3 }), { code: 'NON_CANONICAL' })
  assert.deepEqual(decodeCanonical(fromHex('82818081a0'), { maxDepth: 3 }), [[[]], [{}]])
})

/** The shortest of five tries, so that another process on the machine does not fail the test. */
function timeRefusal(bytes: Uint8Array, code: string): number {
  let shortest = Number.POSITIVE_INFINITY
  for (let i = 0; i < 5; i++) {
    const start = performance.now()
    try {
      decodeCanonical(bytes)
      assert.fail('was accepted')
    } catch (error) {
      assert.ok(error instanceof CanonicalError, `${error}`)
      assert.equal(error.code, code)
    }
    shortest = Math.min(shortest, performance.now() - start)
  }
  return shortest
}
