import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeCanonical, publicKeyFromSeed, sha256 } from '@icn/crypto'
import {
  beginningOf,
  chainIdsOf,
  defaultParams,
  type Genesis,
  type GenesisOrigin,
  genesisHash,
  MalformedGenesis,
  parseGenesis,
  publicKeyToText,
} from '@icn/protocol'
import { trustedGenesis } from '@icn/protocol/light'
import { KEY_TEXT } from './fixtures.ts'

const otherKey = publicKeyToText(publicKeyFromSeed(new Uint8Array(32).fill(2)))
const validator = { name: 'First Cooperative', publicKey: KEY_TEXT, power: 1 }
const genesis: Genesis = {
  chainId: 'test-net',
  name: 'A network to test',
  timeMs: 1_700_000_000_000,
  validators: [validator, { name: 'Second Cooperative', publicKey: otherKey, power: 1_000_000 }],
  params: defaultParams,
}

test('a genesis document is the same from text and from what was read of it', () => {
  assert.deepEqual(parseGenesis(JSON.stringify(genesis)), genesis)
  assert.deepEqual(parseGenesis(JSON.parse(JSON.stringify(genesis))), genesis)
})

test('its hash is that of the canonical document, whatever the order of fields and the spaces', () => {
  assert.deepEqual(genesisHash(genesis), sha256(encodeCanonical(genesis)))
  const { chainId, ...rest } = genesis
  const reordered = JSON.stringify({ ...rest, chainId }, null, 2)
  assert.deepEqual(genesisHash(parseGenesis(reordered)), genesisHash(genesis))
  assert.notDeepEqual(genesisHash({ ...genesis, timeMs: genesis.timeMs + 1 }), genesisHash(genesis))
})

const origin: GenesisOrigin = {
  chainId: 'before-net',
  genesisHash: 'a1'.repeat(32),
  height: 41,
  blockHash: 'b2'.repeat(32),
  appHash: 'c3'.repeat(32),
  earlier: ['first-net'],
  federation: 'did:icn:first-net:o1-0-abcdef',
}

test('a genesis that names the network it is made of begins after its last block, with its state', () => {
  const made = parseGenesis(JSON.stringify({ ...genesis, origin }))
  assert.notDeepEqual(genesisHash(made), genesisHash(genesis))
  assert.deepEqual(chainIdsOf(made), ['test-net', 'before-net', 'first-net'])
  assert.deepEqual(beginningOf(made), { height: 41, timeMs: genesis.timeMs, appHash: new Uint8Array(32).fill(0xc3) })
  assert.equal(trustedGenesis(made).height, 41)
  assert.deepEqual(chainIdsOf(genesis), ['test-net'])
  assert.deepEqual(beginningOf(genesis), { height: 0, timeMs: genesis.timeMs, appHash: new Uint8Array(0) })
})

const bucket = { burst: 1, perHour: 1 }
for (const [name, change, at] of [
  ['a chain id in capitals', { chainId: 'Test' }, '/chainId'],
  ['a chain id with a line break', { chainId: 'test\n' }, '/chainId'],
  ['no name', { name: '' }, '/name'],
  ['a time as text', { timeMs: '2024' }, '/timeMs'],
  ['a time before 1970', { timeMs: -1 }, '/timeMs'],
  ['no validators', { validators: [] }, '/validators'],
  ['a validator without power', { validators: [{ ...validator, power: 0 }] }, '/validators/0/power'],
  ['a fraction of power', { validators: [{ ...validator, power: 0.5 }] }, '/validators/0/power'],
  ['a validator with a field too many', { validators: [{ ...validator, more: 1 }] }, '/validators/0/more'],
  ['a key that is none', { validators: [{ ...validator, publicKey: 'z6Mk' }] }, '/validators/0/publicKey'],
  ['a key twice', { validators: [validator, { ...validator, name: 'Again' }] }, '/validators'],
  ['an empty allowance', { params: { ...defaultParams, memberAllowance: { ...bucket, burst: 0 } } }, '/burst'],
  [
    'too large an allowance',
    { params: { ...defaultParams, strangerAllowance: { ...bucket, perHour: 2e9 } } },
    '/perHour',
  ],
  ['blocks too small', { params: { ...defaultParams, maxBlockBytes: 1 } }, '/params/maxBlockBytes'],
  ['an origin without a block', { origin: { ...origin, height: 0 } }, '/origin/height'],
  ['a root in capitals', { origin: { ...origin, appHash: 'C3'.repeat(32) } }, '/origin/appHash'],
  ['an origin that says nothing of who decides', { origin: { ...origin, federation: undefined } }, '/origin'],
  ['a network made of itself', { origin: { ...origin, chainId: 'test-net' } }, '/origin'],
  ['a network that was there before', { origin: { ...origin, earlier: ['test-net'] } }, '/origin'],
  [
    'a federation beside the one of the state',
    { origin, federation: { name: 'F', members: [{ did: `did:key:${KEY_TEXT}`, name: 'A' }] } },
    '/federation',
  ],
  ['a field too many', { comment: 'hello' }, '/comment'],
  ['a field missing', { params: undefined }, '/params'],
] as const) {
  test(`no genesis: ${name}`, () => {
    assert.throws(
      () => parseGenesis(JSON.stringify({ ...genesis, ...change })),
      (error: unknown) => {
        assert.ok(error instanceof MalformedGenesis)
        assert.equal(error.code, 'BAD_GENESIS')
        assert.ok(error.message.includes(at), error.message)
        return true
      },
    )
  })
}

for (const text of ['', '{', 'null', '[]', '"genesis"', '{"__proto__":{}}']) {
  test(`no genesis: the text ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseGenesis(text), MalformedGenesis)
  })
}
