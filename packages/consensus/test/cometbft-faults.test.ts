import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as elapsed } from 'node:timers/promises'
import { sha256, toHex } from '@icn/crypto'
import { createVerifyPool } from '@icn/crypto/verify-pool'
import { type NetworkParams, TransactionReject } from '@icn/protocol'
import { decodeLightBlock } from '@icn/protocol/light'
import { createMachine } from '@icn/state-machine'
import type { StateStore } from '@icn/state-machine/kernel'
import { openSqliteStore } from '@icn/state-store'
import { createGate } from '../../testkit/src/broken-application.ts'
import { founding, givenNetwork, givenSigner } from '../../testkit/src/given-network.ts'
import { openMemory } from '../../testkit/src/given-store.ts'
import { withoutCometbft } from '../../testkit/src/kvstore-network.ts'
import { type CometBftOptions, type CometConfigOptions, createRpc } from '../src/cometbft/index.ts'
import { type Application, createApplication } from '../src/index.ts'
import type { LastWords } from './cometbft-process.ts'
import { type Pair, startPair } from './given-cometbft.ts'
import { withLedger } from './given-ledger.ts'

/** One worker for the whole file; it keeps nothing alive. */
const verifyPool = createVerifyPool()
const REAL = { skip: withoutCometbft }

type Around = (application: Application) => Partial<Application>

interface Options {
  readonly folder?: string
  readonly config?: Partial<CometConfigOptions>
  readonly engine?: Partial<CometBftOptions>
  readonly around?: Around
  readonly params?: Partial<NetworkParams>
}

/** A pair on a SQLite store in a folder of its own, or in one that another process left. */
async function withPair(work: (pair: Pair, store: StateStore) => Promise<void>, options: Options = {}): Promise<void> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'icn-comet-'))
  const { genesis, validatorSeed } = givenNetwork(options.params)
  const machine = createMachine({ genesis })
  const store = openSqliteStore({ file: join(folder, 'node.db'), modules: machine.modules })
  const bare = createApplication({ machine, store, verifyPool })
  const application = { ...bare, ...options.around?.(bare) }
  const setup = { application, genesis, validatorSeed, committed: store.committed(), maxWaiting: 1_000, folder }
  const pair = await startPair({ ...setup, engine: options.engine ?? {}, config: options.config ?? {} })
  try {
    await work(pair, store)
  } finally {
    await pair.dispose()
    await store.close()
  }
}

/** Holds back every proposal with transactions until a test opens it. */
function holdingProposals(held: { readonly opened: Promise<void> }): Around {
  return ({ prepareProposal }) => ({
    prepareProposal: async (request) => {
      if (request.txs.length > 0) await held.opened
      return prepareProposal(request)
    },
  })
}

/** Waits until a process that is not ours is gone; it ends by itself when its application is. */
async function untilGone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0)
    } catch {
      return
    }
    await elapsed(20)
  }
}

/** Waits until something is in CometBFT's pool. */
async function untilHandedOver({ rpcUrl }: Pair): Promise<void> {
  const rpc = createRpc(rpcUrl)
  let count = 0
  while (count === 0) count = Number(((await rpc.call('num_unconfirmed_txs')) as { readonly n_txs: string }).n_txs)
  rpc.close()
}

for (const step of ['before-commit', 'after-commit'] as const) {
  test(`killed ${step}, the node comes to the same root when it starts again`, REAL, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'icn-comet-'))
    const script = new URL('./cometbft-process.ts', import.meta.url).pathname
    const child = spawn(process.execPath, [script, folder, step], { stdio: ['ignore', 'pipe', 'inherit'] })
    let printed = ''
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString('utf8')))
    const [, signal] = await once(child, 'close')
    assert.equal(signal, 'SIGKILL')
    const words = JSON.parse(printed) as LastWords
    await untilGone(words.cometBftPid)
    await withPair(
      async ({ engine }, store) => {
        const bytes = givenSigner('ana').sign(founding())
        const again = await engine.submit(bytes, 'committed')
        assert.deepEqual(again, { ok: false, hash: sha256(bytes), code: TransactionReject.DUPLICATE, detail: {} })
        assert.equal(toHex(store.block(words.height)?.appHash ?? new Uint8Array()), words.appHash)
        assert.equal(store.transaction(sha256(bytes))?.height, words.height)
        const next = givenSigner('ben').sign(founding('Next'))
        assert.ok((await engine.submit(next, 'committed')).ok)
      },
      { folder },
    )
  })
}

for (const isAlone of [false, true]) {
  const who = isAlone ? 'a validator that is alone' : 'one of several'
  test(`what waits at ${who} when CometBFT is killed comes into a block of the next one`, REAL, async () => {
    const held = createGate()
    await withPair(
      async (pair, store) => {
        const ana = givenSigner('ana')
        const list = Array.from({ length: 20 }, (_, index) => ana.sign(founding(`Org ${index}`)))
        const accepted = await pair.engine.submitMany(list, 'accepted')
        assert.ok(accepted.every(({ ok }) => ok))
        const answers = pair.engine.submitMany(list, 'committed')
        await untilHandedOver(pair)
        pair.process().process.kill('SIGKILL')
        await pair.process().ended
        held.open()
        const late = pair.engine.submit(givenSigner('ben').sign(founding()), 'committed')
        // It joins what waits where nothing has to be handed over.
        if (!isAlone) assert.deepEqual(await late, { ...(await late), ok: false, code: 0, unavailable: true })
        await pair.start()
        if (isAlone) assert.ok((await late).ok)
        for (const [index, answer] of (await answers).entries()) {
          assert.ok(answer.ok, JSON.stringify(answer))
          assert.equal(store.transaction(sha256(list[index] as Uint8Array))?.height, answer.height)
        }
      },
      { around: holdingProposals(held), engine: { isAlone: () => isAlone } },
    )
  })
}

test('what came to CometBFT by another way is waited for, or named a duplicate', REAL, async () => {
  const held = createGate()
  await withPair(
    async ({ engine, rpcUrl }, store) => {
      const rpc = createRpc(rpcUrl)
      const bytes = givenSigner('ana').sign(founding())
      await rpc.call('broadcast_tx_sync', { tx: Buffer.from(bytes).toString('base64') })
      assert.deepEqual(await engine.submit(bytes, 'accepted'), {
        ok: true,
        hash: sha256(bytes),
        height: 0,
        index: 0,
        result: {},
      })
      const answer = engine.submit(bytes, 'committed')
      held.open()
      const { ok } = await answer
      assert.ok(ok && store.transaction(sha256(bytes)) !== undefined)
      const again = await engine.submit(bytes, 'committed')
      assert.equal(again.ok ? 0 : again.code, TransactionReject.DUPLICATE)
      rpc.close()
    },
    { around: holdingProposals(held) },
  )
})

test('a full pool of CometBFT is told as busy, and what is in it is not lost', REAL, async () => {
  const held = createGate()
  await withPair(
    async ({ engine }, store) => {
      const list = Array.from({ length: 6 }, (_, index) => givenSigner(`p${index}`).sign(founding(`Org ${index}`)))
      const fits = list.slice(0, 4)
      const accepted = await engine.submitMany(fits, 'accepted')
      assert.ok(accepted.every(({ ok }) => ok))
      const answers = engine.submitMany(fits, 'committed')
      for (const bytes of list.slice(4)) {
        assert.deepEqual(await engine.submit(bytes, 'committed'), {
          ok: false,
          hash: sha256(bytes),
          code: 0,
          detail: {},
        })
      }
      held.open()
      for (const answer of await answers) assert.ok(answer.ok, JSON.stringify(answer))
      for (const bytes of list.slice(4)) assert.equal(store.transaction(sha256(bytes)), undefined)
    },
    { around: holdingProposals(held), config: { mempoolSize: 4 }, engine: { poolSize: 4 } },
  )
})

test('many that do not fit beside what waits are refused at once; an idle node takes what fits', REAL, async () => {
  const held = createGate()
  await withPair(
    async ({ engine }, store) => {
      const list = Array.from({ length: 7 }, (_, index) => givenSigner(`p${index}`).sign(founding(`Org ${index}`)))
      const first = engine.submitMany(list.slice(0, 5), 'committed')
      const busy = (bytes: Uint8Array) => ({ ok: false, hash: sha256(bytes), code: 0, detail: {} })
      // No proposal is made yet, so this answer does not wait for one.
      const second = await engine.submitMany(list.slice(5), 'committed')
      assert.deepEqual(second, list.slice(5).map(busy))
      held.open()
      const answers = await first
      assert.deepEqual(
        answers.map(({ ok }) => ok),
        [true, true, true, true, false],
      )
      assert.equal(store.transaction(sha256(list[4] as Uint8Array)), undefined)
    },
    { around: holdingProposals(held), config: { mempoolSize: 4 }, engine: { poolSize: 4 } },
  )
})

test('more than a block holds comes into several, each as full as CometBFT takes it', REAL, async () => {
  const maxBlockBytes = 65_536
  await withPair(
    async ({ engine }, store) => {
      const list = Array.from({ length: 500 }, (_, index) => givenSigner(`p${index}`).sign(founding()))
      assert.ok((await engine.submitMany(list, 'committed')).every(({ ok }) => ok))
      const heights = Array.from({ length: store.committed().height }, (_, index) => index + 1)
      const sizes = heights.map((height) =>
        (store.block(height)?.transactions ?? []).reduce((sum, { bytes }) => sum + bytes.length, 0),
      )
      assert.ok(Math.max(...sizes) > maxBlockBytes * 0.9, `blocks of ${sizes} bytes`)
    },
    { params: { maxBlockBytes }, engine: { isAlone: () => true } },
  )
})

test('blocks of CometBFT give the same roots when they are executed without it', REAL, async () => {
  await withPair(async ({ engine }, store) => {
    for (let round = 0; round < 3; round++) {
      const list = Array.from({ length: 20 }, (_, index) => givenSigner(`p${round}-${index}`).sign(founding()))
      assert.ok((await engine.submitMany(list, 'committed')).every(({ ok }) => ok))
    }
    const { height: last } = store.committed()
    // The signed header of the next height proves the state after this one.
    const proof = decodeLightBlock((await engine.lightBlock?.(last)) ?? new Uint8Array(0))
    assert.equal(proof.header.height, last)
    assert.equal(toHex(proof.header.appHash), toHex(store.block(last - 1)?.appHash ?? new Uint8Array(0)))
    await withLedger(openMemory, async ({ application }) => {
      assert.ok(last >= 3)
      for (let height = 1; height <= last; height++) {
        const block = store.block(height)
        assert.ok(block !== undefined)
        const { timeMs, hash, header, report } = block
        const txs = block.transactions.map(({ bytes }) => bytes)
        const final = await application.finalizeBlock({ txs, height, timeMs, report })
        assert.equal(toHex(final.appHash), toHex(block.appHash), `block ${height}`)
        assert.equal(header.length, 0)
        await application.commit({ hash, header })
      }
    })
  })
})
