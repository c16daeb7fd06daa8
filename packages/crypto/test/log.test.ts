import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  appendLog,
  concatBytes,
  decodeCanonical,
  emptyLog,
  encodeCanonical,
  innerHash,
  type Log,
  logLeaf,
  logRoot,
  sha256,
  toHex,
} from '@icn/crypto'
import fc from 'fast-check'

const leaves = fc.array(fc.uint8Array({ maxLength: 20 }).map(logLeaf), { maxLength: 70 })

function logOf(list: readonly Uint8Array[]): Log {
  return list.reduce(appendLog, emptyLog())
}

/** By definition: full binary trees over the leaves in order, each as large as still fits. */
function naivePeaks(list: readonly Uint8Array[]): Uint8Array[] {
  if (list.length === 0) return []
  let size = 1
  while (size * 2 <= list.length) size *= 2
  return [fullTree(list.slice(0, size)), ...naivePeaks(list.slice(size))]
}

function fullTree(list: readonly Uint8Array[]): Uint8Array {
  const [first] = list
  if (list.length === 1 && first !== undefined) return first
  return innerHash(fullTree(list.slice(0, list.length / 2)), fullTree(list.slice(list.length / 2)))
}

function naiveRoot(list: readonly Uint8Array[]): Uint8Array {
  const size = Buffer.alloc(8)
  size.writeBigUInt64BE(BigInt(list.length))
  return sha256(concatBytes(ascii('icn:log'), size, ...naivePeaks(list)))
}

test('appending one by one gives the peaks and the root of the definition', () => {
  fc.assert(
    fc.property(leaves, (list) => {
      const log = logOf(list)
      assert.deepEqual(log, { size: list.length, peaks: naivePeaks(list).map(toHex).join('') })
      assert.equal(toHex(logRoot(log)), toHex(naiveRoot(list)))
    }),
  )
})

test('the root names every leaf and their order', () => {
  fc.assert(
    fc.property(leaves, fc.nat(), fc.nat(), (list, a, b) => {
      fc.pre(list.length > 0)
      const [first, second] = [a % list.length, b % list.length]
      const root = toHex(logRoot(logOf(list)))
      const changed = list.map((leaf, i) => (i === first ? logLeaf(leaf) : leaf))
      assert.notEqual(toHex(logRoot(logOf(changed))), root)
      assert.notEqual(toHex(logRoot(logOf(list.slice(0, -1)))), root)
      const swapped = list.map((leaf, i) => list[i === first ? second : i === second ? first : i] ?? leaf)
      const isSame = toHex(list[first] as Uint8Array) === toHex(list[second] as Uint8Array)
      assert.equal(toHex(logRoot(logOf(swapped))) === root, isSame)
    }),
  )
})

test('a log is a plain value: it can be stored, and appending leaves the old one as it was', () => {
  const log = logOf([logLeaf(ascii('a')), logLeaf(ascii('b')), logLeaf(ascii('c'))])
  const stored = decodeCanonical(encodeCanonical(log)) as Log
  const longer = appendLog(stored, logLeaf(ascii('d')))
  assert.deepEqual(stored, log)
  assert.equal(longer.size, 4)
  assert.equal(longer.peaks.length, 64)
})

test('a leaf is not an inner node nor a root: each has a prefix of its own', () => {
  assert.deepEqual(logLeaf(ascii('x')), sha256(ascii('icn:log-leafx')))
  assert.deepEqual(logRoot(emptyLog()), sha256(concatBytes(ascii('icn:log'), new Uint8Array(8))))
})

for (const [name, log] of [
  ['peaks missing', { size: 3, peaks: 'aa'.repeat(32) }],
  ['a peak too many', { size: 1, peaks: 'aa'.repeat(64) }],
  ['peaks of an empty log', { size: 0, peaks: 'aa'.repeat(32) }],
] as const) {
  test(`refuses a log with ${name}`, () => {
    assert.throws(() => appendLog(log, logLeaf(ascii('x'))), RangeError)
    assert.throws(() => logRoot(log), RangeError)
  })
}

test('refuses a leaf that is not 32 bytes', () => {
  assert.throws(() => appendLog(emptyLog(), ascii('x')), RangeError)
})

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
