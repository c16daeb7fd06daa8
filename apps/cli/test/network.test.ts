import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { generateSeed, publicKeyFromSeed, toHex } from '@icn/crypto'
import { defaultParams, publicKeyToText } from '@icn/protocol'
import { type NodeProcess, runNode, startProcess } from '../../node/test/node-process.ts'
import { openWorkshop, type Workshop } from './harness.ts'

const HOUR_MS = 3_600_000
let shop: Workshop
const nodes: NodeProcess[] = []
let node = ''

/** A data folder of a network of this one node with a federation, which a person founds whose wallet is made already. */
function federated(home: string, founder: string, chainId: string): void {
  const seed = generateSeed()
  const publicKey = publicKeyToText(publicKeyFromSeed(seed))
  const start = { chainId, name: 'Federated', timeMs: Date.now() }
  const validators = [{ name: 'first', publicKey, power: 10 }]
  const federation = { name: 'North', members: [{ did: founder, name: 'Ana' }] }
  mkdirSync(home, { mode: 0o700 })
  writeFileSync(join(home, 'validator-key.json'), JSON.stringify({ publicKey, seed: toHex(seed) }), { mode: 0o600 })
  writeFileSync(join(home, 'genesis.json'), JSON.stringify({ ...start, validators, params: defaultParams, federation }))
}

/** Ended after the tests, whatever becomes of them. */
async function startNode(home: string, ...flags: string[]): Promise<NodeProcess> {
  const node = await startProcess(home, flags)
  nodes.push(node)
  return node
}

async function advance(url: string, advanceMs: number): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  await fetch(`${url}/v1/dev/clock`, { method: 'POST', body: JSON.stringify({ advanceMs }), headers })
}

before(async () => {
  shop = await openWorkshop()
  await shop.done('key', 'new', 'ana', '--no-passphrase')
  await shop.done('org', 'found', 'Bakery', '--as', 'ana')
})
after(async () => {
  for (const { child } of nodes) child.kill('SIGKILL')
  await shop.close()
})

const itemsOf = (answer: Record<string, never>) => answer.items as unknown as Record<string, unknown>[]

test('a node is registered, changed, drained, away, back and retired', async () => {
  const { publicKey } = JSON.parse(readFileSync(join(shop.folder, 'node', 'validator-key.json'), 'utf8'))
  const register = ['node', 'register', '--org', 'Bakery', '--key', publicKey, '--name', 'oven', '--role', 'validator']
  node = String((await shop.done(...register, '--p2p', 'node.example:26656', '--as', 'ana')).node)
  assert.deepEqual(await shop.refused('node', 'drain', node, '--as', 'ana'), [1, 'WRONG_NODE_STATUS'])
  await shop.done('node', 'update', node, '--http', 'https://node.example', '--as', 'ana')
  const [listed] = itemsOf(await shop.done('node', 'list', '--org', 'Bakery'))
  assert.deepEqual(
    [listed?.moniker, listed?.status, listed?.p2p, listed?.http],
    ['oven', 'registered', ['node.example:26656'], ['https://node.example']],
  )
  const second = generateSeed()
  const other = ['node', 'register', '--org', 'Bakery', '--key', publicKeyToText(publicKeyFromSeed(second))]
  const gone = String((await shop.done(...other, '--as', 'ana')).node)
  await shop.done('node', 'retire', gone, '--as', 'ana')
  assert.deepEqual(await shop.refused('node', 'retire', gone, '--as', 'ana'), [1, 'NODE_RETIRED'])
  assert.deepEqual(await shop.refused('node', 'retire', 'n9-0-aaaaaa', '--as', 'ana'), [1, 'NOT_FOUND'])
  assert.equal(itemsOf(await shop.done('node', 'list')).length, 1)
  assert.equal(itemsOf(await shop.done('node', 'list', '--all')).length, 2)
})

test('a network of one node without a federation has nobody who decides about validators', async () => {
  const { stdout } = await shop.icn(['validator', 'list'])
  assert.match(stdout, /^[0-9a-f]{40}\tthis node\tactive\tpower 1\tmissed 0\t/)
  assert.match(stdout, /No federation is named/)
  assert.deepEqual(await shop.refused('validator', 'propose', node, '--as', 'ana'), [1, 'NO_FEDERATION'])
  assert.deepEqual(await shop.refused('validator', 'unjail', '0'.repeat(40), '--as', 'ana'), [1, 'NOT_FOUND'])
})

test('the founder whom a genesis names decides from the first block on, and a node with its id is heard', async () => {
  const home = join(shop.folder, 'federated')
  const founder = String((await shop.done('key', 'show', 'ana', '--founding')).did)
  federated(home, founder, 'icn-federated')
  const first = await startNode(home, '--dev-clock')
  const on = ['--node', first.url, '--as', 'ana']
  await advance(first.url, 1)
  const { publicKey } = JSON.parse(readFileSync(join(home, 'validator-key.json'), 'utf8'))
  const id = String((await shop.done('node', 'register', '--org', 'North', '--key', publicKey, ...on)).node)
  const { items, federation } = (await shop.done('validator', 'list', ...on)) as unknown as {
    items: { address: string }[]
    federation: string
  }
  const address = String(items[0]?.address)
  const { code, stdout } = await shop.icn(['validator', 'propose', id, ...on, '--json'])
  assert.deepEqual([code, JSON.parse(stdout).error.name], [1, 'TOO_MANY_VALIDATORS'])
  assert.match(JSON.parse(stdout).error.hint, /as many validators as it may: 1. A network with one validator stays so/)
  const removing = ['validator', 'remove', address, '--reason', 'x', '--voting', '1h', ...on]
  const proposal = String((await shop.done(...removing)).proposal)
  const shown = (await shop.done('proposal', 'show', proposal, ...on)) as unknown as { org: string; actions: object[] }
  assert.deepEqual(
    [shown.org, shown.actions],
    [federation, [{ do: 'remove-validator', validator: address, reason: 'x' }]],
  )
  await first.end('SIGTERM')

  const again = await startNode(home, '--node-id', id)
  const heard = async () => itemsOf(await shop.done('node', 'list', '--node', again.url))[0]
  let facts = await heard()
  // Each look takes a second; the heartbeat is sent at once.
  for (let look = 0; look < 60 && facts?.status !== 'active'; look++) facts = await heard()
  assert.deepEqual([facts?.id, facts?.status, facts?.roles], [id, 'active', ['observer']])
  assert.ok(Number(facts?.freeBytes) > 0)
  await again.end('SIGTERM')
})

test('a node stops before the block of an upgrade with code 5, and does not start again', async () => {
  const home = join(shop.folder, 'upgraded')
  federated(home, String((await shop.done('key', 'show', 'ana', '--founding')).did), 'icn-upgraded')
  const running = await startNode(home, '--dev-clock')
  const on = ['--node', running.url, '--as', 'ana']
  await advance(running.url, 1)
  const action = JSON.stringify({ do: 'upgrade', version: 2, name: 'Oak', height: 20 })
  const words = ['--title', 'Oak', '--type', 'bylaw', '--voting', '1h', '--action', action]
  const id = String((await shop.done('proposal', 'new', '--org', 'North', ...words, ...on)).proposal)
  await shop.done('vote', id, 'yes', ...on)
  await advance(running.url, HOUR_MS)
  const planned = (await (await fetch(`${running.url}/v1/network/upgrade`)).json()) as Record<string, unknown>
  assert.deepEqual(planned, {
    version: 1,
    inForce: 1,
    planned: { version: 2, name: 'Oak', height: 20, proposal: id },
    isReady: false,
  })
  const ended = once(running.child, 'exit')
  // A block for every hour at least; the node ends meanwhile, with an answer or without.
  await advance(running.url, 20 * HOUR_MS).catch(() => undefined)
  assert.deepEqual(await ended, [5, null])
  const again = await runNode(['start', '--home', home, '--http-port', '0'])
  assert.deepEqual([again.code, again.stdout], [5, ''])
  assert.match(again.stderr, /block 20 needs version 2 of the rules \(Oak\), and this program has version 1/)
})
