import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fromBase64Url, generateSeed, toBase64Url } from '@icn/crypto'
import { decodeSignedHeader, signHeader } from '@icn/protocol'
import { ApiError, followLane, LaneNotProved } from '../src/index.ts'
import { clientOf, forgery, type GivenLanes, givenLanes, type Lie, take } from './given-lanes.ts'

let solo: GivenLanes
let network: GivenLanes
let closed: GivenLanes

before(async () => {
  solo = await givenLanes()
  network = await givenLanes('cometbft')
  closed = await givenLanes('solo', 'members')
})
after(() => Promise.all([solo, network, closed].map(({ api }) => api.close())))

for (const kind of ['solo', 'cometbft'] as const) {
  const given = () => (kind === 'solo' ? solo : network)

  test(`every event of a lane comes once and in order, and no other (${kind})`, async () => {
    const { proposal, ana } = given()
    const client = clientOf(given())
    const votes = await take(5, { client, lane: 1, since: 1 })
    for (const [at, { height, events, hidden }] of votes.entries()) {
      const { json } = await given().api.get(`/v1/blocks/${height}?lane=1`)
      const [{ hash, kind: name }] = json.transactions
      assert.deepEqual([json.transactions.length, name, hidden], [1, 'vote.cast', 0])
      const [event, ...others] = events
      assert.deepEqual(others, [])
      const { org: _, ...rest } = event ?? {}
      const data = { voter: ana.did, changed: at > 0 }
      assert.deepEqual(rest, { index: 0, transaction: hash, topic: 'vote.cast', subject: proposal, data })
    }
    const core = await take(2, { client, lane: 0, since: 1 })
    const topics = core.flatMap(({ events }) => events.map(({ topic }) => topic))
    assert.deepEqual(topics.slice(0, 2), ['org.founded', 'member.joined'])
    assert.ok(topics.every((topic) => topic !== 'vote.cast'))
  })

  test(`what happens later comes too, and a kept position goes on after its block (${kind})`, async () => {
    const client = clientOf(given())
    const all = await take(5, { client, lane: 1, since: 1 })
    const position = JSON.parse(JSON.stringify(all[2]?.position))
    const rest = await take(2, { client, lane: 1, position })
    assert.deepEqual(
      rest.map(({ height }) => height),
      all.slice(3).map(({ height }) => height),
    )
    const control = new AbortController()
    const later: number[] = []
    const following = (async () => {
      const own = { client, lane: 1, position: rest[1]?.position as never, signal: control.signal, pollMs: 5 }
      for await (const { height } of followLane(own)) {
        later.push(height)
        if (later.length === 2) control.abort()
      }
    })()
    await given().vote()
    await given().vote()
    await following
    assert.ok((later[0] ?? 0) > (rest[1]?.height ?? 0) && (later[1] ?? 0) > (later[0] ?? 0))
  })

  test(`one may begin at any height, also where the lane has nothing yet (${kind})`, async () => {
    const client = clientOf(given())
    const all = await take(5, { client, lane: 1, since: 1 })
    const [from] = await take(1, { client, lane: 1, since: (all[1]?.height ?? 0) + 1 })
    assert.deepEqual([from?.height, from?.position.log], [all[2]?.height, all[2]?.position.log])
    const control = new AbortController()
    const empty = followLane({ client, lane: 2, since: 1, signal: control.signal, pollMs: 5 })[Symbol.asyncIterator]()
    const none = empty.next()
    setTimeout(() => control.abort(), 50)
    assert.deepEqual(await none, { done: true, value: undefined })
  })
}

test('without a beginning it is the next block', async () => {
  const control = new AbortController()
  let asked = 0
  const count: Lie = (path) => {
    if (path === '/v1/lanes/1') asked++
  }
  const heights: number[] = []
  const following = (async () => {
    const options = { client: clientOf(solo, count), lane: 1, signal: control.signal, pollMs: 5 }
    for await (const { height } of followLane(options)) {
      heights.push(height)
      control.abort()
    }
  })()
  while (asked < 2) await new Promise(setImmediate)
  await solo.vote()
  await following
  const { json } = await solo.api.get('/v1/lanes/1')
  assert.deepEqual(heights, [json.height])
})

// biome-ignore lint/suspicious/noExplicitAny: a liar changes whatever it likes
type Json = any

const blocksOf =
  (change: (json: Json) => unknown): Lie =>
  (path, json) =>
    path.endsWith('/blocks') && change(json)
const answerAs =
  (of: string, change: object): Lie =>
  (path, json) =>
    path === of && Object.assign(json, change)
const group = (json: Json) => json.items[1].groups[0]
const laneAs =
  (change: (proof: Json) => unknown): Lie =>
  (path, json) =>
    path === '/v1/lanes/1' && change(json.proof)
const headerAs =
  (change: (header: Uint8Array) => string): Lie =>
  (path, json) => {
    if (/^\/v1\/blocks\/\d+$/.test(path)) json.header = change(fromBase64Url(json.header))
  }
let firstHeader = ''
const resigned = (header: Uint8Array) =>
  toBase64Url(signHeader(decodeSignedHeader(header).headerBytes, [generateSeed()]))

for (const [name, lie, code] of [
  ['a block is left out', blocksOf((json) => json.items.splice(1, 1)), 'EVENTS_ALTERED'],
  ['a block is told twice', blocksOf((json) => json.items.splice(1, 0, json.items[1])), 'EVENTS_ALTERED'],
  [
    'two blocks change places',
    blocksOf((json) => json.items.splice(0, 2, json.items[1], json.items[0])),
    'EVENTS_ALTERED',
  ],
  ['the last block is left out', blocksOf((json) => json.items.pop()), 'EVENTS_ALTERED'],
  ['no block is told', blocksOf((json) => Object.assign(json, { items: [] })), 'EVENTS_ALTERED'],
  ['a fact is changed', blocksOf((json) => (group(json).events[0][3].changed = false)), 'EVENTS_ALTERED'],
  ['another topic', blocksOf((json) => (group(json).events[0][0] = 'vote.lost')), 'EVENTS_ALTERED'],
  ['another transaction', blocksOf((json) => (group(json).transaction = 'ab'.repeat(32))), 'EVENTS_ALTERED'],
  ['another place in the block', blocksOf((json) => (group(json).index = 7)), 'EVENTS_ALTERED'],
  ['another height', blocksOf((json) => (json.items[1].height += 1)), 'EVENTS_ALTERED'],
  ['another time', blocksOf((json) => (json.items[1].time = '2026-05-01T00:00:00.000Z')), 'EVENTS_ALTERED'],
  ['an event more', blocksOf((json) => group(json).events.push(group(json).events[0])), 'EVENTS_ALTERED'],
  ['an event less', blocksOf((json) => group(json).events.pop()), 'EVENTS_ALTERED'],
  [
    'hidden under another hash',
    blocksOf((json) => (json.items[1].groups[0] = { hidden: '00'.repeat(32) })),
    'EVENTS_ALTERED',
  ],
  ['another way to the end', blocksOf((json) => json.after.push('00'.repeat(32))), 'EVENTS_ALTERED'],
  ['no number', blocksOf((json) => (json.items[1].height = 0.5)), 'MALFORMED'],
  ['no time', blocksOf((json) => (json.items[1].time = 'noon')), 'MALFORMED'],
  ['no list', blocksOf((json) => (json.items = 7)), 'MALFORMED'],
  ['a log that is none', blocksOf((json) => (json.before.size = -1e300)), 'MALFORMED'],
  ['the log of another lane', laneAs(({ steps }) => (steps.row.path = '00'.repeat(32))), 'NOT_PROVED'],
  ['a log of its own', laneAs(({ steps }) => (steps.row.value = steps.row.value.replace(/..$/, '07'))), 'NOT_PROVED'],
  ['another module', laneAs(({ steps }) => (steps.module.path = '00'.repeat(32))), 'NOT_PROVED'],
  ['another app hash', laneAs((proof) => (proof.appHash = 'ab'.repeat(32))), 'NOT_PROVED'],
  ['half a proof', laneAs(({ steps }) => delete steps.module), 'MALFORMED'],
  ['no proof', (path, json) => path === '/v1/lanes/1' && delete json.proof, 'MALFORMED'],
  ['the genesis of somebody else', answerAs('/v1/genesis', { name: 'Other' }), 'OTHER_NETWORK'],
  ['a header that a stranger signed', headerAs(resigned), 'NOT_SIGNED'],
  ['the header of another block', headerAs(() => firstHeader), 'NOT_SIGNED'],
  ['half a header', headerAs((header) => toBase64Url(header.subarray(1))), 'MALFORMED'],
] as const satisfies readonly (readonly [string, Lie, string])[]) {
  test(`a node that lies is caught: ${name}`, async () => {
    firstHeader = (await solo.api.get('/v1/blocks/1')).json.header
    const { genesisHash } = (await solo.api.get('/v1/network')).json
    assert.equal(await faultOf(take(5, { client: clientOf(solo, lie), lane: 1, since: 1, genesisHash })), code)
  })
}

const lightBlockAs =
  (change: (json: Json) => unknown): Lie =>
  (path, json) =>
    path.startsWith('/v1/network/light-blocks/') && change(json)

for (const [name, lie, code] of [
  ['half a light block', lightBlockAs((json) => (json.bytes = json.bytes.slice(0, -8))), 'MALFORMED'],
  ['no light block', lightBlockAs((json) => (json.bytes = 7)), 'MALFORMED'],
  ['that it makes its blocks alone', answerAs('/v1/network', { consensus: 'solo' }), 'NOT_SIGNED'],
] as const satisfies readonly (readonly [string, Lie, string])[]) {
  test(`a node of a network that lies is caught: ${name}`, async () => {
    // Headers of CometBFT are none of ours.
    const alone: Lie = (path, json) => {
      if (/^\/v1\/blocks\/\d+$/.test(path)) json.header = resigned(fromBase64Url(json.header))
      lie(path, json)
    }
    assert.equal(await faultOf(take(5, { client: clientOf(network, alone), lane: 1, since: 1 })), code)
  })
}

const alone = answerAs('/v1/network', { consensus: 'solo' })

test('who once followed light blocks believes no header that the sole validator of the genesis signed alone', async () => {
  // The headers are true here, and signed: a network that has grown would have other states under them.
  assert.equal((await take(1, { client: clientOf(network, alone), lane: 1, since: 1 })).length, 1)
  const [first] = await take(1, { client: clientOf(network), lane: 1, since: 1 })
  assert.ok(first !== undefined && first.position.trusted !== null)
  const { position } = first
  assert.equal(await faultOf(take(1, { client: clientOf(network, alone), lane: 1, position })), 'NOT_SIGNED')
  const trusted = fromBase64Url(position.trusted ?? '')
  assert.equal(await faultOf(take(1, { client: clientOf(network, alone), lane: 1, since: 1, trusted })), 'NOT_SIGNED')
})

test('a genesis that lets the network have several validators is no beginning of blocks that one makes alone', async () => {
  const { json } = await network.api.get('/v1/genesis')
  const params = { ...json.params, maxValidators: 100 }
  const grown: Lie = (path, answer) => {
    alone(path, answer)
    if (path === '/v1/genesis') Object.assign(answer, { params })
  }
  assert.equal(await faultOf(take(1, { client: clientOf(network, grown), lane: 1, since: 1 })), 'NOT_SIGNED')
})

test('light blocks that strangers signed, or of another height, lead nowhere', async () => {
  forgery.isOn = true
  assert.equal(await faultOf(take(5, { client: clientOf(network), lane: 1, since: 1 })), 'NOT_SIGNED')
  forgery.isOn = false
  const redirect = (url: URL) => {
    if (url.pathname.startsWith('/v1/network/light-blocks/')) url.pathname = '/v1/network/light-blocks/2'
  }
  const client = clientOf(network, () => {}, redirect)
  assert.equal(await faultOf(take(5, { client, lane: 1, since: 1 })), 'NO_TRUST_PATH')
})

test('blocks before the first one that is told are missed, since the one before it must be shown', async () => {
  const all = await take(5, { client: clientOf(solo), lane: 1, since: 1 })
  const later = (all[3]?.height ?? 0) + 1
  const skip = (url: URL) => {
    if (url.searchParams.has('from')) url.searchParams.set('from', String(later))
  }
  const client = clientOf(solo, () => {}, skip)
  const since = (all[1]?.height ?? 0) + 1
  assert.equal(await faultOf(take(1, { client, lane: 1, since })), 'EVENTS_ALTERED')
})

test('a log that does not go on from what was proved before is refused', async () => {
  const client = clientOf(solo)
  const { json } = await solo.api.get('/v1/lanes/1')
  const [, last] = await take(2, { client, lane: 1, since: 1 })
  assert.ok(last !== undefined)
  const { log, position } = last
  const forged = 'ab'.repeat(32)
  for (const [own, code] of [
    [{ ...position, log: { size: json.blocks + 1, peaks: '' } }, 'HISTORY_CHANGED'],
    [{ ...position, log: { ...json.log, peaks: forged.repeat(json.log.peaks.length / 64) } }, 'HISTORY_CHANGED'],
    [{ ...position, log: { ...log, peaks: forged.repeat(log.peaks.length / 64) } }, 'EVENTS_ALTERED'],
    [{ ...position, genesisHash: forged }, 'OTHER_NETWORK'],
  ] as const)
    assert.equal(await faultOf(take(1, { client, lane: 1, position: own })), code)
})

test('a stranger follows an organization that only its members read by hashes, a member by events', async () => {
  const strange = await take(5, { client: clientOf(closed), lane: 1, since: 1 })
  assert.deepEqual(
    strange.map(({ events, hidden }) => [events.length, hidden]),
    [0, 1, 2, 3, 4].map(() => [0, 1]),
  )
  const { authorization = '' } = await closed.api.signIn(closed.ana)
  const client = clientOf(closed, undefined, undefined, authorization.slice('Bearer '.length))
  const own = await take(5, { client, lane: 1, since: 1 })
  assert.deepEqual(
    own.map(({ log, events }) => [log, events[0]?.topic]),
    strange.map(({ log }) => [log, 'vote.cast']),
  )
})

async function faultOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'none',
    (error) => (error instanceof LaneNotProved ? error.code : error instanceof ApiError ? error.reason : String(error)),
  )
}
