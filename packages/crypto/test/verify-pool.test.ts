import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { publicKeyFromSeed, sign } from '@icn/crypto'
import { createVerifyPool, type VerifyItem, VerifyPoolError, type VerifyPoolOptions } from '@icn/crypto/verify-pool'

const secret = new Uint8Array(32).fill(7)
const publicKey = publicKeyFromSeed(secret)
const signedMessages = Array.from({ length: 64 }, (_, i) => {
  const message = new Uint8Array(i * 37).fill(i)
  return { publicKey, message, signature: sign(message, secret) }
})

/** Item `i` of a long list; valid exactly where `isValidAt` says so. */
function itemAt(i: number): VerifyItem {
  const item = signedMessages[i % signedMessages.length] as VerifyItem
  if (i % 5 === 1) return { ...item, message: new Uint8Array([i % 256, 255]) }
  if (i % 11 === 2) return { ...item, signature: item.signature.subarray(1) }
  if (i % 13 === 3) return { ...item, publicKey: new Uint8Array(0) }
  return item
}

function isValidAt(i: number): boolean {
  return i % 5 !== 1 && i % 11 !== 2 && i % 13 !== 3
}

function itemsFrom(start: number, count: number): VerifyItem[] {
  return Array.from({ length: count }, (_, i) => itemAt(start + i))
}

function verdictsFrom(start: number, count: number): boolean[] {
  return Array.from({ length: count }, (_, i) => isValidAt(start + i))
}

async function withPool(options: VerifyPoolOptions, use: (pool: ReturnType<typeof createVerifyPool>) => Promise<void>) {
  const pool = createVerifyPool(options)
  try {
    await use(pool)
  } finally {
    await pool.close()
  }
}

for (const threads of [1, 3]) {
  test(`${threads} threads: every call gets its own verdicts in its own order`, async () => {
    await withPool({ threads }, async (pool) => {
      const calls = [1, 300, 0, 17, 700, 2, 256, 5, 999, 1]
      let start = 0
      const answers: Promise<void>[] = []
      for (const count of calls) {
        const from = start
        answers.push(
          pool.verify(itemsFrom(from, count)).then((verdicts) => {
            assert.deepEqual(verdicts, verdictsFrom(from, count))
          }),
        )
        start += count
      }
      await Promise.all(answers)
    })
  })
}

test('a call made while a batch is away is answered too', async () => {
  await withPool({}, async (pool) => {
    const first = pool.verify(itemsFrom(0, 500))
    await new Promise((resolve) => setImmediate(resolve))
    const second = pool.verify(itemsFrom(500, 500))
    assert.deepEqual(await first, verdictsFrom(0, 500))
    assert.deepEqual(await second, verdictsFrom(500, 500))
  })
})

test('a call of nothing but malformed items is answered without a thread', async () => {
  await withPool({}, async (pool) => {
    const item = { publicKey: new Uint8Array(31), message: new Uint8Array(3), signature: new Uint8Array(0) }
    assert.deepEqual(await pool.verify([item, item, item]), [false, false, false])
    assert.deepEqual(await pool.verify([]), [])
  })
})

test('a message far beyond a batch is checked', async () => {
  await withPool({}, async (pool) => {
    const message = new Uint8Array(3 * 1_048_576).fill(1)
    const item = { publicKey, message, signature: sign(message, secret) }
    assert.deepEqual(await pool.verify([item, { ...item, signature: new Uint8Array(64) }, item]), [true, false, true])
  })
})

test('items given may be views into larger buffers', async () => {
  await withPool({}, async (pool) => {
    const item = signedMessages[5] as VerifyItem
    const view = (bytes: Uint8Array) => new Uint8Array([9, ...bytes, 9]).subarray(1, bytes.length + 1)
    const inside = {
      publicKey: view(item.publicKey),
      message: view(item.message),
      signature: view(item.signature),
    }
    assert.deepEqual(await pool.verify([inside]), [true])
    assert.equal(inside.message.length, item.message.length)
  })
})

test('refuses as BUSY what comes while too much waits, and answers what waited', async () => {
  await withPool({ maxWaitingItems: 1_000 }, async (pool) => {
    const waiting = pool.verify(itemsFrom(0, 1_000))
    await assert.rejects(pool.verify(itemsFrom(0, 1)), { name: 'VerifyPoolError', code: 'BUSY' })
    assert.deepEqual(await waiting, verdictsFrom(0, 1_000))
    assert.deepEqual(await pool.verify(itemsFrom(0, 1)), [true])
  })
})

test('refuses as BUSY by bytes too', async () => {
  await withPool({ maxWaitingBytes: 10_000 }, async (pool) => {
    const message = new Uint8Array(20_000)
    const waiting = pool.verify([{ publicKey, message, signature: sign(message, secret) }])
    await assert.rejects(pool.verify(itemsFrom(0, 1)), { code: 'BUSY' })
    assert.deepEqual(await waiting, [true])
    assert.deepEqual(await pool.verify(itemsFrom(0, 1)), [true])
  })
})

test('close answers what waits, refuses what comes after, and may be called twice', async () => {
  const pool = createVerifyPool({ threads: 2 })
  const waiting = pool.verify(itemsFrom(0, 2_000))
  const closing = Promise.all([pool.close(), pool.close()])
  await assert.rejects(pool.verify(itemsFrom(0, 1)), { name: 'VerifyPoolError', code: 'CLOSED' })
  assert.deepEqual(await waiting, verdictsFrom(0, 2_000))
  await closing
  await pool.close()
  await assert.rejects(pool.verify([]), VerifyPoolError)
})

test('a number of threads outside 1 to 16 is refused', () => {
  for (const threads of [0, 17, 1.5, -1, Number.NaN]) assert.throws(() => createVerifyPool({ threads }), RangeError)
})

for (const [use, expected] of [
  ['used', '600 valid\n'],
  ['unused', 'nothing asked\n'],
] as const) {
  test(`a process with an open pool that is ${use} ends by itself, after the last answer`, async () => {
    const file = fileURLToPath(new URL('./pool-process.ts', import.meta.url))
    const child = spawn(process.execPath, [file, use], { stdio: ['ignore', 'pipe', 'inherit'], timeout: 60_000 })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    const [code, signal] = await once(child, 'close')
    assert.deepEqual([code, signal, output], [0, null, expected])
  })
}
