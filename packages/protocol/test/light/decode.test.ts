import assert from 'node:assert/strict'
import { test } from 'node:test'
import { concatBytes, sha256, toHex } from '@icn/crypto'
import {
  ABSENT_TIME_NS,
  type CommitSignature,
  decodeLightBlock,
  encodeLightBlock,
  keyAddress,
  type LightBlock,
  type LightHeader,
  type LightValidator,
  lightHeaderHash,
  MalformedLightBlock,
  merkleRoot,
  voteBytes,
} from '@icn/protocol/light'
import fc from 'fast-check'
import { signBlock, validatorOf } from './signer.ts'

const BLOCK = signBlock({
  height: 3,
  validators: [1, 2, 3].map((fill) => validatorOf(fill, fill)),
  flags: ['nil', 'absent'],
})
const BYTES = encodeLightBlock(BLOCK)

test('a block comes back from its bytes', () => {
  assert.deepEqual(decodeLightBlock(BYTES), BLOCK)
})

const header = (change: Partial<LightHeader>): LightBlock => ({ ...BLOCK, header: { ...BLOCK.header, ...change } })
const signature = (change: Partial<CommitSignature>, at = 0): LightBlock => ({
  ...BLOCK,
  commit: {
    ...BLOCK.commit,
    signatures: BLOCK.commit.signatures.map((one, index) => (index === at ? { ...one, ...change } : one)),
  },
})
const validator = (change: Partial<LightValidator>): LightBlock => ({
  ...BLOCK,
  validators: BLOCK.validators.map((one, index) => (index === 0 ? { ...one, ...change } : one)),
})
const commit = (change: Partial<LightBlock['commit']>): LightBlock => ({
  ...BLOCK,
  commit: { ...BLOCK.commit, ...change },
})
const [KEY] = BLOCK.validators.map(({ publicKey }) => publicKey)
const many = (count: number): LightValidator[] =>
  Array.from({ length: count }, (_, index) => {
    const publicKey = sha256(new TextEncoder().encode(`${index}`))
    return { publicKey, address: keyAddress(publicKey), power: 1 }
  })

for (const [name, block, says] of [
  ['height 0', header({ height: 0 }), /height/],
  ['a height beyond 2^53', header({ height: 2 ** 53 }), /height/],
  ['a negative height', header({ height: -1 }), /height/],
  ['a long chain id', header({ chainId: 'x'.repeat(51) }), /chain id/],
  ['a hash of 31 bytes', header({ validatorsHash: new Uint8Array(31) }), /hash/],
  ['an app hash of 256 bytes', header({ appHash: new Uint8Array(256) }), /app hash/],
  ['a proposer of 32 bytes', header({ proposerAddress: new Uint8Array(32) }), /proposer/],
  ['a time in the year 0', header({ timeNs: ABSENT_TIME_NS - 1n }), /year/],
  ['a time in the year 10000', header({ timeNs: 253_402_300_800n * 1_000_000_000n }), /year/],
  ['a commit at height 0', commit({ height: 0 }), /height/],
  ['a round beyond 2^31', commit({ round: 2 ** 31 }), /round/],
  ['a negative round', commit({ round: -1 }), /round/],
  [
    'a commit for no block',
    commit({ blockId: { hash: new Uint8Array(), partsTotal: 0, partsHash: new Uint8Array() } }),
    /for a block/,
  ],
  ['a commit without signatures', commit({ signatures: [] }), /signatures/],
  ['a signature of 63 bytes', signature({ signature: new Uint8Array(63) }), /signature/],
  ['no signature', signature({ signature: new Uint8Array() }), /signature/],
  ['a signer of 19 bytes', signature({ address: new Uint8Array(19) }), /signer/],
  ['an absent validator with an address', signature({ address: new Uint8Array(20) }, 1), /absent/],
  ['an absent validator with a time', signature({ timeNs: 0n }, 1), /absent/],
  ['no validators', { ...BLOCK, validators: [] }, /1 to 1,000/],
  ['1,001 validators', { ...BLOCK, validators: many(1_001) }, /1 to 1,000/],
  ['a validator twice', { ...BLOCK, validators: [...BLOCK.validators, ...BLOCK.validators.slice(1)] }, /once/],
  ['a validator without power', validator({ power: 0 }), /power/],
  ['a validator with negative power', validator({ power: -1 }), /power/],
  ['more power than 2^50', validator({ power: 2 ** 50 }), /total power/],
  ['a key of 31 bytes', validator({ publicKey: KEY?.subarray(1) ?? new Uint8Array() }), /public key/],
  ['the address of another key', validator({ address: keyAddress(new Uint8Array(32)) }), /address/],
] as const) {
  test(`no light block: ${name}`, () => refuses(encodeLightBlock(block), says))
}

function refuses(bytes: Uint8Array, says: RegExp): void {
  assert.throws(
    () => decodeLightBlock(bytes),
    (error: unknown) => {
      assert.ok(error instanceof MalformedLightBlock, `${error}`)
      assert.equal(error.code, 'BAD_LIGHT_BLOCK')
      assert.match(error.message, says)
      return true
    },
  )
}

for (const [name, bytes, says] of [
  ['nothing', [], /header|height|time/],
  ['a field that is not known', [0x1a, 0], /field 3/],
  ['a wire type that is not known', [0x0d, 0, 0, 0, 0], /wire type 5/],
  ['a field twice', [0x0a, 0, 0x0a, 0], /once/],
  ['a length beyond the end', [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f], /all of its bytes/],
  ['a length of 2^63', [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], /all of its bytes/],
  ['a varint without end', [0x0a, 0xff], /varints/],
  ['a varint of eleven bytes', [0x0a, ...new Array(10).fill(0x80), 0], /varints/],
  ['a varint above 2^64', [0x0a, ...new Array(9).fill(0xff), 0x7f], /varints/],
] as const) {
  test(`no light block: ${name}`, () => refuses(Uint8Array.from(bytes), says))
}

test('more than 512 KiB are not looked at', () => refuses(new Uint8Array(524_289), /524288/))

test('what CometBFT adds to a set, its proposer, priorities and total, is read over', () => {
  const set = (priority: readonly number[], ...more: readonly number[]) => {
    const validators = BLOCK.validators.map(({ address, publicKey, power }) => {
      const key = concatBytes(Uint8Array.of(0x0a, 32), publicKey)
      const body = concatBytes(
        Uint8Array.of(0x0a, 20),
        address,
        Uint8Array.of(0x12, 34),
        key,
        Uint8Array.of(0x18, power, ...priority),
      )
      return concatBytes(Uint8Array.of(0x0a, body.length), body)
    })
    return concatBytes(...validators, Uint8Array.from(more))
  }
  const length = (bytes: Uint8Array) => Uint8Array.of((bytes.length & 0x7f) | 0x80, bytes.length >> 7)
  const own = set([])
  const at = BYTES.length - own.length
  assert.deepEqual(BYTES.subarray(at), own)
  const signedHeader = BYTES.subarray(0, at - 3)
  const fromComet = set([0x20, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], 0x12, 0x00, 0x18, 0x06)
  const bytes = concatBytes(signedHeader, Uint8Array.of(0x12), length(fromComet), fromComet)
  assert.deepEqual(decodeLightBlock(bytes), BLOCK)
})

test('any bytes are a light block or are refused by name', () => {
  fc.assert(
    fc.property(fc.nat(BYTES.length - 1), fc.nat(255), fc.uint8Array({ maxLength: 80 }), (at, byte, random) => {
      const changed = BYTES.slice()
      changed[at] = byte
      for (const input of [changed, BYTES.subarray(0, at), random, concatBytes(BYTES.subarray(0, at), random)]) {
        try {
          decodeLightBlock(input)
        } catch (error) {
          assert.ok(error instanceof MalformedLightBlock, `${error}`)
        }
      }
    }),
    { numRuns: 2_000 },
  )
})

test('the tree is that of RFC 6962', () => {
  const ascii = (text: string) => new TextEncoder().encode(text)
  const leaf = (text: string) => sha256(Uint8Array.of(0), ascii(text))
  const inner = (left: Uint8Array, right: Uint8Array) => sha256(Uint8Array.of(1), left, right)
  assert.deepEqual(merkleRoot([]), sha256(new Uint8Array()))
  assert.deepEqual(merkleRoot([ascii('a')]), leaf('a'))
  assert.deepEqual(merkleRoot(['a', 'b', 'c'].map(ascii)), inner(inner(leaf('a'), leaf('b')), leaf('c')))
  const five = inner(inner(inner(leaf('a'), leaf('b')), inner(leaf('c'), leaf('d'))), leaf('e'))
  assert.deepEqual(merkleRoot(['a', 'b', 'c', 'd', 'e'].map(ascii)), five)
})

test("the hash of a header is the one in CometBFT's own tests", () => {
  const hash = (text: string) => sha256(new TextEncoder().encode(text))
  const own = lightHeaderHash({
    versionBlock: 1,
    versionApp: 2,
    chainId: 'chainId',
    height: 3,
    timeNs: BigInt(Date.UTC(2019, 9, 13, 16, 14, 44)) * 1_000_000n,
    lastBlockId: { hash: new Uint8Array(32), partsTotal: 6, partsHash: new Uint8Array(32) },
    lastCommitHash: hash('last_commit_hash'),
    dataHash: hash('data_hash'),
    validatorsHash: hash('validators_hash'),
    nextValidatorsHash: hash('next_validators_hash'),
    consensusHash: hash('consensus_hash'),
    appHash: hash('app_hash'),
    lastResultsHash: hash('last_results_hash'),
    evidenceHash: hash('evidence_hash'),
    proposerAddress: hash('proposer_address').subarray(0, 20),
  })
  assert.equal(toHex(own), 'f740121f553b5418c3efbd343c2dbfe9e007bb67b0d020a0741374bab65242a4')
})

test("what is signed is what CometBFT's own tests say", () => {
  const commit = { ...BLOCK.commit, height: 1, round: 1 }
  const nothing = {
    flag: 'nil',
    address: new Uint8Array(),
    timeNs: ABSENT_TIME_NS,
    signature: new Uint8Array(),
  } as const
  const time = '2a0b088092b8c398feffffff01'
  const place = '110100000000000000190100000000000000'
  assert.equal(toHex(voteBytes('', commit, nothing)), `210802${place}${time}`)
  assert.equal(
    toHex(voteBytes('test_chain_id', commit, nothing)),
    `300802${place}${time}320d746573745f636861696e5f6964`,
  )
})
