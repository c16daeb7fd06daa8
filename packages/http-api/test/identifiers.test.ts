import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { generateSeed, publicKeyFromSeed } from '@icn/crypto'
import { type Bodies, identityDid, publicKeyToText } from '@icn/protocol'
import { CHAIN, newPerson, type Person, startApi, type TestApi } from './harness.ts'

const ana = newPerson()
let api: TestApi
let cara: Person
let registered = ''

before(async () => {
  api = await startApi()
  const seed = generateSeed()
  const publicKey = publicKeyToText(publicKeyFromSeed(seed))
  const body: Bodies['identity.register'] = { kind: 'identity.register', keys: [{ id: 'k1', publicKey }], services: [] }
  cara = { seed, did: identityDid(CHAIN, body), keyId: 'k1', sequence: 0 }
  await api.act(cara, body)
  registered = (await api.get('/v1/network')).json.time
  const added = { id: 'k2', publicKey: publicKeyToText(publicKeyFromSeed(generateSeed())) }
  await api.act(cara, { kind: 'identity.rotate', add: [added], revoke: [] })
  await api.act(cara, { kind: 'identity.deactivate' })
})
after(() => api.close())

const resolve = (did: string, query = '', headers = {}) =>
  api.get(`/1.0/identifiers/${encodeURIComponent(did)}${query}`, headers)
const keysOf = (document: { verificationMethod: { id: string }[] }) =>
  document.verificationMethod.map(({ id }) => id.split('#')[1])

test('a did:key resolves by itself, as a result or as the document alone', async () => {
  const result = await resolve(ana.did)
  assert.deepEqual([result.status, result.type], [200, 'application/did-resolution'])
  assert.deepEqual(result.json.didResolutionMetadata, { contentType: 'application/did' })
  assert.ok(Number(result.headers.get('icn-height')) > 0)
  const alone = await resolve(ana.did, '', { accept: 'application/did' })
  assert.deepEqual([alone.status, alone.type], [200, 'application/did'])
  assert.deepEqual(alone.json, result.json.didDocument)
  const again = await resolve(ana.did, '', { 'if-none-match': result.headers.get('etag') ?? '' })
  assert.equal(again.status, 304)
})

test('a deactivated DID is 410, and its earlier versions are there by number, time and height', async () => {
  const now = await resolve(cara.did)
  assert.deepEqual([now.status, now.json.didDocumentMetadata.deactivated], [410, true])
  assert.deepEqual(
    [now.json.didDocumentMetadata.versionId, keysOf((await resolve(cara.did, '?versionId=2')).json.didDocument)],
    ['3', ['k1', 'k2']],
  )
  for (const query of ['?versionId=1', `?versionTime=${registered}`, '?height=2']) {
    const earlier = await resolve(cara.did, query)
    assert.deepEqual([query, earlier.status, keysOf(earlier.json.didDocument)], [query, 200, ['k1']])
  }
})

for (const [what, did, query, headers, status, error] of [
  ['no DID', 'nonsense', '', {}, 400, 'INVALID_DID'],
  ['a did:key without a key', 'did:key:zzz', '', {}, 400, 'INVALID_DID'],
  ['two versions at once', ana.did, '?versionId=1&height=1', {}, 400, 'INVALID_OPTIONS'],
  ['a day that there is not', ana.did, '?versionTime=2026-13-41T00:00:00Z', {}, 400, 'INVALID_OPTIONS'],
  ['an unknown did:icn', `did:icn:${CHAIN}:nobody`, '', {}, 404, 'NOT_FOUND'],
  ['a type that is none of it', ana.did, '', { accept: 'image/png' }, 406, 'REPRESENTATION_NOT_SUPPORTED'],
  ['another method', 'did:web:example.com', '', {}, 501, 'METHOD_NOT_SUPPORTED'],
] as const) {
  test(`${what} is ${error}`, async () => {
    const reply = await resolve(did, query, headers)
    assert.deepEqual([reply.status, reply.json.didDocument], [status, null])
    assert.equal(reply.json.didResolutionMetadata.error.type, `https://www.w3.org/ns/did#${error}`)
  })
}

test('a version that was not yet is NOT_FOUND', async () => {
  for (const query of ['?versionId=9', '?versionTime=2001-01-01T00:00:00Z', '?height=1'])
    assert.deepEqual([query, (await resolve(cara.did, query)).status], [query, 404])
  assert.equal((await resolve(cara.did, '?height=999')).json.name, 'HEIGHT_NOT_REACHED')
})
