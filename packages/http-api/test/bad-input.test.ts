import assert from 'node:assert/strict'
import { request } from 'node:http'
import { after, before, test } from 'node:test'
import { encodeCanonical, generateSeed, publicKeyFromSeed, signDomain, toBase64Url } from '@icn/crypto'
import {
  type Body,
  didFromPublicKey,
  publicKeyToText,
  SIGN_IN_DOMAIN,
  signTransaction,
  type Transaction,
} from '@icn/protocol'
import { CHAIN, newPerson, type Reply, replyOf, startApi, type TestApi } from './harness.ts'

const { seed, did, keyId } = newPerson()
let api: TestApi
let url = ''
let org = ''
let sequence = 0

before(async () => {
  api = await startApi({ burst: 2, perHour: 1 })
  url = api.url
  const founded = await submit(
    signed({
      kind: 'org.found',
      name: '<script>alert(1)</script>',
      orgKind: 'cooperative',
      founderName: 'Ana',
      charter: { readAccess: 'members' },
    }),
  )
  org = founded.json.result.org
  sequence++
})
after(() => api.close())

const submit = (bytes: Uint8Array) => api.submit(bytes)
const post = (path: string, body: string, type?: string) => api.post(path, body, type)

function signed(body: Body, change: Partial<Transaction> = {}, own = seed): Uint8Array {
  return signTransaction({ chainId: CHAIN, signer: did, keyId, sequence, expiryHeight: 1_000, body, ...change }, own)
}

const leave = (): Body => ({ kind: 'member.leave', org: 'did:icn:icn-test:o9-9-aaaaaa' })

/** Sends bad bytes and proves that nothing has changed by them. */
async function refuses(bytes: Uint8Array, name: string, status: number): Promise<Reply> {
  const before = await api.root()
  const reply = await submit(bytes)
  assert.deepEqual([reply.json.name, reply.status], [name, status], JSON.stringify(reply.json))
  assert.equal(reply.type, 'application/problem+json')
  assert.ok(reply.json.hint.length > 10)
  assert.equal(await api.root(), before, 'the root has changed')
  return reply
}

const utf8 = (text: string) => new TextEncoder().encode(text)

test('a committed transaction again is DUPLICATE', async () => {
  const bytes = signed({
    kind: 'member.invite',
    org,
    invitationKey: publicKeyToText(publicKeyFromSeed(generateSeed())),
    uses: 1,
    expiresTimeMs: Date.now() + 1_000_000,
    roles: [],
  })
  assert.equal((await submit(bytes)).status, 200)
  sequence++
  await refuses(bytes, 'DUPLICATE', 409)
})

test("another network's transaction, a foreign key and a changed byte are BAD_SIGNATURE", async () => {
  await refuses(signed(leave(), { chainId: 'icn-other' }), 'BAD_SIGNATURE', 400)
  await refuses(signed(leave(), {}, generateSeed()), 'BAD_SIGNATURE', 400)
  const changed = signed(leave())
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1
  await refuses(changed, 'BAD_SIGNATURE', 400)
})

test('a small-order key and a malleable signature are BAD_SIGNATURE', async () => {
  const zero = new Uint8Array(32)
  zero[0] = 1
  const small = { signer: didFromPublicKey(zero), keyId: publicKeyToText(zero), sequence: 0 }
  await refuses(signed(leave(), small), 'BAD_SIGNATURE', 400)
  const bytes = signed(leave())
  const L = 2n ** 252n + 27742317777372353535851937790883648493n
  const s = bytes.subarray(-32)
  let value = L
  for (const [index, byte] of s.entries()) value += BigInt(byte) << BigInt(8 * index)
  for (let index = 0; index < 32; index++) s[index] = Number((value >> BigInt(8 * index)) & 255n)
  await refuses(bytes, 'BAD_SIGNATURE', 400)
})

test('what is not canonical is NON_CANONICAL before anything is verified', async () => {
  await refuses(new Uint8Array([...signed(leave()), 0]), 'NON_CANONICAL', 400)
  await refuses(utf8('no CBOR at all'), 'NON_CANONICAL', 400)
  await refuses(new Uint8Array(0), 'NON_CANONICAL', 400)
  await refuses(new Uint8Array([0x82, 0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), 'NON_CANONICAL', 400)
  await refuses(new Uint8Array(60_000).fill(0x81), 'NON_CANONICAL', 400)
})

test('signed bytes under another content type are 415 and say which; the right one may have parameters or be left out', async () => {
  const before = await api.root()
  const send = async (body: Uint8Array, headers: Record<string, string>) =>
    replyOf(await fetch(`${url}/v1/transactions`, { method: 'POST', body: new Uint8Array(body), headers }))
  for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded', '', 'octet-stream']) {
    const reply = await send(signed(leave()), { 'content-type': type })
    assert.deepEqual([type, reply.status, reply.json.name], [type, 415, 'UNSUPPORTED_MEDIA_TYPE'])
    assert.equal(reply.type, 'application/problem+json')
    assert.match(reply.json.hint, /application\/octet-stream/)
  }
  for (const type of ['application/octet-stream', 'Application/Octet-Stream ; charset=binary']) {
    assert.equal((await send(signed(leave()), { 'content-type': type })).json.name, 'ORG_NOT_FOUND')
  }
  assert.equal((await send(signed(leave()), {})).json.name, 'ORG_NOT_FOUND')
  assert.equal(await api.root(), before)
})

test('an unknown kind and a body of another shape are named', async () => {
  await refuses(signed({ kind: 'money.print' } as never), 'UNKNOWN_KIND', 400)
  const reply = await refuses(signed({ kind: 'member.leave', org: 7 } as never), 'BAD_BODY', 400)
  assert.equal(reply.json.at, '/body/org')
})

test('a sequence gap and a past one are BAD_SEQUENCE with the expected number', async () => {
  for (const wrong of [sequence + 1, 0]) {
    const reply = await refuses(signed(leave(), { sequence: wrong }), 'BAD_SEQUENCE', 409)
    assert.equal(reply.json.expected, sequence)
  }
})

test('expired and too far ahead are refused', async () => {
  await refuses(signed(leave(), { expiryHeight: 0 }), 'EXPIRED', 409)
  await refuses(signed(leave(), { expiryHeight: 9_000_000 }), 'EXPIRY_TOO_FAR', 409)
})

test('a body over its limit is 413, announced or not', async () => {
  await refuses(new Uint8Array(70_000), 'TOO_LARGE', 413)
  const status = await new Promise((resolve, reject) => {
    const sending = request(
      `${url}/v1/transactions`,
      { method: 'POST', headers: { 'transfer-encoding': 'chunked' } },
      (answer) => {
        answer.resume()
        resolve(answer.statusCode)
      },
    )
    sending.on('error', reject)
    for (let i = 0; i < 3; i++) sending.write(new Uint8Array(40_000))
    sending.end()
  })
  assert.equal(status, 413)
  assert.equal(
    (await post('/v1/transactions/prepare', `{"signer":"${did}","body":{"text":"${'a'.repeat(300_000)}"}}`)).status,
    413,
  )
})

test('a used-up allowance is 429 with the time it refills, and others are not affected', async () => {
  const stranger = generateSeed()
  const own = {
    signer: didFromPublicKey(publicKeyFromSeed(stranger)),
    keyId: publicKeyToText(publicKeyFromSeed(stranger)),
  }
  const found: Body = { kind: 'org.found', name: 'Other', orgKind: 'community', founderName: 'Eve', charter: {} }
  // The founding at the start was the first of two that strangers have.
  assert.equal((await submit(signed(found, { ...own, sequence: 0 }, stranger))).status, 200)
  const third = generateSeed()
  const other = {
    signer: didFromPublicKey(publicKeyFromSeed(third)),
    keyId: publicKeyToText(publicKeyFromSeed(third)),
    sequence: 0,
  }
  const reply = await refuses(signed(found, other, third), 'ALLOWANCE_USED_UP', 429)
  assert.ok(Number(reply.headers.get('retry-after')) > 0 && reply.json.retryAtMs > Date.now())
  const mine: Body = {
    kind: 'member.invite',
    org,
    invitationKey: keyId,
    uses: 1,
    expiresTimeMs: Date.now() + 1_000_000,
    roles: [],
  }
  assert.equal((await submit(signed(mine))).status, 200)
  sequence++
})

for (const [number, why] of [
  ['-1', 'negative'],
  ['-0', 'minus zero'],
  ['0.5', 'a fraction'],
  ['1.0', 'written as a fraction'],
  ['1e3', 'written with an exponent'],
  ['1e400', 'infinite'],
  ['9007199254740993', 'beyond 2^53'],
] as const) {
  test(`prepare answers BAD_AMOUNT for a number that is ${why}`, async () => {
    const reply = await post(
      '/v1/transactions/prepare',
      `{"signer":"${did}","body":{"kind":"member.invite","uses":${number}}}`,
    )
    assert.deepEqual([reply.status, reply.json.name], [400, 'BAD_AMOUNT'], JSON.stringify(reply.json))
  })
}

test('keys that reach into objects are 400', async () => {
  for (const key of ['__proto__', 'constructor']) {
    const reply = await post(
      '/v1/transactions/prepare',
      `{"signer":"${did}","body":{"kind":"org.found","${key}":{"a":1}}}`,
    )
    assert.deepEqual([reply.status, reply.json.name], [400, 'FORBIDDEN_KEY'])
  }
})

test('what prepare answers says what it is, and can be signed as it stands', async () => {
  const reply = await post('/v1/transactions/prepare', JSON.stringify({ signer: did, body: leave() }))
  assert.equal(reply.status, 200)
  assert.equal(reply.json.sequence, sequence)
  const payload = Buffer.from(reply.json.payload, 'base64url')
  const bytes = encodeCanonical([new Uint8Array(payload), signDomain('icn:tx:1', payload, seed)])
  await refuses(bytes, 'ORG_NOT_FOUND', 404)
})

test('names that reach out of a folder, or hold a NUL, are 4xx', async () => {
  for (const path of [
    '/v1/organizations/..%2f..%2fetc%2fpasswd',
    '/v1/proposals/%00',
    '/v1/transactions/..%2f..',
    '/..%2f..%2fetc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
  ]) {
    const response = await fetch(url + path)
    assert.ok(response.status === 400 || response.status === 404, `${path}: ${response.status}`)
    assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/)
    await response.body?.cancel()
  }
})

test('unknown parameters, wrong limits and cursors that are none are 400', async () => {
  for (const path of [
    '/v1/blocks?limit=0',
    '/v1/blocks?limit=x',
    '/v1/blocks?colour=red',
    '/v1/network?a=1',
    '/v1/members',
    '/v1/organizations?cursor=!!',
  ]) {
    const response = await fetch(url + path)
    assert.ok([400, 404].includes(response.status), `${path}: ${response.status}`)
    await response.body?.cancel()
  }
})

test('script in a name is shown as text, and the policy forbids it to run', async () => {
  const response = await fetch(`${url}/`)
  const html = await response.text()
  assert.ok(html.includes('&lt;script&gt;alert(1)&lt;/script&gt;') && !html.includes('<script'))
  assert.match(response.headers.get('content-security-policy') ?? '', /default-src 'none'/)
})

test('what only members read asks strangers to sign in, and a session opens it, once', async () => {
  const path = `/v1/organizations/${org}/members`
  assert.equal((await replyOf(await fetch(url + path))).status, 401)
  const { json } = await post('/v1/sessions/challenge', JSON.stringify({ did }))
  const signature = toBase64Url(signDomain(SIGN_IN_DOMAIN, utf8(json.challenge), seed))
  const signIn = JSON.stringify({ did, keyId, challenge: json.challenge, signature })
  const session = await post('/v1/sessions', signIn)
  assert.equal(session.status, 200, JSON.stringify(session.json))
  const headers = { authorization: `Bearer ${session.json.token}` }
  assert.equal((await replyOf(await fetch(url + path, { headers }))).json.items.length, 1)
  assert.equal((await post('/v1/sessions', signIn)).status, 401)
  assert.equal((await replyOf(await fetch(`${url}/v1/sessions`, { method: 'DELETE', headers }))).json.ended, true)
  assert.equal((await replyOf(await fetch(url + path, { headers }))).status, 401)
  assert.equal((await replyOf(await fetch(url + path, { headers: { authorization: 'Bearer nonsense' } }))).status, 401)
})

test('reads name their height, and an entity tag saves the body', async () => {
  const first = await fetch(`${url}/v1/organizations`)
  assert.ok(Number(first.headers.get('icn-height')) > 0)
  const tag = first.headers.get('etag') ?? ''
  await first.body?.cancel()
  const again = await fetch(`${url}/v1/organizations`, { headers: { 'if-none-match': tag } })
  assert.equal(again.status, 304)
  assert.equal((await replyOf(await fetch(`${url}/v1/organizations/${org}?height=1`))).status, 404)
})

test('a batch answers each by itself, in order, and a signer may have two in it', async () => {
  const invite: Body = {
    kind: 'member.invite',
    org,
    invitationKey: keyId,
    uses: 2,
    expiresTimeMs: Date.now() + 1_000_000,
    roles: [],
  }
  const list = [
    signed(invite),
    utf8('x'),
    signed(invite, { sequence: sequence + 1 }),
    signed(leave(), { sequence: sequence + 7 }),
  ]
  const headers = { 'content-type': 'application/octet-stream' }
  const body = new Uint8Array(encodeCanonical(list))
  const reply = await replyOf(await fetch(`${url}/v1/transactions/batch`, { method: 'POST', body, headers }))
  assert.equal(reply.status, 200)
  const names = reply.json.items.map(({ status, name }: { status: string; name: string }) => name || status)
  assert.deepEqual(names, ['committed', 'NON_CANONICAL', 'committed', 'BAD_SEQUENCE'])
  sequence += 2
})

test('a refusal costs nothing: the next transaction has the same sequence', async () => {
  await refuses(signed(leave()), 'ORG_NOT_FOUND', 404)
  const mine: Body = {
    kind: 'member.invite',
    org,
    invitationKey: keyId,
    uses: 1,
    expiresTimeMs: Date.now() + 1_000_000,
    roles: [],
  }
  assert.equal((await submit(signed(mine))).status, 200)
  sequence++
})

test('events go on after the last one that was seen', async () => {
  const control = new AbortController()
  const response = await fetch(`${url}/v1/events?lastEventId=0-0&topic=org`, { signal: control.signal })
  let text = ''
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += new TextDecoder().decode(chunk)
    if (text.includes('"topic":"org.founded"')) break
  }
  control.abort()
  assert.match(text, /id: \d+-\d+\nevent: org\.founded\n/)
  assert.ok(!text.includes('alert(1)'), 'a stranger sees nothing of an organization that only members read')
})
