import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { sha256 } from '@icn/crypto'
import type { BlockRecord, StateStore, TransactionRecord } from '@icn/state-machine/kernel'
import { NOTHING_REPORTED } from '@icn/state-machine/kernel'
import { seatsOf, suiteModules } from '../../testkit/src/store-suite.ts'
import { openSqliteStore, retainHeight } from '../src/index.ts'
import { givenNode, hand, madeBy } from './given-snapshots.ts'

const parent = mkdtempSync(join(tmpdir(), 'icn-prune-'))
after(() => rmSync(parent, { recursive: true, force: true }))

const hashOf = (height: number, index: number) =>
  sha256(new Uint8Array([height >> 8, height & 255, index >> 8, index & 255]))

async function commitFull(store: StateStore, transactions: number): Promise<void> {
  const height = store.head().height + 1
  const { appHash } = store.stage(seatsOf('a', 2, `holder ${height}`))
  const records = Array.from({ length: transactions }, (_, index): TransactionRecord => {
    const hash = hashOf(height, index)
    const events = [{ topic: 'seat.taken', subject: 'a', data: { index } }]
    return { hash, signer: 'did:key:z1', kind: 'seat.take', lane: 0, code: 0, result: {}, bytes: hash, events }
  })
  const block: BlockRecord = {
    height,
    timeMs: height * 1_000,
    hash: hashOf(height, 65_535),
    header: appHash,
    appHash,
    report: NOTHING_REPORTED,
    transactions: records,
    events: [],
  }
  await store.commit(block)
}

for (const writer of ['inline', 'thread'] as const) {
  test(`the latest blocks are kept, and older ones forgotten with all that was in them (${writer})`, async () => {
    const file = join(mkdtempSync(join(parent, 'store-')), 'state.db')
    const open = (keepBlocks: number) => openSqliteStore({ file, modules: suiteModules, writer, keepBlocks })
    let store = open(0)
    for (let height = 1; height <= 30; height++) await commitFull(store, 3)
    assert.equal(store.keptFrom(), 1)
    await store.close()
    store = open(5)
    for (let height = 31; height <= 40; height++) await commitFull(store, 3)
    assert.equal(store.keptFrom(), 36)
    for (let height = 1; height <= 40; height++) {
      assert.equal(store.block(height)?.transactions.length, height < 36 ? undefined : 3)
      assert.equal(store.transaction(hashOf(height, 1))?.height, height < 36 ? undefined : height)
    }
    await store.close()
    const database = new DatabaseSync(file, { readOnly: true })
    const count = (table: string) => database.prepare(`SELECT count(*) AS rows FROM ${table}`).get()?.rows
    assert.deepEqual([count('block'), count('tx'), count('event')], [5, 15, 15])
    database.close()
    store = open(0)
    assert.equal(store.keptFrom(), 36)
    store.verifyAll()
    await store.close()
  })
}

test('a long history is forgotten some blocks at a time, and its index with it', async () => {
  const file = join(mkdtempSync(join(parent, 'store-')), 'state.db')
  const open = (keepBlocks: number) => openSqliteStore({ file, modules: suiteModules, keepBlocks })
  let store = open(0)
  // Enough for two runs of the index of transactions.
  for (let height = 1; height <= 40; height++) await commitFull(store, 5_000)
  await store.close()
  store = open(1)
  await commitFull(store, 1)
  assert.equal(store.keptFrom(), 2)
  for (let height = 42; height <= 100; height++) await commitFull(store, 1)
  assert.equal(store.keptFrom(), 100)
  assert.equal(store.transaction(hashOf(3, 7)), undefined)
  assert.equal(store.transaction(hashOf(100, 0))?.height, 100)
  await store.close()
  const database = new DatabaseSync(file, { readOnly: true })
  const runs = database.prepare('SELECT count(DISTINCT run) AS runs, count(*) AS places FROM tx_place').get()
  assert.ok(Number(runs?.runs) <= 2, `${runs?.runs} runs with ${runs?.places} places are left`)
  database.close()
})

test('a node that began with a snapshot forgets what came after it, and the block of the snapshot too', async () => {
  const source = givenNode(parent)
  for (let height = 1; height <= 10; height++) await commitFull(source.store, 1)
  const info = await madeBy(source)
  const node = givenNode(parent, { keepBlocks: 3 })
  assert.equal((await hand(source, node, info, source.store.committed().appHash)).result, 'accept')
  assert.equal(node.store.keptFrom(), 11)
  for (let height = 11; height <= 20; height++) {
    await commitFull(node.store, 1)
    assert.equal(node.store.keptFrom(), Math.max(11, height - 2))
    assert.equal(node.store.block(10), undefined)
  }
  await node.close()
  await source.close()
})

for (const [name, blocks, expected] of [
  ['everything is kept', { keepBlocks: 0, oldestSnapshot: 500, evidenceBlocks: 10 }, 0],
  ['the last hundred', { keepBlocks: 100, oldestSnapshot: undefined, evidenceBlocks: 10 }, 901],
  ['an older snapshot is offered', { keepBlocks: 100, oldestSnapshot: 700, evidenceBlocks: 10 }, 700],
  ['evidence may be older', { keepBlocks: 100, oldestSnapshot: 990, evidenceBlocks: 400 }, 600],
  ['evidence may be older than the chain', { keepBlocks: 100, oldestSnapshot: 990, evidenceBlocks: 100_000 }, 0],
] as const) {
  test(`an engine keeps its blocks from ${expected} on where ${name}`, () => {
    assert.equal(retainHeight({ height: 1_000, ...blocks }), expected)
  })
}
