import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  checkForm,
  decodeLightBlock,
  encodeLightBlock,
  LIGHT_FAILURES,
  type LightBlock,
  type LightFailure,
  trustedBlock,
  trustedGenesis,
  type Verified,
  verifyChain,
  verifyFrom,
} from '@icn/protocol/light'
import { CHAIN, GENESIS_MS, genesisOf, setOf, signBlock, validatorOf } from './signer.ts'
import { FIRST, FOUR, NOW_MS, STRANGERS, TENTH, tampered, tenth } from './tampered.ts'

const DAY_MS = 86_400_000
const NOW = { nowMs: NOW_MS, trustPeriodMs: 14 * DAY_MS }
const trusted = trustedBlock(FIRST)

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

test('the validators of a genesis are brought into the order of CometBFT, most power first', () => {
  const validators = [3, 1, 2, 2].map((power, index) => validatorOf(index, power))
  const verified = verifyFrom(trustedGenesis(genesisOf(validators)), signBlock({ height: 1, validators }), NOW)
  assert.equal(failureOf(verified), 'trusted')
})

test('a vote in a later round counts, and so do three of four', () => {
  for (const flags of [['absent'], ['nil'], ['commit', 'commit', 'commit', 'nil']] as const) {
    assert.equal(failureOf(verifyFrom(trusted, signBlock({ ...tenth, round: 3, flags }), NOW)), 'trusted')
  }
})

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
