import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sign } from '@icn/crypto'
import {
  type CommitSignature,
  checkForm,
  decodeLightBlock,
  encodeLightBlock,
  LIGHT_FAILURES,
  type LightBlock,
  type LightFailure,
  type LightHeader,
  trustedBlock,
  trustedGenesis,
  type Verified,
  verifyChain,
  verifyFrom,
  voteBytes,
} from '@icn/protocol/light'
import { CHAIN, commitTo, GENESIS_MS, genesisOf, headerOf, inOrder, setOf, signBlock, validatorOf } from './signer.ts'

const FOUR = [1, 2, 3, 4].map((fill) => validatorOf(fill))
const DAY_MS = 86_400_000
const NOW = { nowMs: GENESIS_MS + 60_000, trustPeriodMs: 14 * DAY_MS }
const FIRST = signBlock({ height: 1, validators: FOUR })
const trusted = trustedBlock(FIRST)
const tenth = { height: 10, validators: FOUR }
const TENTH = signBlock(tenth)

function failureOf(verified: Verified): LightFailure | 'trusted' {
  return verified.ok ? 'trusted' : verified.failure
}

test('the genesis leads to the first block, that one to the next, and to one further on', () => {
  const from = trustedGenesis(genesisOf(FOUR))
  for (const [start, height] of [
    [from, 1],
    [from, 10],
    [trusted, 2],
    [trusted, 10],
  ] as const) {
    const verified = verifyFrom(start, signBlock({ height, validators: FOUR }), NOW)
    assert.deepEqual([failureOf(verified), verified.ok && verified.trusted.height], ['trusted', height])
  }
})

test('a vote in a later round counts, and so do three of four', () => {
  for (const flags of [['absent'], ['nil'], ['commit', 'commit', 'commit', 'nil']] as const) {
    assert.equal(failureOf(verifyFrom(trusted, signBlock({ ...tenth, round: 3, flags }), NOW)), 'trusted')
  }
})

const withHeader = (change: Partial<LightHeader>, block = TENTH): LightBlock => ({
  ...block,
  header: { ...block.header, ...change },
})
const signedWith = (change: Partial<LightHeader>): LightBlock => commitTo({ ...headerOf(tenth), ...change }, tenth)
const withSignatures = (change: (list: readonly CommitSignature[]) => readonly CommitSignature[]): LightBlock => ({
  ...TENTH,
  commit: { ...TENTH.commit, signatures: change(TENTH.commit.signatures) },
})
const flip = (bytes: Uint8Array, at = 0) => bytes.map((byte, index) => (index === at ? byte ^ 1 : byte))
const [FIRST_SIGNATURE] = TENTH.commit.signatures as [CommitSignature]
const STRANGERS = [5, 6, 7, 8].map((fill) => validatorOf(fill))

/** Everything that may be wrong with a block which would be trusted otherwise. */
const tampered: readonly (readonly [name: string, failure: LightFailure, block: LightBlock])[] = [
  ['of another network, and signed so', 'WRONG_CHAIN', signBlock(tenth, 'other')],
  ['whose chain id was changed', 'WRONG_CHAIN', withHeader({ chainId: 'other' })],
  ['of another version of blocks, and signed so', 'WRONG_VERSION', signedWith({ versionBlock: 12 })],
  ['with another app hash', 'COMMIT_MISMATCH', withHeader({ appHash: new Uint8Array(32) })],
  ['with another time', 'COMMIT_MISMATCH', withHeader({ timeNs: TENTH.header.timeNs + 1n })],
  ['with another height', 'COMMIT_MISMATCH', withHeader({ height: 11 })],
  ['with a commit for another height', 'COMMIT_MISMATCH', { ...TENTH, commit: { ...TENTH.commit, height: 11 } }],
  [
    'with the commit of another block',
    'COMMIT_MISMATCH',
    { ...TENTH, commit: signBlock({ ...tenth, height: 11 }).commit },
  ],
  [
    'with more power for one validator',
    'VALIDATORS_MISMATCH',
    {
      ...TENTH,
      validators: TENTH.validators.map((one, index) => (index === 0 ? { ...one, power: 5 } : one)),
    },
  ],
  ['with validators in another order', 'VALIDATORS_MISMATCH', { ...TENTH, validators: TENTH.validators.toReversed() }],
  ['with a validator left out', 'VALIDATORS_MISMATCH', { ...TENTH, validators: TENTH.validators.slice(1) }],
  ['with other validators', 'VALIDATORS_MISMATCH', { ...TENTH, validators: setOf(STRANGERS) }],
  [
    'with a signature twice',
    'WRONG_SIGNER',
    withSignatures(([first, , ...rest]) => [first as CommitSignature, first as CommitSignature, ...rest]),
  ],
  ['with signatures in another order', 'WRONG_SIGNER', withSignatures((list) => list.toReversed())],
  ['with a signature left out', 'WRONG_SIGNER', withSignatures((list) => list.slice(1))],
  ['with a signature too many', 'WRONG_SIGNER', withSignatures((list) => [...list, FIRST_SIGNATURE])],
  ['of a height that is trusted already', 'NOT_LATER', signBlock({ height: 1, validators: FOUR })],
  ['of the time of the trusted block', 'TIME_NOT_LATER', signedWith({ timeNs: FIRST.header.timeNs })],
  ['from the future', 'FROM_THE_FUTURE', signedWith({ timeNs: BigInt(NOW.nowMs + 10_000) * 1_000_000n })],
  [
    'right after, with strangers as validators',
    'NEXT_VALIDATORS_MISMATCH',
    signBlock({ height: 2, validators: STRANGERS }),
  ],
  ['of strangers', 'TRUST_TOO_LOW', signBlock({ ...tenth, validators: STRANGERS })],
  [
    'of a third of the trusted validators and strangers',
    'TRUST_TOO_LOW',
    signBlock({ ...tenth, validators: [...FOUR.slice(0, 1), ...STRANGERS] }),
  ],
  [
    'that too few of the trusted ones signed',
    'TRUST_TOO_LOW',
    signBlock({ ...tenth, flags: ['absent', 'nil', 'nil', 'commit'] }),
  ],
  ['that half signed', 'POWER_TOO_LOW', signBlock({ ...tenth, flags: ['absent', 'nil', 'commit', 'commit'] })],
  [
    'with a changed signature',
    'BAD_SIGNATURE',
    withSignatures(([first, ...rest]) => [
      { ...(first as CommitSignature), signature: flip(FIRST_SIGNATURE.signature) },
      ...rest,
    ]),
  ],
  [
    'with the second half of a signature changed',
    'BAD_SIGNATURE',
    withSignatures(([first, ...rest]) => [
      { ...(first as CommitSignature), signature: flip(FIRST_SIGNATURE.signature, 40) },
      ...rest,
    ]),
  ],
  [
    'with another time of a vote',
    'BAD_SIGNATURE',
    withSignatures(([first, ...rest]) => [
      { ...(first as CommitSignature), timeNs: FIRST_SIGNATURE.timeNs + 1n },
      ...rest,
    ]),
  ],
  [
    'with a vote for nothing shown as one for it',
    'BAD_SIGNATURE',
    {
      ...TENTH,
      commit: {
        ...TENTH.commit,
        signatures: signBlock({ ...tenth, flags: ['nil'] }).commit.signatures.map((one) => ({
          ...one,
          flag: 'commit' as const,
        })),
      },
    },
  ],
  [
    'with a vote for it shown as one for nothing',
    'BAD_SIGNATURE',
    withSignatures(([first, ...rest]) => [{ ...(first as CommitSignature), flag: 'nil' }, ...rest]),
  ],
  ['with another round', 'BAD_SIGNATURE', { ...TENTH, commit: { ...TENTH.commit, round: 1 } }],
  [
    'with another number of parts',
    'BAD_SIGNATURE',
    { ...TENTH, commit: { ...TENTH.commit, blockId: { ...TENTH.commit.blockId, partsTotal: 2 } } },
  ],
  ['whose votes are of another network', 'BAD_SIGNATURE', withVotesOf('other')],
]

/** Votes over the right block, with another chain id in what is signed. */
function withVotesOf(chainId: string): LightBlock {
  const seeds = inOrder(FOUR).map(({ seed }) => seed)
  return withSignatures((list) =>
    list.map((one, index) => ({
      ...one,
      signature: sign(voteBytes(chainId, TENTH.commit, one), seeds[index] ?? new Uint8Array(32)),
    })),
  )
}

for (const [name, failure, block] of tampered) {
  test(`refuses a block ${name}: ${failure}`, () => {
    assert.equal(failureOf(verifyFrom(trusted, block, NOW)), failure)
    // What is refused in memory is refused from the wire too, or has no form there.
    const read = decodeLightBlock(encodeLightBlock(block))
    assert.equal(failureOf(verifyFrom(trusted, read, NOW)), failure)
  })
}

test('refuses what is trusted no longer, at the very end of the period', () => {
  for (const [late, expected] of [
    [-1, 'trusted'],
    [0, 'TRUST_EXPIRED'],
  ] as const) {
    const nowMs = GENESIS_MS + NOW.trustPeriodMs + late
    assert.equal(failureOf(verifyFrom(trusted, TENTH, { ...NOW, nowMs })), expected)
  }
})

test('every failure has a test', () => {
  const tested = new Set<LightFailure>([...tampered.map(([, failure]) => failure), 'TRUST_EXPIRED'])
  assert.deepEqual(
    LIGHT_FAILURES.filter((name) => !tested.has(name)),
    [],
  )
})

test('form is judged before trust and signatures: each fault hides those after it', () => {
  const all: LightBlock = {
    ...signBlock({ height: 1, validators: STRANGERS, flags: ['nil', 'nil'] }, 'other'),
    validators: setOf(FOUR),
  }
  assert.equal(checkForm(all, CHAIN)?.failure, 'WRONG_CHAIN')
  assert.equal(checkForm(all, 'other')?.failure, 'VALIDATORS_MISMATCH')
})

test('a level of trust is from a third to all', () => {
  for (const level of [
    { num: 1, den: 4 },
    { num: 4, den: 3 },
  ])
    assert.throws(() => verifyFrom(trusted, TENTH, { ...NOW, level }), RangeError)
  const half = signBlock({ ...tenth, validators: [...FOUR.slice(0, 2), ...STRANGERS.slice(0, 1)] })
  assert.equal(failureOf(verifyFrom(trusted, half, NOW)), 'trusted')
  assert.equal(failureOf(verifyFrom(trusted, half, { ...NOW, level: { num: 1, den: 2 } })), 'TRUST_TOO_LOW')
})

test('a chain from the genesis needs two thirds at each step, and says which block fails', () => {
  const genesis = genesisOf(FOUR)
  const three = [...FOUR.slice(0, 3), ...STRANGERS.slice(0, 1)]
  const good = [
    signBlock({ height: 5, validators: three }),
    signBlock({ height: 9, validators: [...three.slice(1), ...STRANGERS.slice(1, 2)] }),
  ]
  const verified = verifyChain(genesis, good)
  assert.ok(verified.ok)
  assert.equal(verified.trusted.height, 9)
  const half = signBlock({ height: 20, validators: [...FOUR.slice(0, 2), ...STRANGERS.slice(0, 2)] })
  for (const [blocks, at, failure] of [
    [[half], 0, 'TRUST_TOO_LOW'],
    [[...good, good[0] as LightBlock], 2, 'NOT_LATER'],
    [[...good, signBlock({ height: 20, validators: STRANGERS })], 2, 'TRUST_TOO_LOW'],
  ] as const) {
    const refused = verifyChain(genesis, blocks)
    assert.ok(!refused.ok)
    assert.deepEqual([refused.at, refused.failure], [at, failure])
  }
})
