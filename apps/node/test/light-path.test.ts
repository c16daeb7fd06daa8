import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test } from 'node:test'
import { toBase64Url } from '@icn/crypto'
import type { Continuation } from '@icn/protocol'
import { encodeLightBlock, extendPath, type LightBlock, trustedGenesis, verifyChain } from '@icn/protocol/light'
import { retainHeight } from '@icn/state-store'
import { pino } from 'pino'
import { genesisOf, signBlock, validatorOf } from '../../../packages/protocol/test/light/signer.ts'
import { createPathKeeper, type PathKeeper } from '../src/light/keep-path.ts'
import { type KeptBlocks, openKeptBlocks } from '../src/light/kept-blocks.ts'

const [FIRST, SECOND] = [
  [1, 2, 3],
  [4, 5, 6],
].map((fills) => fills.map((fill) => validatorOf(fill))) as [
  ReturnType<typeof validatorOf>[],
  ReturnType<typeof validatorOf>[],
]
const GENESIS = genesisOf(FIRST)
const START = trustedGenesis(GENESIS)
/** From this height on the validators are others, all of them. */
const CHANGE = 300
const setAt = (height: number) => (height < CHANGE ? FIRST : SECOND)
const blockAt = (height: number, appHash?: Uint8Array) =>
  signBlock({ height, validators: setAt(height), next: setAt(height + 1), ...(appHash && { appHash }) })
const bytesAt = (height: number) => encodeLightBlock(blockAt(height))
/** What CometBFT has whose first block is this one. */
const ownFrom = (first: number) => async (height: number) => (height < first ? undefined : bytesAt(height))

const folder = mkdtempSync(join(tmpdir(), 'icn-light-'))
let files = 0
const newFile = () => join(folder, `${++files}.db`)
const heights = (path: readonly LightBlock[]) => path.map(({ header }) => header.height)
const never = (reason: string) => assert.fail(reason)

/** Answers as a node does whose way from the genesis it is; what it was asked stands in `asked`. */
interface Peer {
  readonly url: string
  readonly asked: string[]
  pivots: unknown
  blockOf: (height: number) => Uint8Array | undefined
  height: number
}
const servers: Server[] = []
async function startPeer(): Promise<Peer> {
  const server = createServer(({ url = '' }, response) => {
    peer.asked.push(url)
    const height = Number(/light-blocks\/(\d+)$/.exec(url)?.[1])
    const bytes = Number.isNaN(height) ? undefined : peer.blockOf(height)
    const answer = url.endsWith('trust-path')
      ? { heights: peer.pivots }
      : url.endsWith('/network')
        ? { height: peer.height }
        : bytes && { height, bytes: toBase64Url(bytes) }
    response.writeHead(answer === undefined ? 404 : 200).end(JSON.stringify(answer ?? {}))
  })
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const has = [CHANGE - 1, CHANGE]
  const blockOf = (height: number) => (has.includes(height) || height > 900 ? bytesAt(height) : undefined)
  const peer: Peer = { url: `http://127.0.0.1:${port}`, asked: [], pivots: has, blockOf, height: 1_000 }
  return peer
}
let peer: Peer
before(async () => {
  peer = await startPeer()
})
after(() => {
  for (const server of servers) server.close()
  rmSync(folder, { recursive: true, force: true })
})

interface Given {
  readonly first: number
  readonly peers?: readonly string[]
  readonly continues?: Continuation
  readonly start?: typeof START
  readonly stopping?: AbortSignal
}
async function onKeeper(
  given: Given,
  work: (keeper: PathKeeper, kept: KeptBlocks, warnings: string[]) => Promise<void>,
) {
  const { first, peers = [], continues, start = START, stopping = new AbortController().signal } = given
  const warnings: string[] = []
  const logger = pino({ level: 'warn' }, { write: (line) => warnings.push(JSON.parse(line).reason) })
  const kept = openKeptBlocks(newFile(), start, never)
  const keeper = createPathKeeper({ kept, start, continues, own: ownFrom(first), peers, stopping, logger })
  try {
    await work(keeper, kept, warnings)
  } finally {
    await keeper.close()
    kept.close()
  }
}

/** Lets a keeper look, and waits until it has. */
async function look(keeper: PathKeeper, height: number): Promise<void> {
  keeper.onBlock(height)
  await keeper.idle()
}

test('what is kept is there again after a restart, and what is not needed any more is not', async () => {
  const file = newFile()
  const kept = openKeptBlocks(file, START, never)
  const pathTo = async (to: number) => {
    const path = await extendPath(ownFrom(1), START, [], to)
    assert.ok(path.ok)
    return path.blocks
  }
  kept.putPath(await pathTo(200))
  assert.deepEqual(heights(kept.path()), [200])
  kept.putPath(await pathTo(800))
  kept.close()
  const again = openKeptBlocks(file, START, never)
  assert.deepEqual(heights(again.path()), [CHANGE - 1, CHANGE, 800])
  assert.deepEqual(again.at(CHANGE), bytesAt(CHANGE))
  assert.equal(again.at(200), undefined)
  again.close()
})

for (const [name, harm, reason] of [
  ['is of another layout', 'PRAGMA user_version = 9', /layout 9/],
  ['lacks a block', `DELETE FROM block WHERE height = ${CHANGE}`, /block 800 is not proved: TRUST_TOO_LOW/],
  ['holds half a block', 'UPDATE block SET bytes = substr(bytes, 1, 90) WHERE height = 800', /./],
] as const) {
  test(`a file that ${name} is begun anew, and says why`, async () => {
    const file = newFile()
    const kept = openKeptBlocks(file, START, never)
    const path = await extendPath(ownFrom(1), START, [], 800)
    assert.ok(path.ok)
    kept.putPath(path.blocks)
    kept.close()
    const database = new DatabaseSync(file)
    database.exec(harm)
    database.close()
    const reasons: string[] = []
    const again = openKeptBlocks(file, START, (own) => reasons.push(own))
    assert.equal(reasons.length, 1)
    assert.match(reasons[0] ?? '', reason)
    assert.deepEqual(again.path(), [])
    again.close()
  })
}

test('a file that is no database is begun anew', () => {
  const file = newFile()
  writeFileSync(file, 'x'.repeat(5_000))
  const reasons: string[] = []
  openKeptBlocks(file, START, (own) => reasons.push(own)).close()
  assert.equal(reasons.length, 1)
})

test('a node with all blocks finds the way by itself, and keeps it before CometBFT may forget', async () => {
  await onKeeper({ first: 1 }, async (keeper, kept) => {
    assert.equal(keeper.neededFrom(), 1)
    const blocks = { height: 200_000, keepBlocks: 10, oldestSnapshot: undefined, evidenceBlocks: 100_000 }
    assert.equal(retainHeight({ ...blocks, neededFrom: keeper.neededFrom() }), 1)
    await look(keeper, 1_001)
    assert.deepEqual(heights(kept.path()), [CHANGE - 1, CHANGE, 1_000])
    assert.equal(keeper.neededFrom(), 1_001)
    await look(keeper, 1_900)
    assert.equal(keeper.neededFrom(), 1_001, 'not with each block')
    await look(keeper, 2_001)
    assert.deepEqual(heights(kept.path()), [CHANGE - 1, CHANGE, 1_801])
    assert.ok(verifyChain(GENESIS, kept.path()).ok)
    assert.equal(retainHeight({ ...blocks, neededFrom: keeper.neededFrom() }), 1_802)
    assert.equal(retainHeight({ ...blocks, neededFrom: undefined }), 100_000)
  })
})

test('a node that began with a snapshot takes from a peer what leads to it', async () => {
  await onKeeper({ first: 950, peers: [peer.url] }, async (keeper, kept, warnings) => {
    await look(keeper, 960)
    assert.deepEqual(heights(kept.path()), [CHANGE - 1, CHANGE, 959])
    assert.ok(verifyChain(GENESIS, kept.path()).ok)
    assert.deepEqual(warnings, [])
    assert.equal(keeper.neededFrom(), 960)
  })
})

test('before its first block it takes the way to the present of the peer', async () => {
  await onKeeper({ first: 2_000, peers: [peer.url] }, async (keeper, kept) => {
    assert.equal(await keeper.begin(), true)
    assert.deepEqual(heights(kept.path()), [CHANGE - 1, CHANGE, 999])
  })
})

test('without a peer it says so, holds up no forgetting, and asks again later', async () => {
  const away = 'http://127.0.0.1:9'
  await onKeeper({ first: 950, peers: [away] }, async (keeper, kept, warnings) => {
    assert.equal(await keeper.begin(), false)
    await look(keeper, 960)
    assert.deepEqual(kept.path(), [])
    assert.match(warnings[0] ?? '', /no block \d+ here or at a peer/)
    assert.equal(keeper.neededFrom(), undefined)
    await look(keeper, 1_059)
    assert.equal(warnings.length, 1)
    await look(keeper, 1_060)
    assert.equal(warnings.length, 2)
  })
})

test('whoever is to end asks nobody any more', async () => {
  const before = peer.asked.length
  await onKeeper({ first: 950, peers: [peer.url], stopping: AbortSignal.abort() }, async (keeper, kept) => {
    assert.equal(await keeper.begin(), false)
    assert.deepEqual([kept.path(), peer.asked.length], [[], before])
  })
})

const strangers = [7, 8, 9].map((fill) => validatorOf(fill))
for (const [name, lie] of [
  [
    'blocks that strangers signed',
    { blockOf: (height: number) => encodeLightBlock(signBlock({ height, validators: strangers })) },
  ],
  ['blocks of another height', { blockOf: () => bytesAt(7) }],
  ['half a block', { blockOf: (height: number) => bytesAt(height).subarray(9) }],
  ['more bytes than a block can have', { blockOf: () => new Uint8Array(2_000_000) }],
  ['more heights than a path can have', { pivots: Array.from({ length: 1_001 }, (_, at) => at + 1) }],
  ['heights that are none', { pivots: [CHANGE - 1, -3, 'x'] }],
  ['no list', { pivots: 7 }],
  ['a present that is none', { height: 0.5 }],
] as const satisfies readonly (readonly [string, Partial<Peer>])[]) {
  test(`a peer that lies is believed nothing, and an honest one is asked: ${name}`, async () => {
    const liar = Object.assign(await startPeer(), lie as Partial<Peer>)
    await onKeeper({ first: 2_000, peers: [liar.url] }, async (keeper, kept) => {
      assert.equal(await keeper.begin(), false)
      assert.deepEqual(kept.path(), [])
    })
    await onKeeper({ first: 2_000, peers: [liar.url, peer.url] }, async (keeper, kept) => {
      assert.equal(await keeper.begin(), true)
      assert.deepEqual(heights(kept.path()), [CHANGE - 1, CHANGE, 999])
    })
    assert.ok(liar.asked.length > 0)
  })
}

test('where the network goes on from a node that was alone, the first block is kept too, for the next who joins', async () => {
  const appHash = new Uint8Array(32).fill(8)
  const continues = { height: 100, timeMs: 0, appHash, header: new Uint8Array() }
  const start = trustedGenesis(GENESIS, continues.height)
  const other = await startPeer()
  const { blockOf } = other
  const given = { first: 950, peers: [other.url], continues, start }
  other.blockOf = (height) => (height === 101 ? encodeLightBlock(blockAt(101, new Uint8Array(32))) : blockOf(height))
  await onKeeper(given, async (keeper, kept) => {
    assert.equal(await keeper.begin(), false, 'it does not go on from that state')
    assert.deepEqual(kept.path(), [])
  })
  other.blockOf = (height) => (height === 101 ? encodeLightBlock(blockAt(101, appHash)) : blockOf(height))
  await onKeeper(given, async (keeper, kept) => {
    assert.equal(await keeper.begin(), true)
    assert.deepEqual(heights(kept.path()), [CHANGE - 1, CHANGE, 999])
    assert.deepEqual(kept.at(101), encodeLightBlock(blockAt(101, appHash)))
    // Once it was on the path, it stays beside it.
    kept.putPath([blockAt(101, appHash), ...kept.path()])
    kept.putPath(kept.path().slice(1))
    assert.deepEqual(kept.at(101), encodeLightBlock(blockAt(101, appHash)))
  })
})
