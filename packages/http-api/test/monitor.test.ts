import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { ALERT_RULES } from '@icn/monitor'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { routes } from '../src/contract/index.ts'
import { newPerson, startApi, type TestApi } from './harness.ts'

const ana = newPerson()
let api: TestApi
let open: TestApi
let shut: TestApi

before(async () => {
  ;[api, open, shut] = await Promise.all([
    startApi(),
    startApi(undefined, { machine: 'everybody' }),
    startApi(undefined, { machine: 'nobody' }),
  ])
  await api.act(ana, { kind: 'org.found', orgKind: 'cooperative', founderName: 'Ana', name: 'Open', charter: {} })
})
after(() => Promise.all([api, open, shut].map((own) => own.close())))

/** Fetch would put its own host on it. */
async function getAs(url: string, path: string, headers: Record<string, string>) {
  const sent = request(url + path, { headers }).end()
  const [response] = await once(sent, 'response')
  let text = ''
  for await (const part of response) text += part
  return { status: response.statusCode as number, text }
}

test('status, history and alerts are as the contract says, live, and name the height', async () => {
  await api.monitor.sample()
  for (const [name, path] of [
    ['networkStatus', '/v1/network/status'],
    ['networkHistory', '/v1/network/history'],
    ['networkHistory', '/v1/network/history?from=2026-01-01T00:00:00Z&resolution=10m'],
    ['networkAlerts', '/v1/network/alerts'],
    ['networkAlerts', '/v1/network/alerts?open=true&limit=5'],
  ] as const) {
    const { status, json, headers } = await api.get(path)
    const check = Compile(routes[name].response as TSchema)
    assert.deepEqual([path, status, [...check.Errors(json)]], [path, 200, []])
    assert.deepEqual([headers.get('cache-control'), headers.has('icn-height')], ['no-store', true])
  }
  const { json } = await api.get('/v1/network/status')
  assert.deepEqual([json.health, json.consensus, json.participation, json.alerts], ['good', 'solo', 1, []])
  assert.equal(json.roots.appHash, await api.root())
  assert.ok(json.memory.totalBytes > 0 && json.disk.freeBytes > 0)
  const { items, resolution } = (await api.get('/v1/network/history')).json
  assert.equal(resolution, '10s')
  assert.ok(items.length >= 1)
})

test('the names of alerts in the contract are those of the rules', () => {
  const { properties } = routes.networkAlerts.response.properties.items.items
  assert.deepEqual(properties.rule.enum, [...ALERT_RULES])
})

test('a refused transaction is counted by its reason', async () => {
  await api.monitor.sample()
  await api.submit(new Uint8Array([1, 2, 3]))
  await api.monitor.sample()
  assert.deepEqual(api.monitor.last().since.refused, { NON_CANONICAL: 1 })
})

for (const [name, headers] of [
  ['a proxy', { 'x-forwarded-for': '192.0.2.1' }],
  ['another proxy', { forwarded: 'for=192.0.2.1' }],
  ['a third', { via: '1.1 proxy' }],
  ['a page whose name leads here', { host: 'evil.example:7420' }],
] as const) {
  test(`who comes through ${name} sees the network, and nothing of this machine`, async () => {
    const { status, text } = await getAs(api.url, '/v1/network/status', headers)
    const json = JSON.parse(text)
    assert.deepEqual([status, json.memory, json.disk, json.health], [200, null, null, 'good'])
    const { items } = JSON.parse((await getAs(api.url, '/v1/network/history', headers)).text)
    assert.ok(
      items.every(
        (point: { memoryShare: unknown; diskFreeShare: unknown }) =>
          point.memoryShare === null && point.diskFreeShare === null,
      ),
    )
    const metrics = (await getAs(api.url, '/metrics', headers)).text
    assert.doesNotMatch(metrics, /icn_memory|icn_disk|process_resident|memory-high|disk-low/)
    assert.match(metrics, /icn_alert\{rule="no-block"\} 0/)
  })
}

test('HTTP/1.0, as some proxies speak it, is nobody on this machine', async () => {
  const socket = connect(Number(new URL(api.url).port), '127.0.0.1')
  socket.end('GET /v1/network/status HTTP/1.0\r\nHost: 127.0.0.1:7420\r\n\r\n')
  let text = ''
  for await (const part of socket) text += part
  assert.match(text, /^HTTP\/1\.1 200/)
  assert.match(text, /"memory":null,"disk":null/)
})

test('the operator may show it to everybody, or to nobody', async () => {
  const far = { host: 'node.example', 'x-forwarded-for': '192.0.2.1' }
  assert.notEqual(JSON.parse((await getAs(open.url, '/v1/network/status', far)).text).disk, null)
  assert.equal((await shut.get('/v1/network/status')).json.disk, null)
})

test('what is no time, no resolution or no parameter is 400', async () => {
  for (const query of [
    'history?from=yesterday',
    'history?from=2026-13-40T00:00:00Z',
    'history?resolution=1s',
    'history?from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z',
    'history?until=2026-02-01T00:00:00Z',
    'alerts?open=maybe',
    'alerts?limit=0',
    'status?height=3',
    'live?topic=vote',
  ]) {
    const { status, json } = await api.get(`/v1/network/${query}`)
    assert.deepEqual([query, status, json.name], [query, 400, 'BAD_REQUEST'])
  }
})

test('the live stream begins with the present status and goes on with each sample', async () => {
  const ending = new AbortController()
  const response = await fetch(`${api.url}/v1/network/live`, { signal: ending.signal })
  assert.equal(response.headers.get('content-type'), 'text/event-stream')
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  assert.ok(reader)
  const events: string[] = []
  let text = ''
  while (events.length < 2) {
    const { value = '', done } = await reader.read()
    assert.equal(done, false)
    text += value
    const whole = text.split('\n\n')
    text = whole.pop() ?? ''
    events.push(...whole)
    if (events.length === 1) await api.monitor.sample()
  }
  for (const event of events) {
    const [, name, data = ''] = /^event: (\w+)\ndata: (.*)$/.exec(event) ?? []
    assert.equal(name, 'status')
    assert.deepEqual([...Compile(routes.networkStatus.response as TSchema).Errors(JSON.parse(data))], [])
  }
  ending.abort()
  await reader.cancel().catch(() => undefined)
})

test('streams are bounded, and leave connections to others', async () => {
  const few = await startApi(undefined, { connections: 20 })
  const ending = new AbortController()
  const streams = [1, 2].map(() => fetch(`${few.url}/v1/network/live`, { signal: ending.signal }))
  for (const stream of await Promise.all(streams)) assert.equal(stream.status, 200)
  const third = await few.get('/v1/network/live')
  assert.deepEqual([third.status, third.json.name], [503, 'TOO_MANY_STREAMS'])
  ending.abort()
  await few.close()
})

test('every metric has a line in the docs, and the docs name no other', async () => {
  const text = (await getAs(api.url, '/metrics', {})).text
  const docs = readFileSync(new URL('../../../docs/monitoring.md', import.meta.url), 'utf8')
  const listed = new Set([...docs.matchAll(/^\| `(icn_\w+)/gm)].map(([, name]) => name))
  const declared = [...text.matchAll(/^# TYPE (icn_\w+)/gm)].map(([, name]) => name)
  for (const name of declared) assert.ok(listed.has(name), `docs/monitoring.md does not list ${name}`)
  const source = ['monitor-metrics.ts', 'metrics.ts']
    .map((file) => readFileSync(new URL(`../src/${file}`, import.meta.url), 'utf8'))
    .join()
  for (const name of listed) assert.ok(source.includes(`'${name}'`), `docs/monitoring.md lists ${name}, which is none`)
})
