import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createClient, type FollowLaneOptions, followLane, type LaneBlock } from '@icn/sdk'
import {
  createLocalNode,
  freePorts,
  type LocalNetwork,
  type LocalNode,
  startNetwork,
  until,
} from '@icn/testkit/network'
import { setUpCometBft } from '../../../scripts/setup-cometbft.ts'
import { act, foundCooperative, openProposal, type Person } from './cooperative.ts'
import { runNode } from './node-process.ts'

const setup = setUpCometBft({ quiet: true })
const skip = setup.ok ? false : setup.reason
/** So that a snapshot comes soon. */
const EVERY = 10
const folder = mkdtempSync(join(tmpdir(), 'icn-sync-'))
let network: LocalNetwork
let org = ''
let people: Person[] = []
before(async () => {
  if (skip !== false) return
  const flags = ['--log-level', 'warn', '--consensus-idle-ms', '1500', '--snapshots-blocks', String(EVERY)]
  network = await startNetwork({ folder, validators: 2, flags })
  ;({ org, people } = await foundCooperative(first().url(), network.genesis.chainId, 6))
})
after(async () => {
  if (skip === false) await network.stop()
  rmSync(folder, { recursive: true, force: true })
})

const first = () => network.nodes[0] as LocalNode

interface Block {
  readonly height: number
  readonly appHash: string
}

async function ask<T>(node: LocalNode, path: string): Promise<{ readonly status: number; readonly json: T }> {
  const answer = await fetch(`${node.url()}${path}`)
  return { status: answer.status, json: (await answer.json()) as T }
}

const heightOf = async (node: LocalNode) => (await ask<{ height: number }>(node, '/v1/network')).json.height

/** Snapshots whose folder has its name, so that they are whole. */
const snapshotsOf = ({ home }: LocalNode) =>
  readdirSync(join(home, 'snapshots'))
    .filter((name) => /^\d+$/.test(name))
    .map(Number)

/** Sets a folder up to begin with a snapshot. */
async function joinSynced(name: string): Promise<LocalNode> {
  const home = join(folder, name)
  const [ports] = await freePorts(1)
  const flags = [
    ...['--http-port', String(ports?.http), '--cometbft-p2p-port', String(ports?.p2p)],
    ...['--cometbft-rpc-port', String(ports?.rpc), '--cometbft-metrics-port', String(ports?.metrics)],
    ...['--cometbft-p2p-host', '127.0.0.1', '--cometbft-private-network', '--log-level', 'warn'],
  ]
  const joined = await runNode(['join', first().url(), '--sync', first().url(), '--home', home, '--json', ...flags])
  assert.equal(joined.code, 0, joined.stderr)
  return createLocalNode(home)
}

test('a node that joins with --sync begins with a snapshot, follows, and proves what it answers', {
  skip,
}, async () => {
  const { chainId } = network.genesis
  const proposal = await openProposal(first().url(), chainId, people[0] as Person, org)
  await until('a snapshot', async () => snapshotsOf(first()).some((height) => height >= EVERY))
  const [oldest = 0] = snapshotsOf(first()).sort((a, b) => a - b)
  await network.reach(oldest + 3)
  const synced = await joinSynced('synced')
  await synced.start()
  try {
    const here = await heightOf(first())
    await until('the present', async () => (await heightOf(synced)) >= here)
    const early = await ask<{ code: string; detail?: unknown }>(synced, '/v1/blocks/1')
    assert.equal(early.status, 410, JSON.stringify(early.json))
    // The last block of the snapshot is known by its header; its transactions are not here.
    const beganAt = (await beginningOf(synced)) ?? 0
    assert.equal(beganAt % EVERY, 0)
    assert.ok(beganAt >= EVERY, `began at ${beganAt}`)

    // It takes part: what is sent to it is in everybody's blocks, and what others send is in its own.
    for (const [index, person] of people.entries()) {
      const body = { kind: 'vote.cast', proposal, ballot: 'yes', reason: '' } as const
      const answer = await act((index % 2 === 0 ? synced : first()).url(), chainId, person, body)
      assert.equal(answer.status, 200, JSON.stringify(answer))
    }
    const goal = await heightOf(first())
    await until('the votes', async () => (await heightOf(synced)) >= goal)
    const [own, theirs] = await Promise.all(
      [synced, first()].map(async (node) => (await ask<Block>(node, `/v1/blocks/${goal}`)).json),
    )
    assert.deepEqual(own, theirs)
    const read = await ask<{ turnout: number }>(synced, `/v1/proposals/${proposal}`)
    assert.equal(read.json.turnout, people.length)

    // Whoever followed a lane at another node goes on here, where earlier blocks are not kept; the commits prove both.
    const followed = await followVotes(first(), { since: 1 })
    const place = followed.findLast(({ height }) => height <= beganAt)?.position
    assert.ok(place !== undefined && followed.length > 0)
    const rest = followed.filter(({ height }) => height > place.height)
    assert.deepEqual((await followVotes(synced, { position: place })).map(newsOf), rest.map(newsOf))
    await assert.rejects(followVotes(synced, { since: 1 }), /keeps blocks from height/)

    assert.equal(await synced.end('SIGTERM'), 0)
    await synced.start()
    const later = await heightOf(first())
    await until('the present after a restart', async () => (await heightOf(synced)) >= later)
    assert.equal(await beginningOf(synced), beganAt)
  } finally {
    await synced.end('SIGKILL')
  }
})

/** Blocks of the core until everybody has voted, each event proved. */
async function followVotes(
  node: LocalNode,
  start: Pick<FollowLaneOptions, 'since' | 'position'>,
): Promise<LaneBlock[]> {
  const control = new AbortController()
  const client = createClient({ url: node.url() })
  const blocks: LaneBlock[] = []
  let votes = 0
  for await (const block of followLane({ client, lane: 0, signal: control.signal, pollMs: 100, ...start })) {
    blocks.push(block)
    votes += block.events.filter(({ topic }) => topic === 'vote.cast').length
    if (votes === people.length) control.abort()
  }
  return blocks
}

const newsOf = ({ height, log, events }: LaneBlock) => ({ height, log, events })

/** The first block that a node has. */
async function beginningOf(node: LocalNode): Promise<number | undefined> {
  const { items } = (await ask<{ items: Block[] }>(node, '/v1/blocks?limit=100')).json
  return items.at(-1)?.height
}

test('a trusted block that is none is refused by name, and nothing is half-written', { skip }, async () => {
  const node = await joinSynced('mistrusted')
  const file = join(node.home, 'config.toml')
  writeFileSync(file, readFileSync(file, 'utf8').replace(/syncHash = "[0-9a-f]{8}/, 'syncHash = "00000000'))
  await assert.rejects(
    node.start(),
    /ended with 2 before[\s\S]*NOT_TRUSTED: block \d+ at \S+ is [0-9a-f]{64}, and cometbft.syncHash says 0{8}/,
  )
  assert.equal(existsSync(join(node.home, 'state.db.sync')), false)
  assert.equal(existsSync(join(node.home, 'cometbft', 'data', 'blockstore.db')), false)
})

test('a piece of a snapshot with one byte changed is refused by whoever joins, who takes it from another node', {
  skip,
}, async () => {
  const [liar, honest] = network.nodes as [LocalNode, LocalNode]
  const latest = () => Math.max(0, ...snapshotsOf(liar))
  await until('a snapshot that both offer', async () => latest() > 0 && snapshotsOf(honest).includes(latest()))
  const height = latest()
  await network.reach(height + 3)
  assert.equal(await liar.end('SIGTERM'), 0)
  for (const name of readdirSync(join(liar.home, 'snapshots', String(height))).filter((own) => own.endsWith('.zst')))
    changeByte(join(liar.home, 'snapshots', String(height), name))
  // No other snapshot meanwhile, so that there is nothing else to take.
  const quiet = ['--snapshots-blocks', '0']
  await liar.start(quiet, { runtime: ['--import', new URL('careless-snapshots.ts', import.meta.url).href] })
  const goal = await heightOf(liar)

  // The liar alone: the state stays empty, and nothing of it is kept.
  assert.equal(await honest.end('SIGTERM'), 0)
  const joiner = await joinSynced('deceived')
  await joiner.start()
  try {
    await until('the refusal', async () => joiner.log().includes('SNAPSHOT_ALTERED'))
    assert.match(joiner.log(), /piece \d+ is not what its hash says; another one is asked for/)
    assert.equal(await heightOf(joiner), 0)
    // Another one is there: it begins with the same snapshot, unaltered.
    await honest.start(quiet)
    await until('the state', async () => (await heightOf(joiner)) >= goal, 90_000)
    assert.equal(await beginningOf(joiner), height)
  } finally {
    await joiner.end('SIGKILL')
  }
})

function changeByte(file: string): void {
  const bytes = readFileSync(file)
  const place = bytes.length >> 1
  bytes[place] = (bytes[place] ?? 0) ^ 0x20
  writeFileSync(file, bytes)
}
