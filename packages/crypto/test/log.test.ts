import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  appendLog,
  concatBytes,
  decodeCanonical,
  emptyLog,
  encodeCanonical,
  extendLog,
  growLog,
  innerHash,
  type Log,
  logLeaf,
  logRoot,
  logTrees,
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

/** What a keeper of every node has: those that each leaf made, in the order of the leaves. */
function nodesOf(list: readonly Uint8Array[]): readonly (readonly Uint8Array[])[] {
  let log = emptyLog()
  return list.map((leaf) => {
    const grown = growLog(log, leaf)
    log = grown.log
    assert.deepEqual(log, logOf(list.slice(0, log.size)))
    return grown.nodes
  })
}

test('kept nodes lead from any beginning of a log to any longer one, and to its peaks', () => {
  fc.assert(
    fc.property(leaves, fc.nat(), fc.nat(), (list, a, b) => {
      const [from = 0, to = 0] = [a % (list.length + 1), b % (list.length + 1)].sort((x, y) => x - y)
      const nodes = nodesOf(list)
      const rootsOf = (first: number, end: number) =>
        logTrees(first, end).map((tree) => nodes[tree.first + 2 ** tree.height - 1]?.[tree.height] as Uint8Array)
      const [shorter, longer] = [logOf(list.slice(0, from)), logOf(list.slice(0, to))]
      assert.deepEqual(extendLog(shorter, to, rootsOf(from, to)), longer)
      assert.equal(rootsOf(0, to).map(toHex).join(''), longer.peaks)
    }),
  )
})

test('another beginning, or another root on the way, leads to another log', () => {
  fc.assert(
    fc.property(leaves, fc.nat(), fc.nat(), (list, a, b) => {
      fc.pre(list.length > 1)
      const from = 1 + (a % (list.length - 1))
      const nodes = nodesOf(list)
      const roots = logTrees(from, list.length).map(
        ({ first, height }) => nodes[first + 2 ** height - 1]?.[height] as Uint8Array,
      )
      const beginning = list.slice(0, from)
      const forged = beginning.with(b % from, logLeaf(ascii('forged')))
      assert.notDeepEqual(extendLog(logOf(forged), list.length, roots), logOf(list))
      const wrong = roots.with(b % roots.length, logLeaf(ascii('forged')))
      assert.notDeepEqual(extendLog(logOf(beginning), list.length, wrong), logOf(list))
    }),
  )
})

test('refuses roots that are too many, too few, too short, or that lead backwards', () => {
  const log = logOf(['a', 'b', 'c'].map((text) => logLeaf(ascii(text))))
  for (const [size, roots] of [
    [4, []],
    [3, [logLeaf(ascii('d'))]],
    [4, [ascii('d')]],
    [2, []],
  ] as const)
    assert.throws(() => extendLog(log, size, roots), RangeError)
  for (const size of [-1, 0.5, 2 ** 60, Number.NaN]) assert.throws(() => logTrees(size, 4), RangeError)
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
