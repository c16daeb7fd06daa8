import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ARCHIVE_RULE,
  checkTrust,
  encodeLightBlock,
  extendPath,
  type LightBlock,
  trustedBlock,
  trustedGenesis,
  trustPath,
  verifyChain,
} from '@icn/protocol/light'
import fc from 'fast-check'
import { genesisOf, signBlock, type TestValidator, validatorOf } from './signer.ts'

/** Sets by height from 1 on; each block announces the next. Blocks are signed when they are asked for. */
function givenChain(sets: readonly (readonly TestValidator[])[]) {
  const asked: number[] = []
  const blockAt = (height: number): LightBlock | undefined => {
    const validators = sets[height - 1]
    return validators && signBlock({ height, validators, next: sets[height] ?? validators })
  }
  const source = (height: number): Promise<Uint8Array | undefined> => {
    asked.push(height)
    const block = blockAt(height)
    return Promise.resolve(block && encodeLightBlock(block))
  }
  return { source, asked, genesis: genesisOf(sets[0] ?? []) }
}

const FOUR = [1, 2, 3, 4].map((fill) => validatorOf(fill))
const heights = (blocks: readonly LightBlock[]) => blocks.map(({ header }) => header.height)

test('one block is enough where the validators did not change', async () => {
  const { source, asked, genesis } = givenChain(new Array(1_000).fill(FOUR))
  const path = await trustPath(source, trustedGenesis(genesis), 1_000)
  assert.ok(path.ok)
  assert.deepEqual(heights(path.blocks), [1_000])
  assert.deepEqual(asked, [1_000])
})

test('where everybody changed at once, both sides of the change are needed', async () => {
  const others = [5, 6, 7].map((fill) => validatorOf(fill))
  const { source, asked, genesis } = givenChain([...new Array(600).fill(FOUR), ...new Array(400).fill(others)])
  const path = await trustPath(source, trustedGenesis(genesis), 1_000)
  assert.ok(path.ok)
  assert.deepEqual(heights(path.blocks).slice(-3), [600, 601, 1_000])
  assert.ok(verifyChain(genesis, path.blocks).ok)
  assert.ok(asked.length < 20, `asked for ${asked.length}`)
})

test('where the first block comes after those of a node that was alone, nothing before it is asked for', async () => {
  const others = [5, 6, 7].map((fill) => validatorOf(fill))
  const { source, asked, genesis } = givenChain([...new Array(610).fill(FOUR), ...new Array(390).fill(others)])
  const begun = (height: number) => (height <= 600 ? Promise.resolve(undefined) : source(height))
  const path = await trustPath(begun, trustedGenesis(genesis, 600), 1_000)
  assert.ok(path.ok)
  assert.ok(asked.every((height) => height > 600))
  assert.ok(verifyChain(genesis, path.blocks).ok)
})

test('says which block is missing, also where another height is answered', async () => {
  const others = [5, 6, 7].map((fill) => validatorOf(fill))
  const { source, genesis } = givenChain([...new Array(50).fill(FOUR), ...new Array(50).fill(others)])
  const pruned = (height: number) => (height < 55 ? Promise.resolve(undefined) : source(height))
  const wrong = (height: number) => source(height === 50 ? 49 : height)
  for (const [from, to, height] of [
    [source, 101, 101],
    [pruned, 100, 50],
    [wrong, 100, 50],
  ] as const) {
    const path = await trustPath(from, trustedGenesis(genesis), to)
    assert.deepEqual(path, { ok: false, failure: 'NO_LIGHT_BLOCK', height })
  }
})

const OTHERS = [5, 6, 7].map((fill) => validatorOf(fill))
const LAST = [8, 9].map((fill) => validatorOf(fill))
/** Everybody changes at 300, and again at 600. */
const CHANGING = [...new Array(299).fill(FOUR), ...new Array(300).fill(OTHERS), ...new Array(401).fill(LAST)]

test('a path goes on from its end, and asks for nothing before it', async () => {
  const { source, asked, genesis } = givenChain(CHANGING)
  const start = trustedGenesis(genesis)
  const first = await extendPath(source, start, [], 500)
  assert.ok(first.ok)
  asked.length = 0
  const second = await extendPath(source, start, first.blocks, 1_000)
  assert.ok(second.ok)
  assert.ok(Math.min(...asked) > 500)
  assert.ok(verifyChain(genesis, second.blocks).ok)
  const again = await extendPath(source, start, second.blocks, 1_000)
  assert.deepEqual(again, second)
})

test('a source with few blocks leads by those that it names; what else it names changes nothing', async () => {
  const { source, genesis } = givenChain(CHANGING)
  const start = trustedGenesis(genesis)
  const few = (height: number) =>
    [299, 300, 599, 600].includes(height) || height > 990 ? source(height) : Promise.resolve(undefined)
  const alone = await extendPath(few, start, [], 1_000)
  assert.ok(!alone.ok && alone.failure === 'NO_LIGHT_BLOCK')
  for (const pivots of [
    [299, 300, 599, 600],
    [299, 299, 300, 3, 599, 600, 600, 1_000, 5_000],
  ]) {
    const path = await extendPath(few, start, [], 1_000, { pivots })
    assert.ok(path.ok)
    assert.deepEqual(heights(path.blocks), [299, 300, 599, 600, 1_000])
    assert.ok(verifyChain(genesis, path.blocks).ok)
  }
  const missing = await extendPath(few, start, [], 1_000, { pivots: [299, 301] })
  assert.deepEqual(missing, { ok: false, failure: 'NO_LIGHT_BLOCK', height: 301 })
})

test('a pivot that the trusted validators did not sign leads nowhere', async () => {
  const { source, genesis } = givenChain(CHANGING)
  const forged = (height: number) =>
    height === 300 ? Promise.resolve(encodeLightBlock(signBlock({ height, validators: LAST }))) : source(height)
  const path = await extendPath(forged, trustedGenesis(genesis), [], 1_000, { pivots: [299, 300] })
  assert.ok(!path.ok)
  assert.deepEqual([path.failure, path.height], ['NEXT_VALIDATORS_MISMATCH', 300])
})

test('a block that is not signed ends the search', async () => {
  const block = signBlock({ height: 9, validators: FOUR, flags: ['nil', 'nil'] })
  const path = await trustPath(() => Promise.resolve(encodeLightBlock(block)), trustedGenesis(genesisOf(FOUR)), 9, {
    level: { num: 1, den: 3 },
  })
  assert.ok(!path.ok)
  assert.deepEqual([path.failure, path.height], ['POWER_TOO_LOW', 9])
})

test('what is not above the trusted block is refused', async () => {
  const { source, genesis } = givenChain(new Array(5).fill(FOUR))
  const first = await trustPath(source, trustedGenesis(genesis), 3)
  assert.ok(first.ok)
  const path = await trustPath(source, trustedBlock(first.blocks[0] as LightBlock), 2)
  assert.ok(!path.ok)
  assert.deepEqual([path.failure, path.height], ['NOT_LATER', 2])
})

test('whatever becomes of the validators, a path is found, and every step of it is needed', async () => {
  const changes = fc.array(
    fc.record({
      blocks: fc.integer({ min: 1, max: 12 }),
      who: fc.integer({ min: 0, max: 11 }),
      power: fc.integer({ min: 0, max: 5 }),
    }),
    { maxLength: 12 },
  )
  await fc.assert(
    fc.asyncProperty(changes, async (list) => {
      const powers = new Map([0, 1, 2].map((who) => [who, 1]))
      const sets: TestValidator[][] = []
      for (const { blocks, who, power } of [...list, { blocks: 3, who: 0, power: 1 }]) {
        const now = [...powers].filter(([, own]) => own > 0).map(([fill, own]) => validatorOf(fill, own))
        sets.push(...new Array<TestValidator[]>(blocks).fill(now))
        powers.set(who, power)
        if (![...powers.values()].some((own) => own > 0)) powers.set(0, 1)
      }
      const { source, genesis } = givenChain(sets)
      const path = await trustPath(source, trustedGenesis(genesis), sets.length)
      assert.ok(path.ok, path.ok ? '' : path.failure)
      assert.equal(path.blocks.at(-1)?.header.height, sets.length)
      assert.ok(verifyChain(genesis, path.blocks).ok)
      const froms = [trustedGenesis(genesis), ...path.blocks.map(trustedBlock)]
      for (const [at, block] of path.blocks.entries()) {
        const before = froms[at]
        const next: LightBlock | undefined = path.blocks[at + 1]
        if (before === undefined || next === undefined) continue
        assert.equal(checkTrust(before, next, ARCHIVE_RULE)?.failure, 'TRUST_TOO_LOW', `${block.header.height}`)
      }
    }),
    { numRuns: 40 },
  )
})
