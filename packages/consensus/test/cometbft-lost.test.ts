/** What is lost between the node and a real CometBFT, and what those are told who wait meanwhile. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { sha256 } from '@icn/crypto'
import { createVerifyPool } from '@icn/crypto/verify-pool'
import { TransactionReject } from '@icn/protocol'
import { createMachine } from '@icn/state-machine'
import type { StateStore } from '@icn/state-machine/kernel'
import { CheckTxType, Request } from 'cosmjs-types/tendermint/abci/types'
import { createGate } from '../../testkit/src/broken-application.ts'
import { founding, givenNetwork, givenSigner } from '../../testkit/src/given-network.ts'
import { openMemory } from '../../testkit/src/given-store.ts'
import { withoutCometbft } from '../../testkit/src/kvstore-network.ts'
import { createFrameReader } from '../src/cometbft/frames.ts'
import { type CometBftOptions, createRpc, type SlowSubmission } from '../src/cometbft/index.ts'
import { type Application, createApplication, type Submission } from '../src/index.ts'
import { type Pair, startPair } from './given-cometbft.ts'

const REAL = { skip: withoutCometbft }
const verifyPool = createVerifyPool()
after(() => verifyPool.close())

interface Options {
  readonly engine?: Partial<CometBftOptions>
  readonly around?: (application: Application) => Partial<Application>
}

/** Between CometBFT and the node: what is swallowed here CometBFT believes to be on its way. */
interface Between {
  /** Resolves when it has swallowed a check of a new transaction. */
  swallow(): Promise<void>
  pass(): void
}

async function withPair(
  work: (pair: Pair, store: StateStore, between: Between) => Promise<void>,
  { engine = {}, around = () => ({}) }: Options = {},
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'icn-lost-'))
  const { genesis, validatorSeed } = givenNetwork()
  const machine = createMachine({ genesis })
  const { store, dispose } = openMemory(machine.modules)
  const bare = createApplication({ machine, store, verifyPool })
  const application = { ...bare, ...around(bare) }
  const between = await standBetween(join(folder, 'between.sock'), join(folder, 'abci.sock'))
  const config = { proxyApp: `unix://${join(folder, 'between.sock')}` }
  const setup = { application, genesis, validatorSeed, committed: store.committed(), maxWaiting: 1_000, folder }
  const pair = await startPair({ ...setup, engine, config })
  try {
    await work(pair, store, between)
  } finally {
    await pair.dispose()
    between.close()
    await dispose()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function standBetween(path: string, to: string): Promise<Between & { close(): void }> {
  const sockets = new Set<Socket>()
  let onSwallowed: (() => void) | undefined
  const server = createServer((comet) => {
    const node = connect(to)
    const reader = createFrameReader()
    let swallows = false
    for (const socket of [comet, node]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.once('close', () => [comet, node].map((end) => end.destroy()))
    }
    node.pipe(comet)
    comet.on('data', (chunk: Buffer) => {
      const isCheck = reader.read(chunk).some(isNewCheck)
      swallows ||= isCheck && onSwallowed !== undefined
      if (!swallows) node.write(chunk)
      else onSwallowed?.()
    })
  })
  server.listen(path)
  await once(server, 'listening')
  return {
    swallow: () => new Promise((resolve) => (onSwallowed = resolve)),
    pass: () => (onSwallowed = undefined),
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

function isNewCheck(bytes: Uint8Array): boolean {
  return Request.decode(bytes).checkTx?.type === CheckTxType.NEW
}

function unknown(bytes: Uint8Array): Submission {
  return { ok: false, hash: sha256(bytes), code: 0, detail: {}, unavailable: true }
}

/** In a block, by this answer or by one before it. */
function assertIsIn(store: StateStore, bytes: Uint8Array, answer: Submission): void {
  assert.ok(answer.ok || answer.code === TransactionReject.DUPLICATE, JSON.stringify(answer))
  assert.ok(store.transaction(sha256(bytes)) !== undefined)
}

for (const isAlone of [false, true]) {
  const who = isAlone ? 'a validator that is alone' : 'one of several'
  test(`what CometBFT took from ${who} and never asked about comes into a block of the next one`, REAL, async () => {
    await withPair(
      async ({ engine, rpcUrl, process, start }, store, between) => {
        const bytes = givenSigner('ana').sign(founding())
        const swallowed = between.swallow()
        const answer = engine.submit(bytes, 'committed')
        await swallowed
        // Its answer to the node was written before this one.
        const rpc = createRpc(rpcUrl)
        await rpc.call('health')
        rpc.close()
        process().process.kill('SIGKILL')
        await process().ended
        between.pass()
        await start()
        const committed = await answer
        assert.ok(committed.ok, JSON.stringify(committed))
        assert.equal(store.transaction(sha256(bytes))?.height, committed.height)
      },
      { engine: { isAlone: () => isAlone } },
    )
  })

  test(
    `${who} that makes no block with it tells who waits, and says where it is; sent again it waits on`,
    REAL,
    async () => {
      const held = createGate()
      const slow: SlowSubmission[] = []
      const onSlow = (told: SlowSubmission) => slow.push(told)
      await withPair(
        async ({ engine }, store) => {
          const bytes = givenSigner('ana').sign(founding())
          assert.deepEqual(await engine.submit(bytes, 'committed'), unknown(bytes))
          assert.deepEqual(
            slow.map(({ hash, whereabouts, waiting }) => [hash, whereabouts, waiting]),
            [[sha256(bytes), 'waits for a block', 1]],
          )
          assert.ok((await engine.submit(bytes, 'accepted')).ok)
          held.open()
          let answer = await engine.submit(bytes, 'committed')
          while (!answer.ok && answer.unavailable) answer = await engine.submit(bytes, 'committed')
          assertIsIn(store, bytes, answer)
        },
        {
          engine: { isAlone: () => isAlone, answerWithinMs: 1_000, onSlow },
          around: ({ prepareProposal }) => ({
            prepareProposal: async (request) => {
              if (request.txs.length > 0) await held.opened
              return prepareProposal(request)
            },
          }),
        },
      )
    },
  )

  test(`${who} whose CometBFT hangs tells who waits, and goes on when it does`, REAL, async () => {
    const slow: SlowSubmission[] = []
    const onSlow = (told: SlowSubmission) => slow.push(told)
    await withPair(
      async ({ engine, process }, store) => {
        const ana = givenSigner('ana')
        const first = ana.sign(founding())
        assert.ok((await engine.submit(first, 'committed')).ok)
        const bytes = ana.sign(founding('Second'))
        process().process.kill('SIGSTOP')
        assert.deepEqual(await engine.submit(bytes, 'committed'), unknown(bytes))
        assert.equal(slow[0]?.whereabouts, isAlone ? 'waits for a block' : 'handed over')
        process().process.kill('SIGCONT')
        let answer = await engine.submit(bytes, 'committed')
        while (!answer.ok && answer.unavailable) answer = await engine.submit(bytes, 'committed')
        assertIsIn(store, bytes, answer)
      },
      { engine: { isAlone: () => isAlone, answerWithinMs: 1_000, onSlow } },
    )
  })
}

test('what waits at a validator alone comes into a block when others propose too from then on', REAL, async () => {
  let isAlone = true
  const held = createGate()
  await withPair(
    async ({ engine }, store) => {
      const ana = givenSigner('ana')
      const signed = Array.from({ length: 30 }, (_, index) => ana.sign(founding(`Org ${index}`)))
      const accepted = await engine.submitMany(signed, 'accepted')
      assert.ok(accepted.every(({ ok }) => ok))
      const answers = engine.submitMany(signed, 'committed')
      isAlone = false
      held.open()
      for (const [index, answer] of (await answers).entries()) assertIsIn(store, signed[index] as Uint8Array, answer)
    },
    {
      engine: { isAlone: () => isAlone },
      around: ({ prepareProposal }) => ({
        prepareProposal: async (request) => {
          if (request.txs.length > 0) await held.opened
          // Another validator's block, which has nothing of what waits here.
          return isAlone || request.txs.length > 1 ? prepareProposal(request) : { txs: [], refused: [] }
        },
      }),
    },
  )
})
