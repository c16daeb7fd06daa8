import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { toHex } from '@icn/crypto'
import { genesisHash, TransactionReject } from '@icn/protocol'
import { CheckTxType, Request, Response } from 'cosmjs-types/tendermint/abci/types'
import fc from 'fast-check'
import { founding, givenNetwork, givenSigner } from '../../testkit/src/given-network.ts'
import { openMemory } from '../../testkit/src/given-store.ts'
import { createAbciHandler } from '../src/cometbft/abci-handler.ts'
import { type AbciServer, serveAbci } from '../src/cometbft/abci-server.ts'
import { createFrameReader, frame } from '../src/cometbft/frames.ts'
import type { Application } from '../src/index.ts'
import { withLedger } from './given-ledger.ts'

type Call = { readonly [K in keyof Request]?: Request[K] | undefined }

/** One connection as CometBFT would have it. */
interface Peer {
  readonly socket: Socket
  send(...requests: readonly Call[]): void
  /** The next answers, in their order. */
  receive(count: number): Promise<Response[]>
  readonly closed: Promise<unknown>
}

interface Served {
  readonly application: Application
  readonly server: AbciServer
  readonly failures: readonly unknown[]
  dial(): Promise<Peer>
}

async function withServer(
  work: (served: Served) => Promise<void>,
  around: (application: Application) => Partial<Application> = () => ({}),
  beginsAfter = 0,
): Promise<void> {
  await withLedger(openMemory, async ({ application: bare }) => {
    const application = { ...bare, ...around(bare) }
    const failures: unknown[] = []
    const handler = createAbciHandler({
      application,
      genesis: givenNetwork().genesis,
      beginsAfter,
      retainHeight: () => 0,
      onHandshake: async () => {},
      onFailure: (error) => failures.push(error),
    })
    const server = await serveAbci({ port: 0 }, handler)
    const peers: Socket[] = []
    const dial = async () => {
      const socket = connect(Number(server.address.split(':').at(-1)), '127.0.0.1')
      peers.push(socket)
      socket.on('error', () => {})
      await once(socket, 'connect')
      return peerOf(socket)
    }
    try {
      await work({ application, server, failures, dial })
    } finally {
      for (const socket of peers) socket.destroy()
      await server.close()
    }
  })
}

function peerOf(socket: Socket): Peer {
  const reader = createFrameReader()
  const arrived: Response[] = []
  let waiting: (() => void) | undefined
  socket.on('data', (chunk: Buffer) => {
    arrived.push(...reader.read(chunk).map((bytes) => Response.decode(bytes)))
    waiting?.()
  })
  const closed = once(socket, 'close')
  return {
    socket,
    closed,
    send: (...requests) =>
      void socket.write(Buffer.concat(requests.map((request) => frame(Request.encode(request as Request).finish())))),
    receive: async (count) => {
      while (arrived.length < count) {
        const { promise, resolve } = Promise.withResolvers<void>()
        waiting = resolve
        await Promise.race([promise, closed.then(() => assert.fail('closed before the answer'))])
      }
      return arrived.splice(0, count)
    },
  }
}

const FLUSH = { flush: {} }

function checking(tx: Uint8Array, type = CheckTxType.NEW): Call {
  return { checkTx: { tx, type } }
}

function isNoRequest(bytes: Uint8Array): boolean {
  try {
    return Object.values(Request.decode(bytes)).every((value) => value === undefined)
  } catch {
    return true
  }
}

function kinds(responses: readonly Response[]): string[] {
  return responses.map((response) => Object.entries(response).find(([, value]) => value !== undefined)?.[0] ?? '')
}

test('answers keep the order of their connection, and a flush is answered at once', () =>
  withServer(async ({ dial }) => {
    const peer = await dial()
    const list = Array.from({ length: 300 }, (_, index) => givenSigner(`p${index}`).sign(founding(`Org ${index}`)))
    const requests = list.map((tx, index) => checking(index % 7 === 0 ? tx.subarray(1) : tx))
    peer.send(
      ...requests,
      FLUSH,
      { echo: { message: 'here' } },
      { query: { data: new Uint8Array(), path: '/', height: 0n, prove: false } },
    )
    const answers = await peer.receive(303)
    for (const [index, { checkTx }] of answers.slice(0, 300).entries()) {
      assert.equal(checkTx?.code, index % 7 === 0 ? TransactionReject.NON_CANONICAL : 0, `answer ${index}`)
    }
    assert.deepEqual(kinds(answers.slice(300)), ['flush', 'echo', 'query'])
    peer.send(FLUSH)
    assert.deepEqual(kinds(await peer.receive(1)), ['flush'])
  }))

test('several that one signer sends in one go are admitted in their order', () =>
  withServer(async ({ dial }) => {
    const peer = await dial()
    const ana = givenSigner('ana')
    const list = Array.from({ length: 50 }, (_, index) => ana.sign(founding(`Org ${index}`)))
    peer.send(...list.map((tx) => checking(tx)), FLUSH)
    const answers = await peer.receive(51)
    assert.deepEqual(new Set(answers.slice(0, 50).map(({ checkTx }) => checkTx?.code)), new Set([0]))
  }))

test('garbage closes its connection and harms no other', () =>
  withServer(async ({ dial, failures }) => {
    const good = await dial()
    const garbage = [
      Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
      frame(new Uint8Array(0)),
      frame(Uint8Array.of(0x7a, 0xff, 0xff, 0xff, 0x0f)),
      frame(Uint8Array.of(0x42, 0x05, 0x0a, 0x7f)),
      frame(new TextEncoder().encode('GET / HTTP/1.1\r\n\r\n')),
    ]
    for (const bytes of garbage) {
      const bad = await dial()
      bad.socket.write(bytes)
      await bad.closed
      good.send({ echo: { message: 'still' } })
      assert.deepEqual(kinds(await good.receive(1)), ['echo'])
    }
    const cutOff = await dial()
    cutOff.socket.end(frame(new Uint8Array(100)).subarray(0, 50))
    await cutOff.closed
    good.send(checking(givenSigner('ana').sign(founding())))
    assert.equal((await good.receive(1))[0]?.checkTx?.code, 0)
    assert.deepEqual(failures, [])
  }))

test('no bytes break the application: what is no request closes, what is one gets its answer', () =>
  withServer(async ({ dial, failures }) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 200 }), { minLength: 1, maxLength: 5 }), async (list) => {
        const peer = await dial()
        // As a check, whose transaction may be anything; then as they are, which may close the connection.
        peer.send(...list.map((tx) => checking(tx)))
        for (const { checkTx } of await peer.receive(list.length)) assert.ok((checkTx?.code ?? 0) > 0)
        peer.socket.end(Buffer.concat(list.filter(isNoRequest).map(frame)))
        await peer.closed
        assert.deepEqual(failures, [])
      }),
      { numRuns: 50 },
    )
  }))

test('a broken invariant is answered with an exception, to whoever asks from then on', () => {
  const bug = new Error('a bug in processProposal')
  const breaks = { processProposal: () => Promise.reject(bug) }
  return withServer(
    async ({ dial, failures }) => {
      const [consensus, mempool] = [await dial(), await dial()]
      consensus.send(
        { processProposal: Request.fromPartial({ processProposal: { height: 1n } }).processProposal },
        FLUSH,
      )
      const [first] = await consensus.receive(2)
      assert.equal(first?.exception?.error, bug.message)
      assert.deepEqual(failures, [bug])
      mempool.send(checking(givenSigner('ana').sign(founding())))
      assert.equal((await mempool.receive(1))[0]?.exception?.error, bug.message)
    },
    () => breaks,
  )
})

test('calls that fit no block are answered with an exception, and the node goes on', () =>
  withServer(async ({ dial, failures, application }) => {
    const peer = await dial()
    const { finalizeBlock } = Request.fromPartial({ finalizeBlock: { height: 7n } })
    peer.send({ commit: {} }, { finalizeBlock }, FLUSH)
    assert.deepEqual(kinds(await peer.receive(3)), ['exception', 'exception', 'flush'])
    assert.deepEqual(failures, [])
    assert.equal(application.info().height, 0)
    peer.send(checking(givenSigner('ana').sign(founding())))
    assert.equal((await peer.receive(1))[0]?.checkTx?.code, 0)
  }))

test('a CometBFT of another network is told so', () =>
  withServer(async ({ dial, failures }) => {
    const peer = await dial()
    const appStateBytes = new TextEncoder().encode('{"genesisHash":"00"}')
    peer.send({ initChain: Request.fromPartial({ initChain: { chainId: 'icn-given', appStateBytes } }).initChain })
    assert.match(
      (await peer.receive(1))[0]?.exception?.error ?? '',
      /started with the genesis of icn-given \(hash 00\)/,
    )
    assert.equal((failures[0] as { code?: string }).code, 'WRONG_GENESIS')
  }))

test('to a state of which it has made no block, CometBFT has to begin with the next height', async () => {
  const appHash = new Uint8Array(32).fill(7)
  const { genesis } = givenNetwork()
  const appStateBytes = new TextEncoder().encode(JSON.stringify({ genesisHash: toHex(genesisHash(genesis)) }))
  const beginning = (initialHeight: bigint) => {
    const { initChain } = Request.fromPartial({ initChain: { chainId: genesis.chainId, appStateBytes, initialHeight } })
    return { initChain }
  }
  for (const [height, expected] of [
    [20, 0n],
    [21, 21n],
  ] as const) {
    const around = () => ({ info: () => ({ height, appHash, version: '1' }), initChain: async () => ({ appHash }) })
    await withServer(
      async ({ dial, failures }) => {
        const peer = await dial()
        peer.send({ info: Request.fromPartial({ info: {} }).info })
        assert.equal((await peer.receive(1))[0]?.info?.lastBlockHeight, expected)
        if (height > 20) return
        peer.send(beginning(21n))
        assert.deepEqual((await peer.receive(1))[0]?.initChain?.appHash, appHash)
        peer.send(beginning(1n))
        assert.match((await peer.receive(1))[0]?.exception?.error ?? '', /first block is 1, .* at height 20/)
        assert.equal((failures[0] as { code?: string }).code, 'WRONG_GENESIS')
      },
      around,
      20,
    )
  }
})

test('state sync without snapshots: none to give, none taken', () =>
  withServer(async ({ dial }) => {
    const peer = await dial()
    const { offerSnapshot, applySnapshotChunk, loadSnapshotChunk } = Request.fromPartial({
      offerSnapshot: { snapshot: { height: 5n, format: 1, chunks: 1 } },
      applySnapshotChunk: { index: 0 },
      loadSnapshotChunk: { height: 5n },
    })
    peer.send({ listSnapshots: {} }, { offerSnapshot }, { applySnapshotChunk }, { loadSnapshotChunk })
    const [list, offer, apply, load] = await peer.receive(4)
    assert.deepEqual(list?.listSnapshots?.snapshots, [])
    assert.deepEqual([offer?.offerSnapshot?.result, apply?.applySnapshotChunk?.result], [2, 2], 'abort')
    assert.equal(load?.loadSnapshotChunk?.chunk.length, 0)
  }))
