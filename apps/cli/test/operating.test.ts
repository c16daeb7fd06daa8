import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import {
  createLocalNode,
  freePorts,
  type LocalNetwork,
  type LocalNode,
  type NodePorts,
  startNetwork,
  until,
} from '@icn/testkit/network'
import { setUpCometBft } from '../../../scripts/setup-cometbft.ts'
import { commandOver } from './harness.ts'

// docs/operating.md, as an operator goes through it: a disk is lost, a quorum is lost, a key is rotated.
const setup = setUpCometBft({ quiet: true })
const skip = setup.ok ? false : setup.reason
const folder = mkdtempSync(join(tmpdir(), 'icn-operating-'))
const wallet = join(folder, 'wallet')
const KEY = 'validator-key.json'
const PACE = ['--consensus-idle-ms', '1000', '--log-level', 'warn']
let network: LocalNetwork
const started: LocalNode[] = []
before(async () => {
  if (skip !== false) return
  network = await startNetwork({ folder, validators: 4, flags: PACE })
  started.push(...network.nodes)
  const secret = join(folder, 'founder-key')
  await over(nodeAt(0)).done('key', 'import', 'ana', '--secret', secret, '--no-passphrase')
  await over(nodeAt(0)).done('key', 'new', 'ben', '--no-passphrase')
  await over(nodeAt(0)).done('org', 'found', 'South Bakery', '--as', 'ben')
})
after(async () => {
  await Promise.all(started.map((node) => node.end('SIGKILL')))
  rmSync(folder, { recursive: true, force: true })
})

const nodeAt = (index: number) => network.nodes[index] as LocalNode
const over = (node: LocalNode) => commandOver(wallet, node.url())
const read = async <T>(node: LocalNode, path: string): Promise<T> =>
  (await (await fetch(`${node.url()}${path}`)).json()) as T
const heightOf = async (node: LocalNode) => (await read<{ height: number }>(node, '/v1/network')).height
const keyOf = (home: string) => (JSON.parse(readFileSync(join(home, KEY), 'utf8')) as { publicKey: string }).publicKey

interface Validator {
  readonly address: string
  readonly publicKey: string
  readonly name: string
  readonly status: string
  readonly isSigning?: boolean | null
}

async function signs(node: LocalNode, publicKey: string): Promise<boolean> {
  const { validators } = await read<{ validators: Validator[] }>(node, '/v1/network/status')
  return validators.some((own) => own.publicKey === publicKey && own.isSigning === true)
}

/** A folder that joined the network by its first node, on ports of its own. */
async function joinAs(name: string, ...flags: string[]): Promise<LocalNode> {
  const [{ http, p2p, rpc, metrics }] = (await freePorts(1)) as [NodePorts]
  const ports = [`http.port=${http}`, `cometbft.p2pPort=${p2p}`, `cometbft.rpcPort=${rpc}`]
  const rest = [`cometbft.metricsPort=${metrics}`, 'cometbft.p2pHost=127.0.0.1', 'cometbft.privateNetwork=true']
  const home = join(folder, name)
  await over(nodeAt(0)).done('network', 'join', nodeAt(0).url(), ...flags, '--home', home, '--set', ...ports, ...rest)
  const node = createLocalNode(home, PACE)
  started.push(node)
  return node
}

async function catchUp(node: LocalNode): Promise<void> {
  const height = await heightOf(nodeAt(0))
  await until(`block ${height}`, async () => (await heightOf(node)) >= height)
}

/** Ends with this code, says this, and serves nobody. */
async function refusesToStart(home: string, code: number, said: RegExp): Promise<void> {
  const node = createLocalNode(home, PACE)
  await assert.rejects(node.start(), (error: Error) => {
    assert.match(error.message, new RegExp(`ended with ${code} before it was ready`))
    assert.match(error.message, said)
    return true
  })
}

test('a validator whose disk is lost comes back with its key, and never beside the node that has it', {
  skip,
}, async () => {
  const lost = nodeAt(3)
  const [backup, restored] = [join(folder, 'backup'), join(folder, 'restored')]
  const { code } = await over(lost).icn(['backup', backup, '--with-key', '--home', lost.home])
  assert.equal(code, 0)
  const { stdout } = await over(lost).icn(['restore', backup, '--home', restored])
  assert.match(stdout, /^ok .*\nIt is of a network of several nodes\. To run one again, join the network/)
  await refusesToStart(restored, 2, /RESTORED_STATE: .*without the blocks of CometBFT.* What to do: join the network/)

  const key = keyOf(restored)
  const anew = await joinAs('anew')
  copyFileSync(join(restored, KEY), join(anew.home, KEY))
  await anew.start()
  // The old machine still runs: the new one follows, and must not sign a thing.
  await until('the warning', async () => anew.log().includes('another node signs with the key of this folder'))
  await catchUp(anew)
  assert.match(readFileSync(join(anew.home, 'cometbft/data/priv_validator_state.json'), 'utf8'), /"height": "0"/)

  await lost.end('SIGKILL')
  rmSync(lost.home, { recursive: true })
  await until('blocks without it', async () => !(await signs(nodeAt(0), key)))
  await until('its votes', () => signs(nodeAt(0), key), 60_000)
  assert.match(anew.log(), /10 blocks have come without this key: the node begins with its votes/)
  // What it has signed from here is known here, so nobody waits the next time.
  assert.equal(await anew.end('SIGTERM'), 0)
  await anew.start()
  assert.doesNotMatch(anew.log().split('begins with its votes').at(-1) ?? '', /was not made in this folder/)
  await until('its votes again', () => signs(nodeAt(0), key))
  const { items } = await read<{ items: Validator[] }>(nodeAt(0), '/v1/network/validators')
  assert.ok(items.every(({ status }) => status === 'active'))
})

test('without a quorum nothing is decided and everything can be read with proofs; with it back, nothing is lost', {
  skip,
}, async () => {
  const [one, two, three] = [nodeAt(0), nodeAt(1), nodeAt(2)] as const
  const { done } = over(one)
  await Promise.all([two.end('SIGKILL'), three.end('SIGKILL')])
  const before = await heightOf(one)
  const waiting = done('org', 'found', 'North Mill', '--as', 'ben')
  const isWaiting = async () => (await read<{ waiting: number }>(one, '/v1/network')).waiting > 0
  await until('the transaction in the pool', isWaiting)
  const { items } = await read<{ items: { did: string }[] }>(one, '/v1/organizations')
  const proved = await read<{ proof: { height: number } }>(one, `/v1/organizations/${items[0]?.did}?proof=1`)
  assert.ok(proved.proof !== undefined)
  assert.ok((await heightOf(one)) <= before + 1)
  // A node that was killed with the network standing comes up all the same.
  await Promise.all([two.start(), three.start()])
  assert.equal((await waiting).status, 'committed')
  const height = await heightOf(one)
  const roots = await Promise.all(
    [one, two, three, started.at(-1) as LocalNode].map(async (node) => {
      await until(`block ${height}`, async () => (await heightOf(node)) >= height)
      return (await read<{ appHash: string }>(node, `/v1/blocks/${height}`)).appHash
    }),
  )
  assert.equal(new Set(roots).size, 1)
})

test('a key is rotated: another node is admitted with its own, and the old one is removed as the limit of a day lets it', {
  skip,
}, async () => {
  const { done, icn } = over(nodeAt(0))
  const second = await joinAs('second')
  const key = keyOf(second.home)
  const about = ['--name', 'south-2', '--role', 'validator', '--as', 'ben']
  const id = String((await done('node', 'register', '--org', 'South Bakery', '--key', key, ...about)).node)
  await second.start(['--node-id', id])
  const isHeard = async () => (await read<{ status: string }>(second, `/v1/network/nodes/${id}`)).status === 'active'
  await until('the first heartbeat', isHeard)

  const decide = async (...words: string[]) => {
    const proposal = String((await done(...words, '--voting', '4s', '--as', 'ana')).proposal)
    await done('vote', proposal, 'yes', '--as', 'ana')
    const status = async () => (await read<{ status: string }>(nodeAt(0), `/v1/proposals/${proposal}`)).status
    await until('the decision', async () => (await status()) !== 'voting')
    return { proposal, status: await status() }
  }
  assert.equal((await decide('validator', 'propose', id)).status, 'executed')
  await until('the votes of the new one', () => signs(nodeAt(0), key))

  const old = (await read<{ items: Validator[] }>(nodeAt(0), '/v1/network/validators')).items.find(
    ({ publicKey }) => publicKey === keyOf(nodeAt(1).home),
  )
  const removing = await decide('validator', 'remove', String(old?.address), '--reason', 'Key replaced.')
  assert.equal(removing.status, 'exec_failed')
  const { stdout } = await icn(['proposal', 'show', removing.proposal])
  assert.match(stdout, /POWER_CHANGE_TOO_LARGE/)
  // The new one votes in its place.
  assert.equal(await nodeAt(1).end('SIGTERM'), 0)
  const height = await heightOf(nodeAt(0))
  await until('blocks without the old one', async () => (await heightOf(nodeAt(0))) > height + 2)
})
