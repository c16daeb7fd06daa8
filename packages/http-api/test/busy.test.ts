import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Consensus, NotCommitted } from '@icn/consensus'
import { encodeCanonical, sha256 } from '@icn/crypto'
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

for (const [name, why, status, retryAfter] of [
  ['BUSY', {}, 429, '1'],
  ['UNAVAILABLE', { unavailable: true }, 503, null],
] as const) {
  test(`what the node itself refuses is ${status} ${name}, in a batch by name`, async () => {
    const api = await startApi(undefined, {}, refusing(why))
    try {
      const bytes = Uint8Array.of(1, 2, 3)
      const one = await api.submit(bytes)
      assert.deepEqual([one.status, one.json.name, one.json.code], [status, name, 0])
      assert.equal(one.headers.get('retry-after'), retryAfter)
      const body = new Uint8Array(encodeCanonical([bytes, bytes]))
      const headers = { 'content-type': 'application/octet-stream' }
      const many = await replyOf(await fetch(`${api.url}/v1/transactions/batch`, { method: 'POST', body, headers }))
      assert.equal(many.status, 200)
      const said = many.json.items.map((item: Record<string, unknown>) => [item.status, item.name, item.code])
      assert.deepEqual(said, Array(2).fill(['refused', name, 0]))
    } finally {
      await api.close()
    }
  })
}
