import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import { generateSeed, toHex } from '@icn/crypto'
import {
  type Body,
  defaultParams,
  type Genesis,
  type GenesisOrigin,
  genesisHash,
  parseTransaction,
} from '@icn/protocol'
import { createActor, createClient, DishonestNode, keyFromSeed } from '../src/index.ts'

const ORG = 'did:icn:icn-mine:o1-0-abcdef'
const key = keyFromSeed(generateSeed())
const leave: Body = { kind: 'member.leave', org: ORG }

/** A node that answers what somebody wants it to. */
const lies = {
  network: 'icn-mine',
  genesis: {} as object,
  genesisHash: '',
  receiptOf: undefined as string | undefined,
  asked: [] as string[],
  got: [] as Uint8Array[],
}
const server = createServer(async (request, response) => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const path = request.url?.split('?')[0] ?? ''
  lies.asked.push(path)
  response.setHeader('content-type', 'application/json').end(JSON.stringify(answerTo(path, Buffer.concat(chunks))))
})
let url = ''

function answerTo(path: string, body: Buffer): object {
  if (path === '/v1/network') return { network: lies.network, height: 7, genesisHash: lies.genesisHash }
  if (path === '/v1/genesis') return lies.genesis
  if (path.startsWith('/v1/signers/')) return { sequence: 3 }
  // Whoever signed this would give everything away.
  if (path === '/v1/transactions/prepare')
    return { payload: 'AAAA', signingBytes: 'AAAA', summary: ['Leave'], sequence: 0 }
  const bytes = new Uint8Array(body)
  lies.got.push(bytes)
  const parsed = parseTransaction(bytes)
  const hash = lies.receiptOf ?? (parsed.ok ? toHex(parsed.parsed.hash) : '')
  return { hash, status: 'committed', height: 8, index: 0, result: {} }
}

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
beforeEach(() =>
  Object.assign(lies, { network: 'icn-mine', genesis: {}, genesisHash: '', receiptOf: undefined, asked: [], got: [] }),
)
after(() => {
  server.close()
  server.closeAllConnections()
})

test('what is signed is what was meant, and was shown before; the preparation of the node is never asked', async () => {
  const shown: string[][] = []
  const confirm = (lines: readonly string[]) => {
    assert.equal(lies.got.length, 0, 'shown after it was sent')
    shown.push([...lines])
  }
  await createActor({ client: createClient({ url }), key, confirm }).act(leave)
  assert.ok(!lies.asked.includes('/v1/transactions/prepare'))
  const parsed = parseTransaction(lies.got[0] ?? new Uint8Array())
  assert.ok(parsed.ok)
  const { tx } = parsed.parsed
  assert.deepEqual([tx.body, tx.signer, tx.chainId, tx.sequence], [leave, key.did, 'icn-mine', 3])
  assert.equal(shown[0]?.[0], `Leave ${ORG}`)
})

test('whoever says no at the sight of it has sent nothing', async () => {
  const confirm = () => {
    throw new Error('no')
  }
  await assert.rejects(createActor({ client: createClient({ url }), key, confirm }).act(leave), /^Error: no$/)
  assert.deepEqual(lies.got, [])
})

test('a node of another network than that of the organization gets no signature', async () => {
  lies.network = 'icn-other'
  await assert.rejects(createActor({ client: createClient({ url }), key }).act(leave), DishonestNode)
  assert.deepEqual(lies.got, [])
})

const origin: GenesisOrigin = {
  chainId: 'icn-mine',
  genesisHash: 'a1'.repeat(32),
  height: 5,
  blockHash: 'b2'.repeat(32),
  appHash: 'c3'.repeat(32),
  earlier: [],
  federation: null,
}
const genesis: Genesis = {
  chainId: 'icn-other',
  name: 'Other',
  timeMs: 1,
  validators: [{ name: 'V', publicKey: key.keyId, power: 1 }],
  params: defaultParams,
  origin,
}

test('a network that is made of the state of the one that is meant is taken for it, by the genesis of the hash that it names', async () => {
  lies.network = 'icn-other'
  for (const [shown, hash] of [
    [genesis, 'd4'.repeat(32)],
    [{ ...genesis, origin: { ...origin, chainId: 'icn-third' } }, undefined],
    [{ ...genesis, origin: undefined }, undefined],
  ] as const) {
    const document = JSON.parse(JSON.stringify(shown)) as Genesis
    Object.assign(lies, { genesis: document, genesisHash: hash ?? toHex(genesisHash(document)) })
    await assert.rejects(createActor({ client: createClient({ url }), key }).act(leave), DishonestNode)
    assert.deepEqual(lies.got, [])
  }
  Object.assign(lies, { genesis, genesisHash: toHex(genesisHash(genesis)) })
  await createActor({ client: createClient({ url }), key }).act(leave)
  const parsed = parseTransaction(lies.got[0] ?? new Uint8Array())
  assert.equal(parsed.ok && parsed.parsed.tx.chainId, 'icn-other')
})

test('a vote names no organization, so the network that is meant can be said', async () => {
  lies.network = 'icn-other'
  const vote: Body = { kind: 'vote.cast', proposal: 'p1-0-abcdef', ballot: 'yes', reason: '' }
  const actor = createActor({ client: createClient({ url }), key, network: 'icn-mine' })
  await assert.rejects(actor.act(vote), DishonestNode)
  assert.deepEqual(lies.got, [])
})

test('the receipt of something else is not taken for one', async () => {
  lies.receiptOf = 'ab'.repeat(32)
  await assert.rejects(createActor({ client: createClient({ url }), key }).act(leave), DishonestNode)
})

test('acts at once are sent one after the other, each with the next sequence', async () => {
  const actor = createActor({ client: createClient({ url }), key })
  await Promise.all([actor.act(leave), actor.act(leave), actor.act(leave)])
  const sequences = lies.got.map((bytes) => {
    const parsed = parseTransaction(bytes)
    return parsed.ok ? parsed.parsed.tx.sequence : undefined
  })
  assert.deepEqual(sequences, [3, 4, 5])
})
