import assert from 'node:assert/strict'
import { test } from 'node:test'
import { publicKeyFromSeed, toHex } from '@icn/crypto'
import {
  type BlockHeader,
  continuationOf,
  continuationText,
  defaultParams,
  encodeHeader,
  type Genesis,
  isOfSeveral,
  MalformedContinuation,
  publicKeyToText,
  readContinuation,
  signHeader,
} from '@icn/protocol'

const fill = (byte: number) => new Uint8Array(32).fill(byte)
const [OWN, STRANGER] = [fill(1), fill(2)] as const
const publicKey = publicKeyToText(publicKeyFromSeed(OWN))
const GENESIS: Genesis = {
  chainId: 'icn-alone',
  name: 'Alone',
  timeMs: 1_700_000_000_000,
  validators: [{ name: 'this node', publicKey, power: 1 }],
  params: defaultParams,
}
const HEADER: BlockHeader = {
  chainId: GENESIS.chainId,
  height: 20,
  timeMs: 1_700_000_100_000,
  previousHash: fill(3),
  appHash: fill(4),
  transactionsRoot: fill(5),
  resultsHash: fill(6),
  moduleRoots: { identity: fill(7) },
  proposer: publicKey,
}
const signed = (change: Partial<BlockHeader> = {}, seed = OWN) =>
  signHeader(encodeHeader({ ...HEADER, ...change }), [seed])
const TEXT = continuationText(continuationOf(signed(), GENESIS))

test('the last block of a node that was alone comes back from its text', () => {
  const { height, timeMs, appHash } = HEADER
  assert.deepEqual(readContinuation(JSON.parse(JSON.stringify(TEXT)), GENESIS), {
    ...{ height, timeMs, appHash },
    header: signed(),
  })
})

test('a network that may have several validators from the beginning goes on from no node that was alone', () => {
  const [own] = GENESIS.validators as [Genesis['validators'][0]]
  const other = { ...own, publicKey: publicKeyToText(publicKeyFromSeed(STRANGER)) }
  for (const genesis of [
    { ...GENESIS, params: { ...defaultParams, maxValidators: 2 } },
    { ...GENESIS, validators: [own, other] },
  ]) {
    assert.ok(isOfSeveral(genesis))
    const header = signHeader(encodeHeader(HEADER), [OWN, STRANGER])
    assert.throws(() => continuationOf(header, genesis), /none made its first blocks alone/)
  }
  assert.ok(!isOfSeveral(GENESIS))
})

for (const [name, value, said] of [
  ['nothing', null, /expected height, appHash and header/],
  ['no hexadecimal', { ...TEXT, header: 'zz' }, /expected height, appHash and header/],
  ['a header of a megabyte', { ...TEXT, header: '00'.repeat(500_000) }, /expected height, appHash and header/],
  ['bytes that are no header', { ...TEXT, header: '00' }, /./],
  ['of another chain', { ...TEXT, header: toHex(signed({ chainId: 'icn-other' }, STRANGER)) }, /is of icn-other/],
  ['signed by a stranger', { ...TEXT, header: toHex(signed({}, STRANGER)) }, /0 of 1 of the power .* block 20/],
  ['another height than the header', { ...TEXT, height: 21 }, /is of block 20, the file says 21/],
  ['another root than the header', { ...TEXT, appHash: '00'.repeat(32) }, /is of block 20, the file says 20 00/],
] as const) {
  test(`refuses: ${name}`, () => {
    assert.throws(
      () => readContinuation(value, GENESIS),
      (error: Error) => {
        assert.ok(error instanceof MalformedContinuation)
        assert.match(error.message, said)
        return true
      },
    )
  })
}
