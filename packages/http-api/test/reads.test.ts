import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { generateSeed, publicKeyFromSeed } from '@icn/crypto'
import { type Body, proveInvitation, publicKeyToText } from '@icn/protocol'
import { CHAIN, newPerson, plainProposal, startApi, type TestApi } from './harness.ts'

const ana = newPerson()
const ben = newPerson()
let api: TestApi
let open = ''
let closed = ''
let proposal = ''
let secretVote = ''

before(async () => {
  api = await startApi()
  const founding = { kind: 'org.found', orgKind: 'cooperative', founderName: 'Ana' } as const
  open = String((await api.act(ana, { ...founding, name: 'Open', charter: {} })).org)
  closed = String((await api.act(ana, { ...founding, name: 'Closed', charter: { readAccess: 'members' } })).org)
  const secret = generateSeed()
  const expiresTimeMs = Date.now() + 86_400_000
  const invitationKey = publicKeyToText(publicKeyFromSeed(secret))
  const invite = (uses: number): Body => ({
    kind: 'member.invite',
    org: open,
    invitationKey,
    uses,
    expiresTimeMs,
    roles: [],
  })
  for (let uses = 2; uses <= 4; uses++) await api.act(ana, invite(uses))
  const id = String((await api.act(ana, invite(1))).invitation)
  const invitation = { id, proof: proveInvitation(CHAIN, id, ben.did, secret) }
  await api.act(ben, { kind: 'member.apply', org: open, name: 'Ben', statement: '', invitation })
  proposal = String((await api.act(ana, plainProposal(open))).proposal)
  for (const title of ['One', 'Two']) await api.act(ana, plainProposal(open, title))
  for (const text of ['a', 'b', 'c']) await api.act(ben, { kind: 'proposal.discuss', proposal, text, inReplyTo: null })
  for (const person of [ana, ben]) await api.act(person, { kind: 'vote.cast', proposal, ballot: 'yes', reason: '' })
  secretVote = String((await api.act(ana, plainProposal(closed, 'Wages'))).proposal)
})
after(() => api.close())

test('a network of one node has no join file and no light blocks of CometBFT', async () => {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'commit' })
  for (const { status, json } of [await api.get('/v1/network/join'), await api.post('/v1/network/light-rpc', body)])
    assert.deepEqual([status, json.name], [404, 'NOT_REPLICATED'])
})

test('every list is the same in pages of one as in one page, and a cursor of another form is 400', async () => {
  const lists = [
    '/v1/blocks',
    '/v1/network/nodes',
    '/v1/organizations',
    '/v1/proposals',
    `/v1/organizations/${open}/members`,
    `/v1/organizations/${open}/invitations`,
    `/v1/organizations/${open}/applications`,
    `/v1/organizations/${open}/bylaws`,
    `/v1/organizations/${open}/resolutions`,
    `/v1/proposals/${proposal}/comments`,
    `/v1/proposals/${proposal}/votes`,
    `/v1/signers/${ana.did}/organizations`,
  ]
  for (const list of lists) {
    const whole = (await api.get(`${list}?limit=200`)).json
    assert.equal(whole.nextCursor, null)
    const items: unknown[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const page: { items: unknown[]; nextCursor: string | null } = (
        await api.get(`${list}?limit=1${cursor === '' ? '' : `&cursor=${cursor}`}`)
      ).json
      assert.ok(page.items.length <= 1)
      items.push(...page.items)
      cursor = page.nextCursor
    }
    assert.deepEqual(items, whole.items, list)
    assert.deepEqual([list, (await api.get(`${list}?cursor=AA`)).json.name], [list, 'BAD_CURSOR'])
  }
  assert.equal((await api.get('/v1/proposals?cursor=eHl6')).status, 400, 'xyz is no height and id')
  assert.equal((await api.get('/v1/blocks?cursor=eHl6')).status, 400)
})

test('every read names its height and takes height: the present one, or an earlier one of what never changes', async () => {
  const { height } = (await api.get('/v1/network')).json
  const { hash } = (await api.get('/v1/blocks/2')).json.transactions[0]
  const kept = ['/v1/genesis', '/v1/blocks', '/v1/blocks/2', `/v1/transactions/${hash}`]
  const present = [
    '/v1/network',
    '/v1/organizations',
    `/v1/organizations/${open}`,
    `/v1/organizations/${open}/charter`,
    `/v1/organizations/${open}/members`,
    `/v1/organizations/${open}/metrics`,
    '/v1/proposals',
    `/v1/proposals/${proposal}`,
    `/v1/proposals/${proposal}/votes/${ben.did}`,
    `/v1/signers/${ana.did}`,
    `/v1/signers/${ana.did}/organizations`,
  ]
  for (const path of [...kept, ...present]) {
    const now = await api.get(`${path}?height=${height}`)
    assert.deepEqual([path, now.status, now.headers.get('icn-height')], [path, 200, String(height)])
    const ahead = await api.get(`${path}?height=${height + 1}`)
    assert.deepEqual([ahead.status, ahead.json.name], [404, 'HEIGHT_NOT_REACHED'])
    const past = await api.get(`${path}?height=2`)
    if (kept.includes(path)) assert.deepEqual([path, past.status, past.headers.get('icn-height')], [path, 200, '2'])
    else assert.deepEqual([path, past.status, past.json.name], [path, 404, 'HEIGHT_NOT_KEPT'])
  }
  assert.deepEqual(
    (await api.get('/v1/blocks?height=2')).json.items.map((block: { height: number }) => block.height),
    [2, 1],
  )
  assert.equal((await api.get('/v1/blocks/2?height=1')).status, 404)
  assert.equal((await api.get(`/v1/transactions/${hash}?height=1`)).status, 404)
})

test('a tag in a list, a weak one and * save the body; another one does not', async () => {
  const path = `/v1/proposals/${proposal}?proof=1`
  const tag = (await api.get(path)).headers.get('etag') ?? ''
  for (const named of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
    const reply = await api.get(path, { 'if-none-match': named })
    assert.deepEqual([named, reply.status, reply.headers.get('etag')], [named, 304, tag])
  }
  assert.equal((await api.get(path, { 'if-none-match': '"other"' })).status, 200)
})

test('another method is 405 with those that there are, at any address', async () => {
  for (const [method, path, allow] of [
    ['DELETE', '/v1/network', 'GET, HEAD'],
    ['PUT', `/v1/proposals/${proposal}`, 'GET, HEAD'],
    ['GET', '/v1/transactions', 'POST'],
    ['PATCH', '/v1/sessions', 'POST, DELETE'],
    ['HEAD', '/v1/events', 'GET'],
    ['POST', '/docs', 'GET, HEAD'],
  ] as const) {
    const response = await fetch(api.url + path, { method })
    assert.deepEqual([path, response.status, response.headers.get('allow')], [path, 405, allow])
    assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/)
    await response.body?.cancel()
  }
})

test('a body that is no JSON by its type is 415, one that is no UTF-8 is 400, and both say what to send', async () => {
  const before = await api.root()
  const body = JSON.stringify({ signer: ana.did, body: plainProposal(open) })
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/octet-stream']) {
    const reply = await api.post('/v1/transactions/prepare', body, type)
    assert.deepEqual([type, reply.status, reply.json.name], [type, 415, 'UNSUPPORTED_MEDIA_TYPE'])
    assert.match(reply.json.hint, /application\/json/)
  }
  const nothing = await fetch(`${api.url}/v1/transactions/prepare`, { method: 'POST' })
  assert.equal(nothing.status, 415)
  await nothing.body?.cancel()
  const headers = { 'content-type': 'application/json' }
  const bytes = new Uint8Array([...new TextEncoder().encode(body.slice(0, -2)), 0xff, 0x7d, 0x7d])
  const broken = await fetch(`${api.url}/v1/transactions/prepare`, { method: 'POST', body: bytes, headers })
  assert.deepEqual([broken.status, ((await broken.json()) as { name: string }).name], [400, 'BAD_JSON'])
  assert.equal((await api.post('/v1/transactions/prepare', body)).status, 200)
  assert.equal(await api.root(), before)
})

test('what is no DID is 400 in paths and bodies, and says what one looks like', async () => {
  for (const reply of [
    await api.get('/v1/organizations/nonsense'),
    await api.get('/v1/proposals?org=Harbour%20Bakery'),
    await api.post('/v1/sessions/challenge', JSON.stringify({ did: `${ana.did} 99999999999999` })),
    await api.post('/v1/transactions/prepare', JSON.stringify({ signer: 'ana', body: plainProposal(open) })),
  ]) {
    assert.deepEqual([reply.status, reply.json.name], [400, 'BAD_REQUEST'])
    assert.match(reply.json.detail, /decentralized identifier/)
  }
})

test('addresses that the framework refuses are problem documents too', async () => {
  for (const [path, status] of [
    ['/v1/proposals/%ff', 400],
    ['/%', 400],
    [`/v1/proposals/${'a'.repeat(300)}`, 414],
  ] as const) {
    const reply = await api.get(path)
    assert.deepEqual([path, reply.status], [path, status])
    assert.match(reply.type, /^application\/problem\+json/)
    assert.ok(reply.json.hint.length > 5)
  }
})

test('what only members read is not to be had by way of transactions, memberships or events either', async () => {
  const member = await api.signIn(ana)
  const stranger = await api.signIn(ben)
  const { height } = (await api.get('/v1/network')).json
  const { hash } = (await api.get(`/v1/blocks/${height}`)).json.transactions[0]
  assert.equal((await api.get(`/v1/transactions/${hash}`)).status, 401)
  assert.equal((await api.get(`/v1/transactions/${hash}`, stranger)).status, 403)
  assert.match((await api.get(`/v1/transactions/${hash}`, member)).json.summary.join(), /Wages/)
  const path = `/v1/signers/${ana.did}/organizations`
  const names = async (headers = {}) =>
    (await api.get(path, headers)).json.items.map(({ name }: { name: string }) => name).sort()
  assert.deepEqual(
    [await names(), await names(stranger), await names(member)],
    [['Open'], ['Open'], ['Closed', 'Open']],
  )
  const refused = await api.get(`/v1/proposals/${secretVote}/bundle`)
  assert.deepEqual([refused.status, refused.headers.get('www-authenticate')], [401, 'Bearer'])
})

test('a stranger is told what all strangers together have left', async () => {
  const left = async () => (await api.get(`/v1/signers/${newPerson().did}`)).json
  const before = await left()
  assert.deepEqual([before.memberships, before.allowanceLeft < before.allowanceBurst], [0, true])
  const founding = { kind: 'org.found', orgKind: 'cooperative', founderName: 'Zoe', name: 'New', charter: {} } as const
  await api.act(newPerson(), founding)
  assert.equal((await left()).allowanceLeft, before.allowanceLeft - 1)
})

test('whoever left may read a proposal that members read as long as they may vote on it, and nothing else', async () => {
  const carl = newPerson()
  const secret = generateSeed()
  const invitationKey = publicKeyToText(publicKeyFromSeed(secret))
  const expiresTimeMs = Date.now() + 86_400_000
  const invite: Body = { kind: 'member.invite', org: closed, invitationKey, uses: 1, expiresTimeMs, roles: [] }
  const id = String((await api.act(ana, invite)).invitation)
  const invitation = { id, proof: proveInvitation(CHAIN, id, carl.did, secret) }
  await api.act(carl, { kind: 'member.apply', org: closed, name: 'Carl', statement: '', invitation })
  const own = String((await api.act(ana, plainProposal(closed, 'Rent'))).proposal)
  const short = String((await api.act(ana, { ...plainProposal(closed, 'Now'), votingMs: 1_000 } as Body)).proposal)
  const draft = String(
    (await api.act(ana, { ...plainProposal(closed, 'Later'), discussionMs: 86_400_000 } as Body)).proposal,
  )
  await api.act(carl, { kind: 'member.leave', org: closed })

  const left = await api.signIn(carl)
  const status = async (path: string, headers = left) => (await api.get(path, headers)).status
  await api.act(carl, { kind: 'vote.cast', proposal: own, ballot: 'yes', reason: '' })
  for (const part of ['', '/comments', '/votes', `/votes/${carl.did}`]) {
    const path = `/v1/proposals/${own}${part}`
    const stranger = await api.signIn(ben)
    assert.deepEqual(
      [part, await status(path), await status(path, stranger), await status(path, {})],
      [part, 200, 403, 401],
    )
  }
  const listed = (await api.get('/v1/proposals?limit=200', left)).json.items.map((item: { id: string }) => item.id)
  assert.deepEqual([listed.includes(own), listed.includes(secretVote), listed.includes(draft)], [true, false, false])
  const others = [secretVote, draft].map((other) => `/v1/proposals/${other}`)
  for (const path of [...others, `/v1/organizations/${closed}/members`, `/v1/proposals?org=${closed}`])
    assert.deepEqual([path, await status(path)], [path, 403])

  await until(`/v1/events?lastEventId=0-0&topic=proposal.closed&subject=${short}`, await api.signIn(ana))
  assert.equal(await status(`/v1/proposals/${short}`), 403)
})

/** Waits for the first event of a stream. */
async function until(path: string, headers: Record<string, string>): Promise<void> {
  const control = new AbortController()
  const response = await fetch(api.url + path, { headers, signal: control.signal })
  let text = ''
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += new TextDecoder().decode(chunk)
    if (text.includes('data: ')) break
  }
  control.abort()
}

test('a filter of events that there is not is 400, not ignored', async () => {
  for (const query of ['topics=vote', 'topic=a%25', 'lastEventId=x']) {
    const reply = await api.get(`/v1/events?${query}`)
    assert.deepEqual([query, reply.status, reply.json.name], [query, 400, 'BAD_REQUEST'])
  }
})
