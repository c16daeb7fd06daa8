import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { toHex } from '@icn/crypto'
import { createVerifyPool } from '@icn/crypto/verify-pool'
import { rejects, TransactionReject, validatorAddress } from '@icn/protocol'
import { createMachine } from '@icn/state-machine'
import { createOverlay, type ValidatorReport } from '@icn/state-machine/kernel'
import { createMemoryStore, openSqliteStore } from '@icn/state-store'
import { createRandom, createSimulator, type Random, SIMULATED_START_MS } from '@icn/testkit'
import { createApplication, type Submission } from '../src/index.ts'
import { createDevClock, createSolo } from '../src/solo/index.ts'
import type { RecordedBlock, RecordedBlocks } from './replay-elsewhere.ts'

const BLOCKS = 60
const TIME_STEPS_MS = [1_000, 60_000, 1_800_000, 3_500_000, 7_200_000]
const run = promisify(execFile)

const folder = mkdtempSync(join(tmpdir(), 'icn-replay-'))
const verifyPool = createVerifyPool()
after(async () => {
  await verifyPool.close()
  rmSync(folder, { recursive: true, force: true })
})

test('random blocks give equal roots in memory, in SQLite reopened after every block, and in another place and time', async (t) => {
  const seed = Date.now() % 1_000_000
  const random = createRandom(seed)
  const simulator = createSimulator(random, { people: 24, size: 24, validators: 4 })
  const { genesis } = simulator
  const addresses = genesis.validators.map(({ publicKey }) => validatorAddress(publicKey))
  const machine = createMachine({ genesis })
  const memory = createMemoryStore(machine.modules)
  const producer = createApplication({ machine, store: memory, verifyPool })
  const codes = new Map<number, number>()
  const blocks: RecordedBlock[] = []
  const roots: string[] = []
  let timeMs = SIMULATED_START_MS
  for (let height = 1; height <= BLOCKS; height++) {
    timeMs += random.pick(TIME_STEPS_MS)
    const txs = simulator.nextBlock(height, timeMs)
    const proposal = await producer.prepareProposal({ txs, height, timeMs, maxTxBytes: 1_000_000 })
    const request = { txs: proposal.txs, height, timeMs, report: reportOf(height, addresses) }
    const made = await producer.finalizeBlock(request)
    const produced = await producer.commit({ hash: made.appHash, header: made.appHash })
    const refusals = new Map(proposal.refused.map(({ bytes, check }) => [bytes, check.code]))
    const results = made.results.values()
    simulator.learn(
      txs.map((bytes) => ({
        code: refusals.get(bytes) ?? 0,
        result: refusals.has(bytes) ? {} : (results.next().value?.result ?? {}),
      })),
    )
    for (const bytes of txs) codes.set(refusals.get(bytes) ?? 0, (codes.get(refusals.get(bytes) ?? 0) ?? 0) + 1)
    blocks.push({ timeMs, txs: proposal.txs.map(toHex), report: request.report })
    roots.push(toHex(made.appHash))

    const about = `seed ${seed}, height ${height}`
    const follower = openFollower(machine)
    if (random.chance(0.3)) {
      // The process ends between finalizing and committing; the next one does it again.
      assert.equal(toHex((await follower.application.finalizeBlock(request)).appHash), toHex(made.appHash), about)
      await follower.reopen()
      assert.equal(follower.application.info().height, height - 1)
    }
    assert.equal(await follower.application.processProposal(request), true, about)
    const followed = await follower.application.finalizeBlock(request)
    assert.deepEqual(followed, made, about)
    assert.deepEqual(await follower.application.commit({ hash: made.appHash, header: made.appHash }), produced, about)
    machine.checkInvariants(createOverlay(follower.store))
    await follower.store.close()
  }
  const known = new Set<number>([0, ...Object.values(rejects)])
  assert.deepEqual(
    [...codes.keys()].filter((code) => !known.has(code)),
    [],
  )
  assert.ok((codes.get(0) ?? 0) > BLOCKS, `seed ${seed}: too little was accepted to prove anything`)
  assert.ok(codes.has(TransactionReject.BAD_SEQUENCE), `seed ${seed}: nothing was refused`)
  const elsewhere = await replayElsewhere({ genesis, blocks }, random)
  assert.deepEqual(elsewhere, roots, `seed ${seed}`)
  t.diagnostic(`seed ${seed}: ${codes.get(0)} accepted, ${codes.size - 1} different refusals`)
})

test('what solo makes of random submissions is acceptable to any other node, with the same roots and answers', async () => {
  const seed = Date.now() % 1_000_000
  const random = createRandom(seed)
  const simulator = createSimulator(random, { people: 24, size: 24 })
  const { genesis, validatorSeed } = simulator
  const machine = createMachine({ genesis })
  const store = createMemoryStore(machine.modules)
  const clock = createDevClock({ now: () => SIMULATED_START_MS })
  const application = createApplication({ machine, store, verifyPool })
  const committed = store.committed()
  const solo = createSolo({ application, genesis, validatorSeed, committed, clock, timer: () => () => {} })
  const answers: Submission[] = []
  for (let round = 0; round < 25; round++) {
    const { height } = store.committed()
    const own = await solo.submitMany(simulator.nextBlock(height + 1, clock.now()), 'committed')
    simulator.learn(own.map((answer) => (answer.ok ? { code: 0, result: answer.result } : { ...answer, result: {} })))
    answers.push(...own)
    await solo.advance(clock, random.pick(TIME_STEPS_MS))
  }
  await solo.close()

  const other = createMemoryStore(machine.modules)
  const follower = createApplication({ machine, store: other, verifyPool })
  for (let height = 1; height <= store.committed().height; height++) {
    const block = store.block(height)
    assert.ok(block !== undefined)
    const request = {
      txs: block.transactions.map(({ bytes }) => bytes),
      height,
      timeMs: block.timeMs,
      report: block.report,
    }
    const about = `seed ${seed}, height ${height}`
    assert.equal(await follower.processProposal(request), true, about)
    assert.equal(toHex((await follower.finalizeBlock(request)).appHash), toHex(block.appHash), about)
    await follower.commit({ hash: block.hash, header: block.header })
    assert.deepEqual(other.block(height), block, about)
  }
  for (const answer of answers) {
    const found = other.transaction(answer.hash)
    if (answer.ok) assert.deepEqual([found?.height, found?.index], [answer.height, answer.index], `seed ${seed}`)
    else assert.equal(found, undefined, `seed ${seed}`)
  }
  assert.ok(answers.filter(({ ok }) => ok).length > 25, `seed ${seed}: too little was accepted to prove anything`)
})

function openFollower(machine: ReturnType<typeof createMachine>) {
  const open = () => {
    const store = openSqliteStore({ file: join(folder, 'state.db'), modules: machine.modules })
    return { store, application: createApplication({ machine, store, verifyPool }) }
  }
  let now = open()
  return {
    get application() {
      return now.application
    },
    get store() {
      return now.store
    },
    reopen: async () => {
      await now.store.close()
      now = open()
    },
  }
}

/** The roots of the same blocks in a process with another time zone, locale and clock. */
async function replayElsewhere(recorded: RecordedBlocks, random: Random): Promise<string[]> {
  const zones = [
    ['Asia/Kathmandu', 5],
    ['Pacific/Kiritimati', 13],
    ['America/St_Johns', 20],
  ] as const
  const [zone, hour] = random.pick(zones.filter((other) => other[1] !== new Date(0).getHours()))
  const file = join(folder, 'blocks.json')
  writeFileSync(file, JSON.stringify(recorded))
  const script = fileURLToPath(new URL('./replay-elsewhere.ts', import.meta.url))
  const env = { ...process.env, TZ: zone, LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' }
  const { stdout } = await run(process.execPath, [script, folder, file], { env })
  const answer = JSON.parse(stdout) as { roots: string[]; hour: number; nowMs: number }
  assert.equal(answer.hour, hour, `the replay ran in ${zone}`)
  assert.ok(answer.nowMs < SIMULATED_START_MS, 'the replay ran by another clock')
  return answer.roots
}

/** Whatever consensus may say, it is kept with the block and given again. */
function reportOf(height: number, [validator = '', other = '']: readonly string[]): ValidatorReport {
  const lies = [{ validator, height: height - 1, timeMs: SIMULATED_START_MS, kind: 'duplicate-vote' as const }]
  return { proposer: other, missed: height % 3 === 0 ? [validator] : [], misbehaviour: height % 29 === 0 ? lies : [] }
}
