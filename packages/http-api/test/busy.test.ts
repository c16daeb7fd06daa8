import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import type { Consensus, NotCommitted } from '@icn/consensus'
import { encodeCanonical, sha256 } from '@icn/crypto'
import { createBatchRoom } from '../src/batch-room.ts'
import { replyOf, startApi } from './harness.ts'

/** An engine that takes nothing, for this reason. */
function refusing(why: Partial<NotCommitted>): (solo: Consensus) => Consensus {
  const refuse = (bytes: Uint8Array): NotCommitted => ({ ok: false, hash: sha256(bytes), code: 0, detail: {}, ...why })
  return (solo) => ({
    ...solo,
    submit: async (bytes) => refuse(bytes),
    submitMany: async (list) => list.map(refuse),
  })
}

function assertRefusedWhole({ status, json, headers }: Awaited<ReturnType<typeof replyOf>>): void {
  assert.deepEqual([status, json.name, json.code, headers.get('retry-after')], [429, 'BUSY', 0, '1'])
}

for (const [name, why, status, retryAfter] of [
  ['BUSY', {}, 429, '1'],
  ['UNAVAILABLE', { unavailable: true }, 503, null],
] as const) {
  test(`what the node itself refuses is ${status} ${name}, in a batch by name or, where it takes none, of the whole`, async () => {
    const api = await startApi(undefined, {}, refusing(why))
    try {
      const bytes = Uint8Array.of(1, 2, 3)
      const one = await api.submit(bytes)
      assert.deepEqual([one.status, one.json.name, one.json.code], [status, name, 0])
      assert.equal(one.headers.get('retry-after'), retryAfter)
      const body = new Uint8Array(encodeCanonical([bytes, bytes]))
      const headers = { 'content-type': 'application/octet-stream' }
      const many = await replyOf(await fetch(`${api.url}/v1/transactions/batch`, { method: 'POST', body, headers }))
      if (status === 429) return void assertRefusedWhole(many)
      assert.equal(many.status, 200)
      const said = many.json.items.map((item: Record<string, unknown>) => [item.status, item.name, item.code])
      assert.deepEqual(said, Array(2).fill(['refused', name, 0]))
    } finally {
      await api.close()
    }
  })
}

test('many that there is no room for are refused before they are sent', async () => {
  const full = (solo: Consensus): Consensus => ({ ...solo, takesMany: (count) => count < 3 })
  const api = await startApi(undefined, {}, full)
  try {
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1')
    const head = `POST /v1/transactions/batch HTTP/1.1\r\nhost: n\r\ncontent-type: application/octet-stream\r\n`
    socket.write(`${head}content-length: 100000\r\n\r\n`)
    const [answer] = (await once(socket, 'data')) as [Buffer]
    assert.match(answer.toString(), /^HTTP\/1\.1 429 .*retry-after: 1.*"name":"BUSY"/is)
    socket.destroy()
  } finally {
    await api.close()
  }
})

test('room for many: what is being read comes before, and what a body has is guessed from those before it', () => {
  const asked: [number, number][] = []
  let takes = true
  const takesMany = (count: number, before: number) => asked.push([count, before]) > 0 && takes
  const room = createBatchRoom({ takesMany })
  const leave = room.enter(500 * 256)
  const other = room.enter(100 * 256)
  leave?.()
  leave?.()
  takes = false
  assert.equal(room.enter(500 * 256), undefined)
  assert.equal(room.enter(1), undefined)
  other?.()
  // Larger ones come: there are fewer in a body.
  for (let bodies = 0; bodies < 20; bodies++) room.note(51_200, 50)
  room.enter(100 * 1_024)
  assert.deepEqual(asked, [
    [250, 0],
    [50, 500],
    [250, 100],
    [0, 100],
    [50, 0],
  ])
  assert.ok(createBatchRoom({}).enter(1_000_000) !== undefined, 'an engine that does not say so is asked about each')
})
