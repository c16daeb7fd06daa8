import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { generateSeed, publicKeyFromSeed, toHex } from '@icn/crypto'
import { genesisHash, publicKeyToText } from '@icn/protocol'
import {
  createLocalNode,
  freePorts,
  isAlive,
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
const folder = mkdtempSync(join(tmpdir(), 'icn-four-'))
let network: LocalNetwork
let org = ''
let people: Person[] = []
before(async () => {
  if (skip !== false) return
  network = await startNetwork({ folder, validators: 4, flags: ['--log-level', 'warn', '--consensus-idle-ms', '1000'] })
  const [first] = network.nodes as [LocalNode]
  ;({ org, people } = await foundCooperative(first.url(), network.genesis.chainId, 12))
})
after(async () => {
  if (skip === false) await network.stop()
  rmSync(folder, { recursive: true, force: true })
})

interface Block {
  readonly height: number
  readonly hash: string
  readonly appHash: string
}

async function blocksOf(node: LocalNode): Promise<readonly Block[]> {
  const answer = await fetch(`${node.url()}/v1/blocks?limit=100`)
  return ((await answer.json()) as { items: Block[] }).items
}

/** Blocks that each of two nodes has, and which must be the same. */
async function compare(one: LocalNode, other: LocalNode): Promise<number> {
  const known = new Map((await blocksOf(one)).map((block) => [block.height, block]))
  let compared = 0
  for (const block of await blocksOf(other)) {
    const same = known.get(block.height)
    if (same === undefined) continue
    assert.deepEqual(block, same)
    compared++
  }
  return compared
}

const heightOf = async (node: LocalNode) =>
  ((await (await fetch(`${node.url()}/v1/network`)).json()) as { height: number }).height

/** Everybody votes, each at another node, but for those that are not to be asked. */
async function vote(proposal: string, ballot: 'yes' | 'no', nodes: readonly LocalNode[]): Promise<void> {
  await Promise.all(
    people.map(async (person, index) => {
      const node = nodes[index % nodes.length] as LocalNode
      const body = { kind: 'vote.cast', proposal, ballot, reason: '' } as const
      const answer = await act(node.url(), network.genesis.chainId, person, body)
      assert.equal(answer.status, 200, JSON.stringify(answer))
    }),
  )
}

test('four validators take ballots at every node, and agree on every root', { skip }, async () => {
  const { nodes, genesis } = network
  const proposal = await openProposal((nodes[0] as LocalNode).url(), genesis.chainId, people[0] as Person, org)
  await vote(proposal, 'yes', nodes)
  await network.reach(await heightOf(nodes[0] as LocalNode))
  for (const node of nodes) {
    const answer = await fetch(`${node.url()}/v1/proposals/${proposal}`)
    assert.equal(((await answer.json()) as { turnout: number }).turnout, people.length)
  }
  for (const node of nodes.slice(1)) assert.ok((await compare(nodes[0] as LocalNode, node)) > 5)
})

test('three go on without the fourth, which catches up when it is back', { skip }, async () => {
  const [first, second, third, fourth] = network.nodes as [LocalNode, LocalNode, LocalNode, LocalNode]
  assert.equal(await fourth.end('SIGTERM'), 0)
  const missedFrom = await heightOf(first)
  const proposal = await openProposal(first.url(), network.genesis.chainId, people[0] as Person, org)
  await vote(proposal, 'no', [first, second, third])
  await network.reach(missedFrom + 5)
  await fourth.start()
  await network.reach(await heightOf(first))
  assert.ok((await compare(first, fourth)) > 5)
  await vote(proposal, 'yes', [fourth])
})

test('SIGKILL of a node and of a CometBFT at once: the others go on, and both come back', { skip }, async () => {
  const [first, second, third] = network.nodes as [LocalNode, LocalNode, LocalNode]
  const pid = third.cometBftPid()
  assert.ok(pid !== undefined)
  process.kill(pid, 'SIGKILL')
  await until('another CometBFT', async () => third.cometBftPid() !== pid && third.cometBftPid())
  await second.end('SIGKILL')
  const proposal = await openProposal(first.url(), network.genesis.chainId, people[0] as Person, org)
  await vote(proposal, 'yes', [first, third])
  await second.start()
  await network.reach(await heightOf(first))
  assert.ok((await compare(first, second)) > 5)
  assert.ok((await compare(first, third)) > 5)
})

test('a node of a network without a majority stops in time, and answers whoever waits', { skip }, async () => {
  const [first, second, third, fourth] = network.nodes as [LocalNode, LocalNode, LocalNode, LocalNode]
  assert.deepEqual(await Promise.all([third.end('SIGTERM'), fourth.end('SIGTERM')]), [0, 0])
  const person = people[0] as Person
  const waiting = act(first.url(), network.genesis.chainId, person, { kind: 'member.leave', org })
  const isWaiting = async () =>
    ((await (await fetch(`${first.url()}/v1/network`)).json()) as { waiting: number }).waiting > 0
  await until('the transaction in the pool', isWaiting)
  assert.equal(await first.end('SIGTERM'), 0)
  assert.equal((await waiting).status, 503)
  await Promise.all([first.start(), third.start(), fourth.start()])
  await network.reach((await heightOf(second)) + 1)
})

test('light clients read commits and validators over HTTP, and nothing else', { skip }, async () => {
  const [first] = network.nodes as [LocalNode]
  const ask = async (body: unknown) => {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${first.url()}/v1/network/light-rpc`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers,
    })
    return { status: answer.status, json: (await answer.json()) as Record<string, unknown> }
  }
  const call = { jsonrpc: '2.0', id: 7 }
  const commit = await ask({ ...call, method: 'commit', params: { height: '2' } })
  const { id, result } = commit.json as { id: number; result: { signed_header: { header: { height: string } } } }
  assert.deepEqual([commit.status, id, result.signed_header.header.height], [200, 7, '2'])
  const validators = await ask({ ...call, method: 'validators', params: { height: '2', page: '1', per_page: '100' } })
  assert.equal((validators.json.result as { total: string }).total, '4')
  const future = await ask({ ...call, method: 'commit', params: { height: '999999' } })
  assert.match(JSON.stringify(future.json.error), /must be less than or equal to/)
  for (const body of [
    { ...call, method: 'broadcast_tx_sync', params: {} },
    { ...call, method: 'commit', params: { height: '2', more: '1' } },
    { ...call, method: 'commit', params: { height: '-1' } },
    [{ ...call, method: 'commit' }],
  ]) {
    assert.equal((await ask(body)).status, 400, JSON.stringify(body))
  }
})

test('a node that joins with --sync trusts a block to which the signatures lead from the genesis', {
  skip,
}, async () => {
  const [first] = network.nodes as [LocalNode]
  const home = join(folder, 'synced')
  const joined = await runNode(['join', first.url(), '--sync', first.url(), '--home', home, '--json'])
  assert.equal(joined.code, 0, joined.stderr)
  const { trustedHeight } = JSON.parse(joined.stdout) as { trustedHeight: number }
  const block = (await (await fetch(`${first.url()}/v1/blocks/${trustedHeight}`)).json()) as Block
  const config = readFileSync(join(home, 'config.toml'), 'utf8')
  assert.ok(trustedHeight > 0 && config.includes(`syncHash = "${block.hash}"`), config)

  // The same chain, but validators of another genesis: nothing that they signed leads there.
  const file = JSON.parse(await (await fetch(`${first.url()}/v1/network/join`)).text())
  const stranger = publicKeyToText(publicKeyFromSeed(generateSeed()))
  file.genesis.validators = [{ name: 'Stranger', publicKey: stranger, power: 1 }]
  file.genesisHash = toHex(genesisHash(file.genesis))
  file.peers = [`${'a'.repeat(40)}@127.0.0.1:26656`]
  writeFileSync(join(folder, 'strange.json'), JSON.stringify(file))
  const strange = join(folder, 'strange')
  const refused = await runNode(['join', join(folder, 'strange.json'), '--sync', first.url(), '--home', strange])
  assert.equal(refused.code, 2)
  assert.match(refused.stderr, /^NOT_TRUSTED: .* What to do: /)
  assert.equal(existsSync(strange), false)
})

test('an observer joins by the address of a node, and has the same history', { skip }, async () => {
  const [first] = network.nodes as [LocalNode]
  const home = join(folder, 'observer')
  const [ports] = await freePorts(1)
  const flags = [
    ...['--http-port', String(ports?.http), '--cometbft-p2p-port', String(ports?.p2p)],
    ...['--cometbft-rpc-port', String(ports?.rpc), '--cometbft-metrics-port', String(ports?.metrics)],
    ...['--cometbft-p2p-host', '127.0.0.1', '--cometbft-private-network', '--log-level', 'warn'],
  ]
  const joined = await runNode(['join', first.url(), '--home', home, '--json', ...flags])
  assert.equal(joined.code, 0, joined.stderr)
  assert.equal(JSON.parse(joined.stdout).network, network.genesis.chainId)
  const observer = createLocalNode(home)
  await observer.start()
  try {
    const height = await heightOf(first)
    await until('the history', async () => (await heightOf(observer)) >= height)
    assert.ok((await compare(first, observer)) > 5)
    const pid = observer.cometBftPid()
    assert.equal(await observer.end('SIGTERM'), 0)
    assert.equal(pid !== undefined && isAlive(pid), false)
  } finally {
    await observer.end('SIGKILL')
  }
})
