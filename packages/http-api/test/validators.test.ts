import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { absenceProofFromJson, fromHex, rowProofFromJson, verifyAbsence, verifyRow } from '@icn/crypto'
import { defaultParams, validatorAddress } from '@icn/protocol'
import { newPerson, startApi, type TestApi } from './harness.ts'

const ana = newPerson()
const key = newPerson()
const about = {
  moniker: 'oven',
  roles: ['observer' as const],
  http: ['https://node.example/'],
  p2p: ['node.example:26656'],
  region: 'north',
  capacityBytes: 10,
}
let plain: TestApi
let federated: TestApi
let node = ''
let org = ''

before(async () => {
  plain = await startApi()
  federated = await startApi(defaultParams.strangerAllowance, {}, undefined, {
    name: 'North',
    members: [{ did: ana.did, name: 'Ana' }],
  })
  const founding = {
    kind: 'org.found',
    orgKind: 'cooperative',
    name: 'Bakery',
    founderName: 'Ana',
    charter: {},
  } as const
  org = String((await federated.act(ana, founding)).org)
  const registering = { kind: 'node.register', org, publicKey: key.keyId, ...about, version: '1.0.0' } as const
  node = String((await federated.act(ana, registering)).node)
})
after(async () => {
  await plain.close()
  await federated.close()
})

test('a node is registered, then heard: its heartbeat stands beside what its organization says', async () => {
  const registered = (await federated.get(`/v1/network/nodes/${node}`)).json
  assert.deepEqual([registered.status, registered.heartbeat], ['registered', null])
  await federated.act(key, { kind: 'node.heartbeat', node, height: 1, version: '1.0.1', freeBytes: 4 })
  const { json } = await federated.get('/v1/network/nodes')
  assert.equal(json.nextCursor, null)
  const [view] = json.items
  assert.deepEqual([view.id, view.status, view.version, view.freeBytes, view.height], [node, 'active', '1.0.1', 4, 1])
  assert.deepEqual([view.moniker, view.http, view.p2p, view.until], ['oven', about.http, about.p2p, null])
  assert.match(view.heartbeat, /^20.*Z$/)
  for (const [query, found] of [
    [`publicKey=${key.keyId}`, 1],
    [`publicKey=${ana.keyId}`, 0],
    [`org=${org}`, 1],
    [`org=${org}&publicKey=${ana.keyId}`, 0],
  ] as const) {
    assert.equal((await federated.get(`/v1/network/nodes?${query}`)).json.items.length, found, query)
  }
  assert.equal((await federated.get('/v1/network/nodes/n9-0-aaaaaa')).status, 404)
  assert.equal((await federated.get('/v1/network/nodes?publicKey=z6Mk')).status, 400)
})

test('rows of nodes and validators, and that no upgrade is planned, are proved to the app hash', async () => {
  const [validator] = (await federated.get('/v1/network/validators')).json.items
  for (const path of [`/v1/network/nodes/${node}?proof=1`, `/v1/network/validators/${validator.address}?proof=1`]) {
    const { proof } = (await federated.get(path)).json
    const row = rowProofFromJson(proof.steps.row)
    const module = rowProofFromJson(proof.steps.module)
    assert.ok(verifyRow(module.value, row), path)
    assert.ok(verifyRow(fromHex(proof.appHash), module), path)
  }
  const { planned, isReady, version, inForce, proof } = (await federated.get('/v1/network/upgrade?proof=1')).json
  assert.deepEqual([planned, isReady, version, inForce], [null, true, 1, 1])
  assert.ok(verifyAbsence(rowProofFromJson(proof.steps.module).value, absenceProofFromJson(proof.steps.absence)))
})

test('the validators of a network that can have no others are those of the genesis, without rows', async () => {
  const { items, power, maxValidators, federation } = (await plain.get('/v1/network/validators')).json
  assert.deepEqual([items.length, power, maxValidators, federation], [1, 1, 1, null])
  const [only] = items
  assert.equal(only.address, validatorAddress(only.publicKey))
  assert.deepEqual([only.status, only.missed, only.missingSince, only.node], ['active', 0, null, null])
  const one = (await plain.get(`/v1/network/validators/${only.address}?proof=1`)).json
  assert.deepEqual(one, only, 'nothing to prove')
  assert.equal((await plain.get(`/v1/network/validators/${'0'.repeat(40)}`)).status, 404)
  assert.equal((await plain.get('/v1/network/upgrade?proof=1')).json.proof, undefined)
  const federated1 = (await federated.get('/v1/network/validators')).json
  assert.match(federated1.federation, /^did:icn:icn-test:o1-/)
})
