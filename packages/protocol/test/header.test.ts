import assert from 'node:assert/strict'
import { test } from 'node:test'
import { appendLog, emptyLog, encodeCanonical, logLeaf, logRoot, publicKeyFromSeed, sha256, toHex } from '@icn/crypto'
import {
  type BlockHeader,
  decodeHeader,
  decodeSignedHeader,
  encodeHeader,
  encodeSignedHeader,
  headerHash,
  MalformedHeader,
  publicKeyToText,
  resultsHash,
  signedPower,
  signHeader,
  transactionsRoot,
} from '@icn/protocol'
import fc from 'fast-check'
import { KEY_TEXT } from './fixtures.ts'

const hash = (fill: number) => new Uint8Array(32).fill(fill)
const HEADER: BlockHeader = {
  chainId: 'test-net',
  height: 7,
  timeMs: 1_700_000_000_000,
  previousHash: hash(1),
  appHash: hash(2),
  transactionsRoot: hash(3),
  resultsHash: hash(4),
  moduleRoots: { identity: hash(5), governance: hash(6) },
  proposer: KEY_TEXT,
}
const headerBytes = encodeHeader(HEADER)
const seeds = [1, 2, 3, 4].map(hash)
const validators = seeds.map((seed, i) => ({
  name: `V${i}`,
  publicKey: publicKeyToText(publicKeyFromSeed(seed)),
  power: 10 * (i + 1),
}))

test('a header comes back from its bytes', () => {
  assert.deepEqual(decodeHeader(headerBytes), HEADER)
  assert.deepEqual(headerHash(headerBytes), sha256(encodeCanonical(HEADER)))
})

const { previousHash, ...withoutPrevious } = HEADER
for (const [name, value] of [
  ['a field missing', withoutPrevious],
  ['another field instead', { ...withoutPrevious, previous: previousHash }],
  ['a field too many', { ...HEADER, more: 1 }],
  ['height 0', { ...HEADER, height: 0 }],
  ['a negative height', { ...HEADER, height: -1 }],
  ['a negative time', { ...HEADER, timeMs: -1 }],
  ['a short hash', { ...HEADER, appHash: new Uint8Array(31) }],
  ['a hash as text', { ...HEADER, resultsHash: '00' }],
  ['a short module root', { ...HEADER, moduleRoots: { a: new Uint8Array(1) } }],
  ['module roots as a list', { ...HEADER, moduleRoots: [] }],
  ['module roots as bytes', { ...HEADER, moduleRoots: new Uint8Array(0) }],
  ['no module roots', { ...HEADER, moduleRoots: null }],
  ['a chain id that is no text', { ...HEADER, chainId: 1 }],
  ['a proposer that is no text', { ...HEADER, proposer: null }],
  ['a list', [1]],
  ['null', null],
] as const) {
  test(`no header: ${name}`, () => {
    assert.throws(() => decodeHeader(encodeCanonical(value)), { name: 'MalformedHeader', code: 'BAD_HEADER' })
  })
}

test('signatures count by power, each validator once, strangers and wrong ones not at all', () => {
  const power = (bytes: Uint8Array) => signedPower(decodeSignedHeader(bytes), validators)
  assert.deepEqual(power(signHeader(headerBytes, [])), { signed: 0, total: 100 })
  assert.deepEqual(power(signHeader(headerBytes, seeds)), { signed: 100, total: 100 })
  assert.deepEqual(power(signHeader(headerBytes, [hash(2), hash(4)])), { signed: 60, total: 100 })
  assert.deepEqual(power(signHeader(headerBytes, [hash(4), hash(4), hash(9)])), { signed: 40, total: 100 })
  const other = decodeSignedHeader(signHeader(encodeHeader({ ...HEADER, height: 8 }), seeds))
  assert.deepEqual(power(encodeSignedHeader(headerBytes, other.signatures)), { signed: 0, total: 100 })
  const [valid] = decodeSignedHeader(signHeader(headerBytes, [hash(4)])).signatures
  assert.ok(valid !== undefined)
  const invalidFirst = [{ ...valid, signature: new Uint8Array(64) }, valid]
  assert.deepEqual(power(encodeSignedHeader(headerBytes, invalidFirst)), { signed: 40, total: 100 })
})

const signature = [hash(1), new Uint8Array(64)]
for (const [name, value] of [
  ['no list', { header: headerBytes }],
  ['one item', [headerBytes]],
  ['three items', [headerBytes, [], 0]],
  ['a header that is none', [encodeCanonical({}), []]],
  ['signatures as a map', [headerBytes, {}]],
  ['a signature cut short', [headerBytes, [[hash(1), new Uint8Array(63)]]]],
  ['a key cut short', [headerBytes, [[new Uint8Array(31), new Uint8Array(64)]]]],
  ['a signature of three items', [headerBytes, [[...signature, 1]]]],
  ['1,001 signatures', [headerBytes, new Array(1_001).fill(signature)]],
] as const) {
  test(`no signed header: ${name}`, () => {
    assert.throws(() => decodeSignedHeader(encodeCanonical(value)), MalformedHeader)
  })
}

test('any bytes are a header or are refused', () => {
  const signed = signHeader(headerBytes, [hash(1)])
  fc.assert(
    fc.property(fc.nat(signed.length - 1), fc.nat(255), fc.uint8Array({ maxLength: 50 }), (at, byte, random) => {
      const changed = signed.slice()
      changed[at] = byte
      for (const bytes of [changed, random]) {
        try {
          const { header, signatures } = decodeSignedHeader(bytes)
          assert.equal(toHex(encodeSignedHeader(encodeHeader(header), signatures)), toHex(bytes))
        } catch (error) {
          assert.ok(error instanceof MalformedHeader, `${error}`)
        }
      }
    }),
    { numRuns: 500 },
  )
})

test('the roots of a block name its transactions and results in order', () => {
  const log = appendLog(appendLog(emptyLog(), logLeaf(hash(1))), logLeaf(hash(2)))
  assert.deepEqual(transactionsRoot([hash(1), hash(2)]), logRoot(log))
  assert.notDeepEqual(transactionsRoot([hash(2), hash(1)]), logRoot(log))
  assert.deepEqual(transactionsRoot([]), logRoot(emptyLog()))
  const results = [
    { code: 0, result: { id: 'p1-0-aaaaaa' } },
    { code: 0, result: {} },
  ]
  assert.deepEqual(
    resultsHash(results),
    sha256(
      encodeCanonical([
        [0, { id: 'p1-0-aaaaaa' }],
        [0, {}],
      ]),
    ),
  )
  assert.deepEqual(resultsHash([]), sha256(new Uint8Array([0x80])))
})
