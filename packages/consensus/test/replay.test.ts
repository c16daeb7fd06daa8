import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { toHex } from '@icn/crypto'
import { createVerifyPool } from '@icn/crypto/verify-pool'
import { rejects, TransactionReject } from '@icn/protocol'
import { createMachine } from '@icn/state-machine'
import { createOverlay } from '@icn/state-machine/kernel'
import { createMemoryStore, openSqliteStore } from '@icn/state-store'
import { createRandom, createSimulator, SIMULATED_START_MS } from '@icn/testkit'
import { createApplication } from '../src/index.ts'

const BLOCKS = 60
const TIME_STEPS_MS = [1_000, 60_000, 1_800_000, 3_500_000, 7_200_000]

test('random blocks give equal roots in memory and in SQLite reopened after every block, proposed or foreign', async (t) => {
  const seed = Date.now() % 1_000_000
  const random = createRandom(seed)
  const simulator = createSimulator(random, { people: 24, size: 24 })
  const machine = createMachine({ genesis: simulator.genesis })
  const folder = mkdtempSync(join(tmpdir(), 'icn-replay-'))
  const verifyPool = createVerifyPool()
  const memory = createMemoryStore(machine.modules)
  const producer = createApplication({ machine, store: memory, verifyPool })
  const codes = new Map<number, number>()
  try {
    let timeMs = SIMULATED_START_MS
    for (let height = 1; height <= BLOCKS; height++) {
      timeMs += random.pick(TIME_STEPS_MS)
      const txs = simulator.nextBlock(height, timeMs)
      const proposal = await producer.prepareProposal({ txs, height, timeMs, maxTxBytes: 1_000_000 })
      const made = await producer.finalizeBlock({ txs: proposal.txs, height, timeMs })
      await producer.commit({ hash: made.appHash, header: made.appHash })
      const refusals = new Map(proposal.refused.map(({ bytes, check }) => [bytes, check.code]))
      const results = made.results.values()
      simulator.learn(
        txs.map((bytes) => ({
          code: refusals.get(bytes) ?? 0,
          result: refusals.has(bytes) ? {} : (results.next().value?.result ?? {}),
        })),
      )
      for (const bytes of txs) codes.set(refusals.get(bytes) ?? 0, (codes.get(refusals.get(bytes) ?? 0) ?? 0) + 1)

      const store = openSqliteStore({ file: join(folder, 'state.db'), modules: machine.modules })
      const follower = createApplication({ machine, store, verifyPool })
      assert.equal(await follower.processProposal({ txs: proposal.txs, height, timeMs }), true)
      const followed = await follower.finalizeBlock({ txs: proposal.txs, height, timeMs })
      assert.equal(toHex(followed.appHash), toHex(made.appHash), `seed ${seed}, height ${height}`)
      assert.deepEqual(followed.results, made.results)
      await follower.commit({ hash: made.appHash, header: made.appHash })
      machine.checkInvariants(createOverlay(store))
      await store.close()
    }
    const known = new Set<number>([0, ...Object.values(rejects)])
    assert.deepEqual(
      [...codes.keys()].filter((code) => !known.has(code)),
      [],
    )
    assert.ok((codes.get(0) ?? 0) > BLOCKS, `seed ${seed}: too little was accepted to prove anything`)
    assert.ok(codes.has(TransactionReject.BAD_SEQUENCE), `seed ${seed}: nothing was refused`)
    t.diagnostic(`seed ${seed}: ${codes.get(0)} accepted, ${codes.size - 1} different refusals`)
  } finally {
    await verifyPool.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
