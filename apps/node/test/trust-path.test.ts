import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Body, type CommittedBundle, decodeBundle } from '@icn/protocol'
import { decodeLightBlock } from '@icn/protocol/light'
import { createClient, followLane, verifyBundle } from '@icn/sdk'
import {
  createLocalNode,
  freePorts,
  type LocalNetwork,
  type LocalNode,
  startNetwork,
  until,
} from '@icn/testkit/network'
import { setUpCometBft } from '../../../scripts/setup-cometbft.ts'
import { act, expectResult, foundCooperative, type Person } from './cooperative.ts'
import { ask, decide, founderIn, heightOf } from './federation.ts'
import { runNode } from './node-process.ts'

const setup = setUpCometBft({ quiet: true })
const skip = setup.ok ? false : setup.reason
const EVERY = 10
const folder = mkdtempSync(join(tmpdir(), 'icn-path-'))
const joined: LocalNode[] = []
let network: LocalNetwork
let people: Person[] = []
let org = ''
before(async () => {
  if (skip !== false) return
  const flags = ['--log-level', 'warn', '--consensus-idle-ms', '1000', '--snapshots-blocks', String(EVERY)]
  network = await startNetwork({ folder, validators: 3, observers: 1, flags })
  ;({ org, people } = await foundCooperative(first().url(), network.genesis.chainId, 3))
})
after(async () => {
  await Promise.all(joined.map((node) => node.end('SIGTERM')))
  if (skip === false) await network.stop()
  rmSync(folder, { recursive: true, force: true })
})

const first = () => network.nodes[0] as LocalNode
const ana = () => people[0] as Person

/** The observer becomes the fourth validator, and one of the three of the genesis goes: two of them sign what comes now. */
async function changeValidators(): Promise<number> {
  const [, , third, fourth] = network.nodes as [LocalNode, LocalNode, LocalNode, LocalNode]
  const { chainId } = network.genesis
  const { publicKey } = JSON.parse(readFileSync(join(fourth.home, 'validator-key.json'), 'utf8')) as {
    publicKey: string
  }
  const about = { moniker: 'fourth', http: [], p2p: [], region: '', capacityBytes: 0, version: '1' }
  const registering: Body = { kind: 'node.register', org, publicKey, roles: ['validator'], ...about }
  const node = expectResult(await act(first().url(), chainId, ana(), registering), 'node')
  await fourth.end('SIGTERM')
  await fourth.start(['--node-id', node])
  const statusOf = async () => (await ask<{ status: string }>(first(), `/v1/network/nodes/${node}`)).status
  await until('its heartbeat', async () => (await statusOf()) === 'active')
  const action = { do: 'admit-validator', node, power: 1 } as const
  await decide(first(), chainId, founderIn(join(folder, 'founder-key')), action)
  const signing = async () => {
    const { validators } = await ask<{ validators: { isSigning: boolean | null }[] }>(first(), '/v1/network/status')
    return validators.filter(({ isSigning }) => isSigning === true).length
  }
  await until('four who sign', async () => (await signing()) === 4, 60_000)
  await third.end('SIGTERM')
  return heightOf(first())
}

/** A node that begins with a snapshot which was made after `height`. @param from - the node that leads to a block to trust */
async function joinAfter(height: number, name: string, from: LocalNode): Promise<LocalNode> {
  const snapshots = () => readdirSync(join(first().home, 'snapshots')).filter((own) => /^\d+$/.test(own))
  const oldest = () => Math.min(...snapshots().map(Number))
  await until('snapshots of after the change', async () => snapshots().length > 1 && oldest() > height, 90_000)
  await network.reach(Math.max(...snapshots().map(Number)) + 3)
  const home = join(folder, name)
  const [ports] = await freePorts(1)
  const flags = [
    ...['--http-port', String(ports?.http), '--cometbft-p2p-port', String(ports?.p2p)],
    ...['--cometbft-rpc-port', String(ports?.rpc), '--cometbft-metrics-port', String(ports?.metrics)],
    ...['--cometbft-p2p-host', '127.0.0.1', '--cometbft-private-network', '--log-level', 'warn'],
  ]
  const done = await runNode(['join', first().url(), '--sync', from.url(), '--home', home, '--json', ...flags])
  assert.equal(done.code, 0, done.stderr)
  const node = createLocalNode(home)
  joined.push(node)
  await node.start()
  const goal = await heightOf(first())
  await until('the present', async () => (await heightOf(node)) >= goal, 60_000)
  assert.ok((await beginningOf(node)) > height)
  return node
}

async function beginningOf(node: LocalNode): Promise<number> {
  const { items } = await ask<{ items: { height: number }[] }>(node, '/v1/blocks?limit=200')
  return items.at(-1)?.height ?? 0
}

/** Something is proposed, voted on and counted, all of it after the snapshots. */
async function decideSomething(): Promise<string> {
  const { chainId } = network.genesis
  const settings = { options: [], actions: [], seats: 1, maxScore: 0, budgetMinor: 0, discussionMs: null, amends: null }
  const words = { type: 'standard', title: 'Rye', text: '', method: 'yes-no', votingMs: 15_000 } as const
  const proposing = { kind: 'proposal.new', org, ...words, ...settings } as const
  const proposal = expectResult(await act(first().url(), chainId, ana(), proposing), 'proposal')
  for (const person of people) {
    const vote = { kind: 'vote.cast', proposal, ballot: 'yes', reason: '' } as const
    assert.equal((await act(first().url(), chainId, person, vote)).status, 200)
  }
  return proposal
}

/** The bundle of a decision as a node exports it, verified with nothing but the genesis. Answers its light blocks. */
async function proveBy(node: LocalNode, proposal: string): Promise<number[]> {
  const answer = await until(`the bundle of ${node.home}`, async () => {
    const answer = await fetch(`${node.url()}/v1/proposals/${proposal}/bundle`)
    // Until it is counted here too.
    return answer.status !== 404 && answer.status !== 409 && answer
  })
  const bytes = new Uint8Array(await answer.arrayBuffer())
  assert.equal(answer.status, 200, new TextDecoder().decode(bytes))
  const { ok, checks } = verifyBundle(bytes)
  assert.ok(ok, JSON.stringify(checks))
  const { lightBlocks, genesis } = decodeBundle(bytes) as CommittedBundle
  assert.deepEqual(genesis, network.genesis)
  return lightBlocks.map((own) => decodeLightBlock(own).header.height)
}

test('who joined with a snapshot after the validators changed proves from the genesis, and so does who joined by them', {
  skip,
}, async () => {
  const changed = await changeValidators()
  const second = await joinAfter(changed, 'second', first())
  const third = await joinAfter(changed, 'third', second)
  const proposal = await decideSomething()
  for (const node of [first(), second, third]) {
    const path = await proveBy(node, proposal)
    assert.ok(path.length > 1, 'two of three who began the network are not more than two thirds')
    assert.ok((path[0] ?? 0) <= changed)
  }
  // The blocks on the way are not those of its own CometBFT.
  const { heights } = await ask<{ heights: number[] }>(third, '/v1/network/trust-path')
  const [pivot = 0] = heights
  assert.ok(pivot < (await beginningOf(third)))
  const call = { jsonrpc: '2.0', id: 1, method: 'commit', params: { height: String(pivot) } }
  const headers = { 'content-type': 'application/json' }
  const own = await fetch(`${third.url()}/v1/network/light-rpc`, {
    method: 'POST',
    headers,
    body: JSON.stringify(call),
  })
  assert.match(JSON.stringify(await own.json()), /lowest height is/)
  assert.equal((await fetch(`${third.url()}/v1/network/light-blocks/${pivot}`)).status, 200)

  // Whoever follows a lane with nothing but the genesis is led by them too.
  const client = createClient({ url: third.url() })
  const control = new AbortController()
  const since = Number(/^p(\d+)-/.exec(proposal)?.[1]) + 1
  for await (const { events } of followLane({ client, lane: 0, since, signal: control.signal })) {
    assert.equal(events[0]?.topic, 'vote.cast')
    control.abort()
  }

  // What is kept is there after a kill, also where nobody is asked.
  await third.end('SIGKILL')
  await third.start(['--cometbft-sync-servers', ''])
  assert.ok((await proveBy(third, proposal)).length > 1)
})
