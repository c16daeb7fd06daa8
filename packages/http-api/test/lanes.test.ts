import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { extendLog, fromHex, rowPath, rowProofFromJson, toHex, verifyRow } from '@icn/crypto'
import { defaultParams } from '@icn/protocol'
import { newPerson, plainProposal, startApi, type TestApi } from './harness.ts'

const ana = newPerson()
let api: TestApi
let empty: TestApi
let open = ''
let closed = ''

before(async () => {
  // As if decisions belonged to the marketplace.
  api = await startApi(defaultParams.strangerAllowance, {}, undefined, undefined, (machine) => ({
    ...machine,
    laneOf: (kind) => (kind.startsWith('proposal') || kind.startsWith('vote') ? 1 : machine.laneOf(kind)),
  }))
  empty = await startApi()
  const founding = { kind: 'org.found', orgKind: 'cooperative', founderName: 'Ana' } as const
  open = String((await api.act(ana, { ...founding, name: 'Open', charter: {} })).org)
  closed = String((await api.act(ana, { ...founding, name: 'Closed', charter: { readAccess: 'members' } })).org)
  for (const title of ['One', 'Two', 'Three']) await api.act(ana, plainProposal(open, title))
  await api.act(ana, plainProposal(closed, 'Wages'))
})
after(() => Promise.all([api.close(), empty.close()]))

test('each lane says how far its log is, and proves it under the root of the block', async () => {
  const { json } = await api.get('/v1/lanes')
  assert.deepEqual(
    json.items.map(({ lane, name, blocks }: { lane: number; name: string; blocks: number }) => [lane, name, blocks]),
    [
      [0, 'core', 2],
      [1, 'marketplace', 4],
      [2, 'storage', 0],
    ],
  )
  for (const { lane, blocks } of json.items) {
    const { json: own, headers } = await api.get(`/v1/lanes/${lane}?proof=1`)
    const { row: rowJson, module: moduleJson } = own.proof.steps
    const [row, module] = [rowProofFromJson(rowJson), rowProofFromJson(moduleJson)]
    assert.deepEqual(row.path, rowPath('lane_log', [lane]))
    assert.ok(verifyRow(module.value, row) && verifyRow(fromHex(own.proof.appHash), module))
    assert.deepEqual([own.log.size, String(own.proof.height)], [blocks, headers.get('icn-height')])
  }
})

test('blocks of a lane come in pages, by height or by place, each with what leads to the end', async () => {
  const { json: lane } = await api.get('/v1/lanes/1')
  const { json: whole } = await api.get('/v1/lanes/1/blocks')
  assert.deepEqual([whole.items.length, whole.after, whole.nextCursor], [4, [], null])
  assert.deepEqual(whole.before, { size: 0, peaks: '' })
  let path = '/v1/lanes/1/blocks?limit=1'
  for (const [at, block] of whole.items.entries()) {
    const { json } = await api.get(path)
    assert.deepEqual(json.items, [block])
    assert.equal(json.before.size, at)
    const { json: byPlace } = await api.get(`/v1/lanes/1/blocks?limit=1&position=${at}`)
    const { json: byHeight } = await api.get(`/v1/lanes/1/blocks?limit=1&from=${block.height}`)
    assert.deepEqual([byPlace, byHeight], [json, json])
    const { json: rest } = await api.get(`/v1/lanes/1/blocks?position=${at + 1}`)
    assert.deepEqual(extendLog(rest.before, lane.log.size, json.after.map(fromHex)), lane.log)
    path = `/v1/lanes/1/blocks?limit=1&cursor=${json.nextCursor}`
  }
  const second = whole.items[1].height
  const { json: past } = await api.get(`/v1/lanes/1/blocks?height=${second}`)
  assert.deepEqual(past.items, whole.items.slice(0, 2))
  assert.deepEqual((await api.get(`/v1/lanes/1/blocks?from=${second + 1}&height=${second}`)).json.items, [])
})

test('what only members read is there by its hash alone, for all others', async () => {
  const { json } = await api.get('/v1/lanes/1/blocks')
  const last = json.items.at(-1)
  assert.deepEqual(Object.keys(last.groups[0]), ['hidden'])
  assert.ok(!JSON.stringify(json).includes(closed))
  const { json: own } = await api.get('/v1/lanes/1/blocks', await api.signIn(ana))
  const [group] = own.items.at(-1).groups
  assert.deepEqual([group.events[0][0], group.events[0][1]], ['proposal.created', closed])
  assert.equal((await api.get(`/v1/transactions/${group.transaction}`, await api.signIn(ana))).status, 200)
})

test('transactions of a block and events are filtered by lane', async () => {
  const { json: network } = await api.get('/v1/network')
  for (const [lane, count] of [
    [0, 0],
    [1, 1],
    [2, 0],
  ])
    assert.equal((await api.get(`/v1/blocks/${network.height}?lane=${lane}`)).json.transactions.length, count)
  assert.equal((await api.get(`/v1/blocks/${network.height}`)).json.transactions.length, 1)
  const control = new AbortController()
  const { body } = await fetch(`${api.url}/v1/events?lastEventId=0-0&lane=1`, { signal: control.signal })
  let text = ''
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    text += new TextDecoder().decode(chunk)
    if ([...text.matchAll(/^event: /gm)].length >= 3) break
  }
  control.abort()
  const lanes = [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? '').lane)
  assert.ok(lanes.length >= 3 && lanes.every((lane) => lane === 1))
  const { text: metrics } = { text: await (await fetch(`${api.url}/metrics`)).text() }
  assert.match(metrics, /icn_events_total\{topic="proposal.created",lane="1"\} 4/)
  assert.match(metrics, /icn_events_total\{topic="org.founded",lane="0"\} 2/)
})

test('a lane that there is not, a place that is none, and a network where nothing happened', async () => {
  for (const [path, status, name] of [
    ['/v1/lanes/3', 400, 'BAD_REQUEST'],
    ['/v1/lanes/core', 400, 'BAD_REQUEST'],
    ['/v1/lanes/0/blocks?from=-1', 400, 'BAD_REQUEST'],
    ['/v1/lanes/0/blocks?cursor=x', 400, 'BAD_CURSOR'],
    ['/v1/lanes/0/blocks?height=999', 404, 'HEIGHT_NOT_REACHED'],
    ['/v1/events?lane=3', 400, 'BAD_REQUEST'],
    ['/v1/events?lane=core', 400, 'BAD_REQUEST'],
    ['/v1/blocks/1?lane=3', 400, 'BAD_REQUEST'],
    ['/v1/network/light-blocks/1', 404, 'NOT_REPLICATED'],
    ['/v1/network/trust-path', 404, 'NOT_REPLICATED'],
  ] as const) {
    const reply = await api.get(path)
    assert.deepEqual([path, reply.status, reply.json.name], [path, status, name])
  }
  for (const path of ['/v1/lanes/0', '/v1/lanes/0?proof=1', '/v1/lanes/0/blocks']) {
    const { status, json } = await empty.get(path)
    assert.deepEqual([status, json.name], [404, 'NO_LANES_YET'])
  }
  assert.deepEqual((await empty.get('/v1/lanes')).json, { items: [] })
})

test('places beyond the end have nothing after them', async () => {
  const { json } = await api.get('/v1/lanes/0/blocks?position=99')
  const { json: lane } = await api.get('/v1/lanes/0')
  assert.deepEqual([json.items, json.before, json.after, json.nextCursor], [[], lane.log, [], null])
  assert.match(toHex(fromHex(lane.log.peaks)), /^[0-9a-f]+$/)
})
