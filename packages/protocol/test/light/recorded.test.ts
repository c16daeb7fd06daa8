import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fromHex, toHex } from '@icn/crypto'
import type { Genesis } from '@icn/protocol'
import {
  type CommitSignature,
  checkCommit,
  checkForm,
  decodeLightBlock,
  encodeLightBlock,
  type LightBlock,
  lightHeaderHash,
  trustedBlock,
  trustedGenesis,
  trustPath,
  validatorSetHash,
  verifyChain,
  verifyFrom,
} from '@icn/protocol/light'
import fc from 'fast-check'

interface Recorded {
  readonly genesis: Pick<Genesis, 'chainId' | 'timeMs' | 'validators'>
  readonly path: readonly number[]
  readonly blocks: readonly {
    readonly height: number
    readonly bytes: string
    readonly headerHash: string
    readonly validatorsHash: string
    readonly time: string
    readonly power: readonly number[]
    readonly signed: readonly CommitSignature['flag'][]
  }[]
}

/** Of a real network of CometBFT; vectors/light/record.ts made it. */
const { genesis, path, blocks } = JSON.parse(
  readFileSync(new URL('../../../../vectors/light/cometbft.json', import.meta.url), 'utf8'),
) as Recorded
const decoded = new Map(blocks.map(({ height, bytes }) => [height, decodeLightBlock(fromHex(bytes))]))
const at = (height: number) => decoded.get(height) as LightBlock
const onPath = path.map(at)

test('every block of CometBFT has the hashes that CometBFT gave it, and valid signatures', () => {
  assert.ok(blocks.length >= 20)
  for (const { height, bytes, headerHash, validatorsHash, power, signed } of blocks) {
    const block = at(height)
    assert.equal(toHex(lightHeaderHash(block.header)), headerHash)
    assert.equal(toHex(validatorSetHash(block.validators)), validatorsHash)
    assert.deepEqual(
      block.validators.map((one) => one.power),
      power,
    )
    assert.deepEqual(
      block.commit.signatures.map(({ flag }) => flag),
      signed,
    )
    assert.equal(checkForm(block, genesis.chainId), undefined)
    assert.equal(checkCommit(block), undefined)
    assert.equal(toHex(encodeLightBlock(block)), bytes)
  }
  const flags = blocks.flatMap(({ signed }) => signed)
  assert.ok(flags.includes('absent') && flags.includes('commit'))
})

test('the recorded path leads from the genesis to the last block, where nobody of the genesis is left', () => {
  const chain = verifyChain(genesis, onPath)
  assert.ok(chain.ok)
  const first = new Set(trustedGenesis(genesis).validators.map(({ address }) => toHex(address)))
  assert.ok(chain.trusted.validators.every(({ address }) => !first.has(toHex(address))))
})

test('no block of the path may be missing, and the order counts', () => {
  for (const [index] of onPath.entries()) {
    const without = onPath.toSpliced(index, 1)
    if (index < onPath.length - 1) assert.equal(verifyChain(genesis, without).ok, false, `without ${path[index]}`)
  }
  const refused = verifyChain(genesis, onPath.toReversed())
  assert.equal(refused.ok, false)
})

test('every recorded pair of heights after each other is a step', () => {
  for (const { height } of blocks) {
    const next = decoded.get(height + 1)
    if (next === undefined) continue
    const nowMs = Number(next.header.timeNs / 1_000_000n)
    assert.ok(verifyFrom(trustedBlock(at(height)), next, { nowMs, trustPeriodMs: 60_000 }).ok, `${height}`)
  }
})

test('the search finds the recorded path again', async () => {
  const source = (height: number) => {
    const block = decoded.get(height)
    return Promise.resolve(block && encodeLightBlock(block))
  }
  const found = await trustPath(source, trustedGenesis(genesis), path.at(-1) ?? 0)
  assert.ok(found.ok)
  assert.deepEqual(
    found.blocks.map(({ header }) => header.height),
    path,
  )
})

test('a changed byte of a real block is found out wherever it is', () => {
  const last = fromHex(blocks.find(({ height }) => height === path[0])?.bytes ?? '')
  fc.assert(
    fc.property(fc.nat(last.length - 1), fc.integer({ min: 1, max: 255 }), (where, mask) => {
      const changed = last.slice()
      changed[where] = (changed[where] ?? 0) ^ mask
      let block: LightBlock
      try {
        block = decodeLightBlock(changed)
      } catch {
        return
      }
      // Fields may come in other orders and lengths in other forms: then the bytes are not those that we write.
      const same = toHex(encodeLightBlock(block)) === toHex(changed)
      assert.ok(!same || !verifyChain(genesis, [block]).ok, `byte ${where}`)
    }),
    { numRuns: 400 },
  )
})
