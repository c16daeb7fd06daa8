import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { publicKeyFromSeed, sha256, toHex } from '@icn/crypto'
import { createVerifyPool } from '@icn/crypto/verify-pool'
import {
  type Body,
  defaultParams,
  didFromPublicKey,
  type Genesis,
  publicKeyToText,
  signTransaction,
  validatorAddress,
} from '@icn/protocol'
import { createMachine } from '@icn/state-machine'
import { createOverlay, NOTHING_REPORTED, type StateStore, type ValidatorReport } from '@icn/state-machine/kernel'
import { networkRules, plannedUpgrade } from '@icn/state-machine/network'
import { createMemoryStore, openSqliteStore } from '@icn/state-store'
import { type Application, createApplication } from '../src/index.ts'

const START = Date.UTC(2026, 0, 1)
const DAY = 86_400_000
const HALF_HOUR = 1_800_000
const seedOf = (name: string) => sha256(new TextEncoder().encode(`validators ${name}`))
const textOf = (seed: Uint8Array) => publicKeyToText(publicKeyFromSeed(seed))

const ana = seedOf('ana')
const anaDid = didFromPublicKey(publicKeyFromSeed(ana))
const keys = ['a', 'b', 'c', 'd'].map(seedOf)
const genesis: Genesis = {
  chainId: 'icn-validators',
  name: 'Validators',
  timeMs: START,
  validators: keys.map((seed, index) => ({ name: `v${index}`, publicKey: textOf(seed), power: 5 })),
  params: { ...defaultParams, maxValidators: 9 },
  federation: { name: 'North', members: [{ did: anaDid, name: 'Ana' }] },
}
const [first = ''] = genesis.validators.map(({ publicKey }) => publicKey)
const verifyPool = createVerifyPool()
const folder = mkdtempSync(join(tmpdir(), 'icn-validators-'))
after(async () => {
  await verifyPool.close()
  rmSync(folder, { recursive: true, force: true })
})

/** The same blocks on both stores; every root and every update must be equal. */
function createPair(file: string) {
  const machine = createMachine({ genesis })
  const memory = createMemoryStore(machine.modules)
  const sqlite = openSqliteStore({ file: join(folder, file), modules: machine.modules })
  const stores: StateStore[] = [memory, sqlite]
  const applications = stores.map((store) => createApplication({ machine, store, verifyPool }))
  let timeMs = START
  let sequence = 0

  async function block(txs: readonly Uint8Array[] = [], report: Partial<ValidatorReport> = {}, ms = 1_000) {
    timeMs += ms
    const height = memory.committed().height + 1
    const request = { txs, height, timeMs, report: { ...NOTHING_REPORTED, ...report } }
    const [one, two] = await Promise.all(applications.map((application) => application.finalizeBlock(request)))
    assert.deepEqual(two, one, `block ${height}`)
    await Promise.all(applications.map((application) => commit(application, one?.appHash ?? new Uint8Array())))
    assert.deepEqual(
      one?.results.map(({ code }) => code),
      txs.map(() => 0),
    )
    return {
      updates: one?.validatorUpdates ?? [],
      appHash: toHex(one?.appHash ?? new Uint8Array()),
      result: one?.results[0]?.result ?? {},
    }
  }

  /** Ana's next transaction. */
  function acts(body: Body): Uint8Array {
    const envelope = { chainId: genesis.chainId, signer: anaDid, keyId: textOf(ana), expiryHeight: 90_000 }
    return signTransaction({ ...envelope, sequence: sequence++, body }, ana)
  }

  return { machine, stores, block, acts, height: () => memory.committed().height, close: () => sqlite.close() }
}

async function commit(application: Application, hash: Uint8Array): Promise<void> {
  await application.commit({ hash, header: new Uint8Array() })
}

const proposing = (org: string, actions: Extract<Body, { kind: 'proposal.new' }>['actions']): Body => ({
  kind: 'proposal.new',
  org,
  type: 'bylaw',
  title: 'Network',
  text: '',
  method: 'yes-no',
  options: [],
  actions,
  seats: 1,
  maxScore: 0,
  budgetMinor: 0,
  discussionMs: null,
  votingMs: DAY,
  amends: null,
})

test('both stores jail a validator in the same block, tell consensus once, and take it back', async () => {
  const pair = createPair('jail.db')
  const away = { missed: [validatorAddress(first)] }
  assert.deepEqual((await pair.block()).updates, [], 'consensus has the genesis already')
  const told = []
  while (pair.height() < 510)
    for (const update of (await pair.block([], away)).updates) told.push([pair.height(), update])
  // Block 2 is the first that tells of one, block 1; the 501st is block 501.
  assert.deepEqual(told, [[502, { publicKey: first, power: 0 }]])
  const key = keys[0] as Uint8Array
  const envelope = { chainId: genesis.chainId, signer: didFromPublicKey(publicKeyFromSeed(key)), keyId: textOf(key) }
  const body = { kind: 'validator.unjail', validator: validatorAddress(first) } as const
  const unjail = signTransaction({ ...envelope, sequence: 0, expiryHeight: 9_000, body }, key)
  const back = await pair.block([unjail], {}, 2 * DAY)
  assert.deepEqual(back.updates, [{ publicKey: first, power: 5 }])
  for (const store of pair.stores) pair.machine.checkInvariants(createOverlay(store))
  await pair.close()
})

test('a decision of the federation admits a node, and older rules stop before the height of an upgrade', async () => {
  const pair = createPair('decide.db')
  await pair.block()
  const federation =
    createOverlay(pair.stores[0] as StateStore)
      .open(networkRules)
      .get({ id: 'all' })?.federation ?? ''
  const nodeKey = seedOf('node')
  const about = { moniker: 'n', roles: ['validator' as const], http: [], p2p: [], region: '', capacityBytes: 0 }
  const registering = {
    kind: 'node.register',
    org: federation,
    publicKey: textOf(nodeKey),
    ...about,
    version: '1',
  } as const
  const { result } = await pair.block([pair.acts(registering)])
  const node = String(result.node)
  const signer = didFromPublicKey(publicKeyFromSeed(nodeKey))
  const beat = { kind: 'node.heartbeat', node, height: 1, version: '1', freeBytes: 0 } as const
  const envelope = { chainId: genesis.chainId, signer, keyId: textOf(nodeKey), sequence: 0, expiryHeight: 9_000 }
  await pair.block([signTransaction({ ...envelope, body: beat }, nodeKey)])
  const height = 80
  const actions = [
    { do: 'admit-validator', node, power: 5 },
    { do: 'upgrade', version: 2, name: 'Oak', height },
  ] as const
  const proposal = String((await pair.block([pair.acts(proposing(federation, [...actions]))])).result.proposal)
  await pair.block([pair.acts({ kind: 'vote.cast', proposal, ballot: 'yes', reason: '' })])
  const told = []
  // In steps that are no outage of the network.
  while (pair.height() < height - 1) told.push(...(await pair.block([], {}, HALF_HOUR)).updates)
  assert.deepEqual(told, [{ publicKey: textOf(nodeKey), power: 5 }])
  await assert.rejects(pair.block(), {
    name: 'UpgradeNeeded',
    code: 'UPGRADE_NEEDED',
    message: /version 2 of the rules/,
  })

  // A program with the newer rules goes on from the same state.
  const [store] = pair.stores as [StateStore]
  const newer = createApplication({
    machine: createMachine({ genesis, revisions: [{ version: 2 }] }),
    store,
    verifyPool,
  })
  assert.equal(newer.info().version, '2')
  const { timeMs } = store.committed()
  const request = { txs: [], height, timeMs: timeMs + 1, report: NOTHING_REPORTED }
  assert.equal(await newer.processProposal(request), true)
  const { appHash } = await newer.finalizeBlock(request)
  await newer.commit({ hash: appHash, header: new Uint8Array() })
  assert.equal(store.committed().height, height)
  assert.equal(plannedUpgrade(createOverlay(store))?.version, 2)
  await pair.close()
})
