import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Body, continuationOf, type Genesis, parseGenesis } from '@icn/protocol'
import { verifyBundle } from '@icn/sdk'
import { createLocalNode, freePorts, type LocalNode, until } from '@icn/testkit/network'
import { setUpCometBft } from '../../../scripts/setup-cometbft.ts'
import { act, expectResult, foundCooperative, openProposal, type Person } from './cooperative.ts'
import { runNode, startProcess } from './node-process.ts'

const setup = setUpCometBft({ quiet: true })
const skip = setup.ok ? false : setup.reason
const folder = mkdtempSync(join(tmpdir(), 'icn-continue-'))
const home = join(folder, 'first')
const file = (name: string) => join(home, name)
let genesisText = ''
let genesis: Genesis
let people: Person[] = []
let proposal = ''
let org = ''
let node: LocalNode
let second: LocalNode
before(async () => {
  const alone = await startProcess(home)
  const cooperative = await foundCooperative(alone.url, alone.network, 5)
  people = cooperative.people
  org = cooperative.org
  proposal = await openProposal(alone.url, alone.network, people[0] as Person, cooperative.org)
  await vote(alone.url, alone.network, people[0] as Person)
  assert.equal(await alone.end('SIGTERM'), 0)
  genesisText = readFileSync(file('genesis.json'), 'utf8')
  genesis = parseGenesis(genesisText)
})
after(async () => {
  await second?.end('SIGTERM')
  await node?.end('SIGTERM')
  rmSync(folder, { recursive: true, force: true })
})

async function vote(url: string, chainId: string, person: Person): Promise<void> {
  const answer = await act(url, chainId, person, { kind: 'vote.cast', proposal, ballot: 'yes', reason: '' })
  assert.equal(answer.status, 200, JSON.stringify(answer))
}

async function ask<T>(url: string, path: string): Promise<T> {
  const answer = await fetch(`${url}${path}`)
  assert.equal(answer.status, 200, path)
  return (await answer.json()) as T
}

interface Block {
  readonly height: number
  readonly appHash: string
  readonly header: string
}

const heightOf = async ({ url }: LocalNode) => (await ask<{ height: number }>(url(), '/v1/network')).height

async function portFlags(): Promise<string[]> {
  const [ports] = await freePorts(1)
  return [
    ...['--http-port', String(ports?.http), '--cometbft-p2p-port', String(ports?.p2p)],
    ...['--cometbft-external-address', `127.0.0.1:${ports?.p2p}`, '--cometbft-p2p-host', '127.0.0.1'],
    ...['--cometbft-rpc-port', String(ports?.rpc), '--cometbft-metrics-port', String(ports?.metrics)],
    ...['--cometbft-private-network', '--log-level', 'warn', '--snapshots-blocks', '10', '--consensus-idle-ms', '1500'],
  ]
}

test('a folder without a node that was alone is left as it is', async () => {
  const empty = join(folder, 'empty')
  const refused = await runNode(['init', '--from', empty])
  assert.equal(refused.code, 2)
  assert.match(refused.stderr, /^NOTHING_TO_CONTINUE: .* nothing was changed/)
  assert.equal(existsSync(empty), false)
  const placed = await runNode(['init', '--from', home, '--home', empty])
  assert.equal(placed.code, 2)
  assert.match(placed.stderr, /--home=?.*: --from names the data folder/)
  const before = await runNode(['verify', '--home', home])
  const unnamed = await runNode(['init', '--from', home])
  assert.match(unnamed.stderr, /^FEDERATION_UNNAMED: .*"Harbour Bakery" \(did:icn:/)
  const unknown = await runNode(['init', '--from', home, '--federation', 'Hill Bakery'])
  assert.match(unknown.stderr, /^FEDERATION_UNKNOWN: no organization is called "Hill Bakery"/)
  assert.deepEqual([unnamed.code, unknown.code], [2, 2])
  assert.deepEqual(await runNode(['verify', '--home', home]), before)
  assert.equal(existsSync(file('cometbft')), false)
})

test('a network goes on with the next block of a node that was alone, whose history stays proved', {
  skip,
}, async () => {
  const named = ['--federation', 'Harbour Bakery']
  const begun = await runNode(['init', '--from', home, ...named, '--json', ...(await portFlags())])
  assert.equal(begun.code, 0, begun.stderr)
  const report = JSON.parse(begun.stdout) as { network: string; continuesHeight: number; federation: string }
  const { network, continuesHeight: height } = report
  assert.equal(report.federation, org)
  assert.equal(network, genesis.chainId)
  assert.equal(readFileSync(file('genesis.json'), 'utf8'), genesisText)
  const again = await runNode(['init', '--from', home, ...named])
  assert.match(again.stderr, /^ALREADY_NETWORK: /)

  node = createLocalNode(home)
  await node.start()
  await vote(node.url(), network, people[1] as Person)
  const url = node.url()
  assert.equal((await ask<{ turnout: number }>(url, `/v1/proposals/${proposal}`)).turnout, 2)
  const last = await ask<Block>(url, `/v1/blocks/${height}`)
  const proved = continuationOf(Buffer.from(last.header, 'base64url'), genesis)
  assert.deepEqual([proved.height, Buffer.from(proved.appHash).toString('hex')], [height, last.appHash])
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'commit', params: { height: String(height + 1) } })
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${url}/v1/network/light-rpc`, { method: 'POST', body, headers })
  const { result } = (await answer.json()) as { result: { signed_header: { header: { app_hash: string } } } }
  assert.equal(result.signed_header.header.app_hash.toLowerCase(), last.appHash)

  await node.end('SIGKILL')
  await node.start()
  await vote(node.url(), network, people[2] as Person)
  assert.equal((await ask<{ turnout: number }>(node.url(), `/v1/proposals/${proposal}`)).turnout, 3)
  await node.end('SIGTERM')
  // Whoever takes a copy of the state and starts it without CometBFT would make other blocks than the network.
  const copy = join(folder, 'copy')
  assert.equal((await runNode(['backup', join(folder, 'backup'), '--home', home, '--with-key'])).code, 0)
  assert.equal((await runNode(['restore', join(folder, 'backup'), '--home', copy])).code, 0)
  assert.deepEqual(readFileSync(join(copy, 'continues.json')), readFileSync(file('continues.json')))
  const alone = await runNode(['start', '--home', copy, '--accept-restored', '--consensus-engine', 'solo'])
  assert.equal(alone.code, 2)
  assert.match(alone.stderr, /expected cometbft, since CometBFT made block \d+, got "solo"/)
  const replayed = await runNode(['verify', '--replay', '--home', home])
  assert.equal(replayed.code, 0, replayed.stderr)
  await node.start()
})

test('others join with a snapshot, and only where the block before was signed by the genesis', { skip }, async () => {
  const url = node.url()
  const flags = ['--home', join(folder, 'second'), ...(await portFlags())]
  const unsynced = await runNode(['join', url, ...flags])
  assert.equal(unsynced.code, 2)
  assert.match(unsynced.stderr, /^NEEDS_SYNC: .* block \d+ of a node that was alone/)

  const invitation = await ask<{ continues: { header: string; height: number } }>(url, '/v1/network/join')
  const { header } = invitation.continues
  const altered = header.slice(0, -2) + (header.endsWith('00') ? '01' : '00')
  writeFileSync(
    join(folder, 'altered.json'),
    JSON.stringify({ ...invitation, continues: { ...invitation.continues, header: altered } }),
  )
  const refused = await runNode(['join', join(folder, 'altered.json'), '--sync', url, ...flags])
  assert.equal(refused.code, 2)
  assert.match(refused.stderr, /^WRONG_CONTINUATION: .* 0 of 1 of the power in the genesis signed/)
  assert.equal(existsSync(join(folder, 'second')), false)

  const isWhole = (name: string) => Number(name) > invitation.continues.height
  const made = await until('a snapshot', async () => readdirSync(file('snapshots')).map(String).find(isWhole))
  await until('two blocks after it', async () => (await heightOf(node)) >= Number(made) + 3)
  const joined = await runNode(['join', url, '--sync', url, ...flags])
  assert.equal(joined.code, 0, joined.stderr)
  second = createLocalNode(join(folder, 'second'))
  await second.start()
  const here = await heightOf(node)
  await until('the present', async () => (await heightOf(second)) >= here)
  await vote(second.url(), genesis.chainId, people[3] as Person)
  const goal = await heightOf(second)
  await until('the vote', async () => (await heightOf(node)) >= goal)
  const [own, theirs] = await Promise.all(
    [second, node].map(async (one) => await ask<Block>(one.url(), `/v1/blocks/${goal}`)),
  )
  assert.deepEqual(own, theirs)
})

test('the federation that the first node named admits a second one, and both sign', { skip }, async () => {
  const [ana, ...others] = people as [Person, ...Person[]]
  const { chainId } = genesis
  const { publicKey } = JSON.parse(readFileSync(join(second.home, 'validator-key.json'), 'utf8')) as Person & {
    publicKey: string
  }
  const about = { moniker: 'south-1', http: [], p2p: [], region: '', capacityBytes: 0, version: '1' }
  const registering: Body = { kind: 'node.register', org, publicKey, roles: ['validator'], ...about }
  const id = expectResult(await act(second.url(), chainId, ana, registering), 'node')
  await second.end('SIGTERM')
  await second.start(['--node-id', id])
  const statusAt = async (path: string) => (await ask<{ status: string }>(node.url(), path)).status
  await until('its heartbeat', async () => (await statusAt(`/v1/network/nodes/${id}`)) === 'active')

  const settings = { options: [], seats: 1, maxScore: 0, budgetMinor: 0, discussionMs: null, amends: null }
  const words = { type: 'bylaw', title: 'A second validator', text: '', method: 'yes-no', votingMs: 12_000 } as const
  const actions = [{ do: 'admit-validator', node: id, power: 1 } as const]
  const proposing: Body = { kind: 'proposal.new', org, ...words, ...settings, actions }
  const admission = expectResult(await act(node.url(), chainId, ana, proposing), 'proposal')
  for (const person of [ana, ...others]) {
    const answer = await act(node.url(), chainId, person, {
      kind: 'vote.cast',
      proposal: admission,
      ballot: 'yes',
      reason: '',
    })
    assert.equal(answer.status, 200, JSON.stringify(answer))
  }
  await until('the decision', async () => (await statusAt(`/v1/proposals/${admission}`)) === 'executed')
  for (const one of [node, second]) {
    const signing = async () => {
      const { validators } = await ask<{ validators: { publicKey: string; isSigning: boolean | null }[] }>(
        one.url(),
        '/v1/network/status',
      )
      return validators.filter(({ isSigning }) => isSigning === true).map((voter) => voter.publicKey)
    }
    const keys = [genesis.validators[0]?.publicKey, publicKey]
    await until('two who sign', async () => (await signing()).sort().join() === keys.toSorted().join())
  }
  // What they decide together is proved from the genesis, which one of them alone has signed.
  const answer = await fetch(`${node.url()}/v1/proposals/${admission}/bundle`)
  assert.equal(answer.status, 200)
  const { ok, checks } = verifyBundle(new Uint8Array(await answer.arrayBuffer()))
  assert.ok(ok, JSON.stringify(checks))
  assert.match(String(checks.find(({ name }) => name === 'commit signatures')?.detail), /by 2 of 2$/)
  await node.end('SIGTERM')
  await second.end('SIGTERM')
  const replayed = await runNode(['verify', '--replay', '--home', home])
  assert.equal(replayed.code, 0, replayed.stderr)
})
