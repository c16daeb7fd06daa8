import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { toHex } from '@icn/crypto'
import { createVerifyPool } from '@icn/crypto/verify-pool'
import { genesisHash } from '@icn/protocol'
import { createMachine } from '@icn/state-machine'
import { createOverlay, NOTHING_REPORTED } from '@icn/state-machine/kernel'
import { createSnapshots, openSqliteStore } from '@icn/state-store'
import { createRandom, createSimulator, SIMULATED_START_MS } from '@icn/testkit'
import { createApplication, type Snapshots } from '../src/index.ts'

const ROUNDS = 4
const BLOCKS = 25
const folder = mkdtempSync(join(tmpdir(), 'icn-state-sync-'))
const verifyPool = createVerifyPool()
after(async () => {
  await verifyPool.close()
  rmSync(folder, { recursive: true, force: true })
})

type Machine = ReturnType<typeof createMachine>

function openNode(machine: Machine, name: string) {
  const at = mkdtempSync(join(folder, `${name}-`))
  const stateFile = join(at, 'state.db')
  const store = openSqliteStore({ file: stateFile, modules: machine.modules })
  const snapshots = createSnapshots({
    store,
    stateFile,
    folder: join(at, 'snapshots'),
    network: genesisHash(machine.genesis),
    onFailure: (error) => assert.fail(error),
  })
  const application = createApplication({ machine, store, verifyPool })
  const close = async () => {
    await snapshots.close()
    await store.close()
  }
  return { store, snapshots, application, close }
}

/** As an engine would: what one port lists, the other takes. */
async function sync(from: Snapshots, to: Snapshots, appHash: Uint8Array): Promise<void> {
  const [info] = await from.list()
  assert.ok(info !== undefined)
  assert.equal(await to.offer(info, appHash), 'accept')
  for (let index = 0; index < info.chunks; index++) {
    const chunk = await from.load(info.height, info.format, index)
    assert.deepEqual(await to.apply(index, chunk ?? new Uint8Array(), 'peer'), { result: 'accept' })
  }
}

test('a node that was synced answers every further block as the one that saw all, whatever is in it', async () => {
  const seed = Date.now() % 1_000_000
  const random = createRandom(seed)
  for (let round = 0; round < ROUNDS; round++) {
    const about = `seed ${seed}, round ${round}`
    const simulator = createSimulator(random, { people: 16, size: 16 })
    const machine = createMachine({ genesis: simulator.genesis })
    const node = openNode(machine, 'node')
    const synced = openNode(machine, 'synced')
    const syncAt = 5 + random.below(15)
    const seen: Uint8Array[] = []
    let timeMs = SIMULATED_START_MS
    for (let height = 1; height <= BLOCKS; height++) {
      timeMs += random.pick([1_000, 1_800_000, 7_200_000])
      const own = simulator.nextBlock(height, timeMs)
      // Also what is on the ledger already: a synced node does not know its hash, and must say the same.
      const txs = seen.length === 0 || random.chance(0.5) ? own : [...own, random.pick(seen)]
      const request = { txs, height, timeMs, report: NOTHING_REPORTED }
      const made = await node.application.finalizeBlock(request)
      simulator.learn(made.results.slice(0, own.length))
      const signed = { hash: made.appHash, header: made.appHash }
      const committed = await node.application.commit(signed)
      seen.push(...own)
      if (height > syncAt) {
        assert.deepEqual(await synced.application.finalizeBlock(request), made, about)
        assert.deepEqual(await synced.application.commit(signed), committed, about)
      }
      if (height === syncAt) {
        await node.snapshots.make()
        // What it remembers of the empty store must not survive: a block of this height, and what a signer has left.
        await synced.application.processProposal({ ...request, height: 1 })
        for (const bytes of own) await synced.application.checkTx(bytes, 'new')
        await sync(node.snapshots, synced.snapshots, made.appHash)
        synced.application.reload()
        assert.equal(synced.application.nextDueMs(), node.application.nextDueMs(), about)
        assert.deepEqual(synced.application.info(), node.application.info(), about)
        assert.equal(synced.store.keptFrom(), height + 1)
        machine.checkInvariants(createOverlay(synced.store))
      }
    }
    assert.equal(toHex(synced.store.committed().appHash), toHex(node.store.committed().appHash), about)
    const [one, two] = [await node.snapshots.make(), await synced.snapshots.make()]
    assert.ok(one !== undefined)
    assert.deepEqual(two, one, about)
    synced.store.verifyAll()
    await node.close()
    await synced.close()
  }
})
