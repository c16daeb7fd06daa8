import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { startApi, type TestApi } from './harness.ts'

let api: TestApi
before(async () => {
  api = await startApi(undefined, { connections: 4 })
})
after(() => api.close())

/** What the node says to these bytes until it hangs up. */
function answerTo(bytes: string): Promise<string> {
  const { hostname, port } = new URL(api.url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes))
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(text))
  })
}

function expectProblem(answer: string, status: number, name: string): void {
  const [head = '', body = ''] = answer.split('\r\n\r\n')
  assert.match(head, new RegExp(`^HTTP/1.1 ${status} `))
  assert.match(head, /content-type: application\/problem\+json/i)
  assert.equal(JSON.parse(body).name, name)
}

test('what is no HTTP, and headers without end, are answered and hung up on', async () => {
  expectProblem(await answerTo('GARBAGE\r\n\r\n'), 400, 'BAD_REQUEST')
  const long = await answerTo(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`)
  expectProblem(long, 431, 'REQUEST_HEADER_FIELDS_TOO_LARGE')
})

test('whoever sends headers for ever is hung up on, and others are answered meanwhile', async () => {
  const slow = answerTo('GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ')
  assert.equal((await api.get('/healthz')).json.status, 'up')
  expectProblem(await slow, 408, 'REQUEST_TIMEOUT')
})

test('streams leave connections to others', async () => {
  const control = new AbortController()
  const streams = await Promise.all([1, 2].map(() => fetch(`${api.url}/v1/events`, { signal: control.signal })))
  assert.deepEqual(
    streams.map(({ status }) => status),
    [200, 200],
  )
  const third = await api.get('/v1/events')
  assert.deepEqual([third.status, third.json.name], [503, 'TOO_MANY_STREAMS'])
  control.abort()
})

test('an address that asks too much is told when to come back', async () => {
  const strict = await startApi(undefined, { requestsPerSecond: 1 })
  let reply = await strict.get('/healthz')
  while (reply.status === 200) reply = await strict.get('/healthz')
  assert.deepEqual([reply.status, reply.json.name], [429, 'TOO_MANY_REQUESTS'])
  assert.equal(reply.headers.get('retry-after'), '1')
  await strict.close()
})
