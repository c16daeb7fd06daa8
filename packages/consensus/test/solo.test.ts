import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { sha256, toHex } from '@icn/crypto'
import {
  decodeSignedHeader,
  genesisHash,
  headerHash,
  Limits,
  resultsHash,
  signedPower,
  TransactionReject,
  transactionsRoot,
} from '@icn/protocol'
import { createGate } from '../../testkit/src/broken-application.ts'
import { founding, givenNetwork, givenSigner, HOPELESS, proposing } from '../../testkit/src/given-network.ts'
import { openMemory, openSqlite } from '../../testkit/src/given-store.ts'
import type { Application } from '../src/index.ts'
import { createSolo } from '../src/solo/index.ts'
import { type GivenSolo, withSolo } from './given-solo.ts'

/** The smallest that a genesis may name, and what solo leaves of it for transactions. */
const SMALL_BLOCK_BYTES = 65_536
const ROOM_BYTES = SMALL_BLOCK_BYTES - 4_096

/** Proves that every block's signed header names the block before it and what is in it. */
function checkChain({ store, genesis }: GivenSolo): void {
  let previous = genesisHash(genesis)
  for (let height = 1; height <= store.committed().height; height++) {
    const block = store.block(height)
    assert.ok(block !== undefined)
    const signed = decodeSignedHeader(block.header)
    const { header } = signed
    assert.deepEqual(toHex(header.previousHash), toHex(previous))
    assert.deepEqual([header.chainId, header.height, header.timeMs], [genesis.chainId, height, block.timeMs])
    assert.equal(toHex(header.appHash), toHex(block.appHash))
    assert.equal(toHex(header.transactionsRoot), toHex(transactionsRoot(block.transactions.map(({ hash }) => hash))))
    assert.equal(toHex(header.resultsHash), toHex(resultsHash(block.transactions)))
    assert.equal(header.proposer, genesis.validators[0]?.publicKey)
    assert.deepEqual(signedPower(signed, genesis.validators), { signed: 1, total: 1 })
    previous = headerHash(signed.headerBytes)
    assert.equal(toHex(block.hash), toHex(previous))
  }
}

test('headers are signed and chained from the genesis on, across restarts', () =>
  withSolo(openSqlite, async (given) => {
    const ana = givenSigner('ana')
    const sent: Uint8Array[] = []
    for (let round = 0; round < 4; round++) {
      const bytes = ana.sign(founding(`Org ${round}`))
      const answer = await given.solo.submit(bytes, 'committed')
      assert.ok(answer.ok)
      sent.push(bytes)
      const { height, appHash } = given.solo.status()
      if (round % 2 === 0) await given.restart()
      assert.deepEqual([given.solo.status().height, toHex(given.solo.status().appHash)], [height, toHex(appHash)])
      for (const old of sent) {
        const again = await given.solo.submit(old, 'committed')
        assert.ok(!again.ok && again.code === TransactionReject.DUPLICATE)
      }
    }
    assert.ok(given.store.committed().height >= 4)
    checkChain(given)
  }))

test('what finds no room waits for the next block, in its order', () =>
  withSolo(
    openMemory,
    async (given) => {
      const org = await foundedBy(given)
      const ana = givenSigner('ana')
      const list = Array.from({ length: 24 }, (_, index) =>
        ana.sign(proposing(org, { title: `No ${index}`, text: 'x'.repeat(9_000) }), { sequence: 1 + index }),
      )
      const answers = await given.solo.submitMany(list, 'committed')
      const places = answers.map((answer) => (answer.ok ? [answer.height, answer.index] : []))
      assert.deepEqual(
        places,
        [...places].sort(([a = 0, x = 0], [b = 0, y = 0]) => a - b || x - y),
      )
      const heights = new Set(places.map(([height]) => height))
      assert.equal(heights.size, Math.ceil(24 / Math.floor(ROOM_BYTES / (list[0]?.length ?? 1))))
      checkChain(given)
    },
    { params: { maxBlockBytes: SMALL_BLOCK_BYTES } },
  ))

test('a transaction larger than any block is refused, and what waits behind it is committed', () =>
  withSolo(
    openMemory,
    async (given) => {
      const org = await foundedBy(given)
      const options = Array.from({ length: 8 }, () => ({ label: 'x'.repeat(200), actions: [], costMinor: 0 }))
      const huge = givenSigner('ana').sign(
        proposing(org, { text: '€'.repeat(Limits.textChars), method: 'plurality', options }),
        { sequence: 1 },
      )
      assert.ok(huge.length > ROOM_BYTES && huge.length <= Limits.transactionBytes)
      const small = givenSigner('ben').sign(founding())
      const [refused, committed] = await given.solo.submitMany([huge, small], 'committed')
      assert.ok(refused !== undefined && !refused.ok && refused.code === TransactionReject.TOO_LARGE)
      assert.deepEqual(refused.hash, sha256(huge))
      assert.equal(committed?.ok, true)
    },
    { params: { maxBlockBytes: SMALL_BLOCK_BYTES } },
  ))

test('accepted answers while a block is being written; refused ones alone make no block', () => {
  const held = createGate()
  const writing = createGate()
  const around = ({ commit }: Application): Partial<Application> => ({
    commit: async (signed) => {
      writing.open()
      await held.opened
      return commit(signed)
    },
  })
  return withSolo(
    openMemory,
    async ({ solo, store }) => {
      const first = solo.submit(givenSigner('ana').sign(founding()), 'committed')
      await writing.opened
      const bytes = givenSigner('ben').sign(founding())
      const accepted = await solo.submit(bytes, 'accepted')
      assert.ok(accepted.ok && accepted.height === 0)
      assert.deepEqual([store.committed().height, solo.status().mempool], [0, 2])
      held.open()
      assert.ok((await first).ok)
      assert.ok((await solo.submit(givenSigner('eve').sign(founding()), 'committed')).ok)
      const { height } = store.committed()
      for (let count = 0; count < 3; count++) {
        const refused = await solo.submit(givenSigner(`p${count}`).sign(HOPELESS), 'committed')
        assert.equal(refused.ok, false)
      }
      assert.equal(store.committed().height, height)
    },
    { around },
  )
})

test('after closing, no timer is set and the old one makes no block', () =>
  withSolo(openMemory, async ({ solo, clock, store, timerDueMs, fire, blockByTimer }) => {
    await blockByTimer()
    await solo.close()
    await solo.close()
    assert.equal(timerDueMs(), undefined)
    clock.putForward(10_000_000)
    fire()
    assert.equal(store.committed().height, 1)
  }))

test('refuses a genesis that names another validator, several, or more to come', async () => {
  const { genesis, validatorSeed } = givenNetwork()
  const own = genesis.validators[0]
  const other = { name: 'other', publicKey: publicKeyOf('other'), power: 1 }
  assert.ok(own !== undefined)
  let application: Application | undefined
  const around = (bare: Application) => {
    application = bare
    return {}
  }
  await withSolo(
    openMemory,
    async ({ store }) => {
      assert.ok(application !== undefined)
      for (const [code, validators, maxValidators] of [
        ['KEY_NOT_IN_GENESIS', [other], 1],
        ['SEVERAL_VALIDATORS', [own, other], 2],
        ['SEVERAL_VALIDATORS', [other, other], 2],
        ['MORE_TO_COME', [own], 2],
      ] as const) {
        const given = { ...genesis, validators, params: { ...genesis.params, maxValidators } }
        const setup = { application, genesis: given, validatorSeed, committed: store.committed() }
        assert.throws(() => createSolo(setup), { name: 'WrongValidators', code })
      }
    },
    { around },
  )
})

test('a node alone makes no block by which others become validators', () => {
  const updates = [{ publicKey: publicKeyOf('other'), power: 1 }]
  const around = (bare: Application): Partial<Application> => ({
    finalizeBlock: async (request) => ({ ...(await bare.finalizeBlock(request)), validatorUpdates: updates }),
  })
  return withSolo(
    openMemory,
    async ({ solo, store }) => {
      const sent = solo.submit(givenSigner('ana').sign(founding('Bakery')), 'committed')
      await assert.rejects(solo.halted, { name: 'WrongValidators', code: 'OTHERS_ADMITTED' })
      assert.equal((await sent).ok, false)
      assert.equal(store.committed().height, 0)
    },
    { around },
  )
})

test('a node of several validators refuses a development clock', () => {
  const home = mkdtempSync(join(tmpdir(), 'icn-solo-'))
  try {
    const { genesis, validatorSeed } = givenNetwork()
    const validators = [...genesis.validators, { name: 'other', publicKey: publicKeyOf('other'), power: 1 }]
    writeFileSync(join(home, 'genesis.json'), JSON.stringify({ ...genesis, validators }))
    writeFileSync(join(home, 'validator-key.json'), JSON.stringify({ seed: toHex(validatorSeed) }).replace(':', ': '))
    const main = fileURLToPath(new URL('../../../apps/node/src/main.ts', import.meta.url))
    const args = [main, 'start', '--home', home, '--http-port', '0', '--dev-clock']
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    assert.equal(status, 2, stderr)
    assert.match(stderr, /--dev-clock is for a network of one validator; this one has 2/)
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
})

function publicKeyOf(name: string): string {
  return givenSigner(name).did.slice('did:key:'.length)
}

async function foundedBy({ solo }: GivenSolo): Promise<string> {
  const body = founding('Bakery', { openProposalsPerMember: 100 })
  const answer = await solo.submit(givenSigner('ana').sign(body), 'committed')
  assert.ok(answer.ok)
  return String(answer.result.org)
}
