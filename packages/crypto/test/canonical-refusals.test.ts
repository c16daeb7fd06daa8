import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CanonicalError, decodeCanonical, encodeCanonical, fromHex } from '@icn/crypto'

for (const [name, bytes, code] of [
  ['nothing at all', '', 'NON_CANONICAL'],
  ['bytes after the value', '0000', 'NON_CANONICAL'],
  ['a second value', 'a0a0', 'NON_CANONICAL'],
  ['a text cut short', '6361', 'NON_CANONICAL'],
  ['a number cut short', '1900', 'NON_CANONICAL'],
  ['a list cut short', '8201', 'NON_CANONICAL'],
  ['a map without its last value', 'a16161', 'NON_CANONICAL'],
  ['a key twice', 'a2616101616102', 'NON_CANONICAL'],
  ['keys in the wrong order of bytes', 'a2616201616102', 'NON_CANONICAL'],
  ['a longer key first', 'a262616101616202', 'NON_CANONICAL'],
  ['an integer as key', 'a10101', 'NON_CANONICAL'],
  ['bytes as key', 'a1416101', 'NON_CANONICAL'],
  ['a list without length', '9f01ff', 'NON_CANONICAL'],
  ['a map without length', 'bf616101ff', 'NON_CANONICAL'],
  ['a text without length', '7f6161ff', 'NON_CANONICAL'],
  ['bytes without length', '5f4101ff', 'NON_CANONICAL'],
  ['a break alone', 'ff', 'NON_CANONICAL'],
  ['a reserved length', '1c', 'NON_CANONICAL'],
  ['0 in two bytes', '1800', 'NON_CANONICAL'],
  ['23 in two bytes', '1817', 'NON_CANONICAL'],
  ['255 in three bytes', '1900ff', 'NON_CANONICAL'],
  ['65,535 in five bytes', '1a0000ffff', 'NON_CANONICAL'],
  ['2^32 − 1 in nine bytes', '1b00000000ffffffff', 'NON_CANONICAL'],
  ['−1 in two bytes', '3800', 'NON_CANONICAL'],
  ['a length in a longer form', '780161', 'NON_CANONICAL'],
  ['a key whose length is in a longer form', 'a178016101', 'NON_CANONICAL'],
  ['text that is not UTF-8', '61ff', 'NON_CANONICAL'],
  ['UTF-8 in a longer form', '62c080', 'NON_CANONICAL'],
  ['a surrogate as UTF-8', '63eda080', 'NON_CANONICAL'],
  ['a key that is not UTF-8', 'a161ff01', 'NON_CANONICAL'],
  ['a tag', 'c000', 'NON_CANONICAL'],
  ['a big number under its tag', 'c24101', 'NON_CANONICAL'],
  ['a CID under its tag', 'd82a450001550000', 'NON_CANONICAL'],
  ['undefined', 'f7', 'NON_CANONICAL'],
  ['an unknown simple value', 'e0', 'NON_CANONICAL'],
  ['true in two bytes', 'f815', 'NON_CANONICAL'],
  ['a half float', 'f93c00', 'BAD_AMOUNT'],
  ['negative zero', 'f98000', 'BAD_AMOUNT'],
  ['NaN', 'f97e00', 'BAD_AMOUNT'],
  ['a single float', 'fa3f800000', 'BAD_AMOUNT'],
  ['a double float', 'fb3ff8000000000000', 'BAD_AMOUNT'],
  ['infinity', 'fb7ff0000000000000', 'BAD_AMOUNT'],
  ['2^53', '1b0020000000000000', 'BAD_AMOUNT'],
  ['2^64 − 1', '1bffffffffffffffff', 'BAD_AMOUNT'],
  ['−2^53', '3b001fffffffffffff', 'BAD_AMOUNT'],
  ['−2^64', '3bffffffffffffffff', 'BAD_AMOUNT'],
  ['the key __proto__', 'a1695f5f70726f746f5f5f01', 'FORBIDDEN_KEY'],
  ['the key constructor', 'a16b636f6e7374727563746f7201', 'FORBIDDEN_KEY'],
  ['the key prototype', 'a16970726f746f7479706501', 'FORBIDDEN_KEY'],
  ['a forbidden key deep within', '8181a1695f5f70726f746f5f5fa0', 'FORBIDDEN_KEY'],
] as const) {
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
