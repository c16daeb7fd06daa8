import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { setTimeout as elapsed } from 'node:timers/promises'
import { sha256 } from '@icn/crypto'
import { seatsOf } from '../../testkit/src/store-suite.ts'
import { MAX_CHUNK_BYTES } from '../src/snapshots/manifest.ts'
import { filesOf, givenNode, hand, madeBy, manyRows } from './given-snapshots.ts'

const parent = mkdtempSync(join(tmpdir(), 'icn-snapshots-'))
after(() => rmSync(parent, { recursive: true, force: true }))

test('nodes that committed in other ways make the same snapshot, byte for byte', async () => {
  const first = givenNode(parent)
  const second = givenNode(parent, { writer: 'thread' })
  for (let round = 0; round < 3; round++) {
    await first.commit(manyRows(round))
    // Other pages: the second one writes every block twice over, in an order of its own, and packs its file.
    second.store.stage(seatsOf('never', 3_000))
    await second.commit(manyRows(round).reverse())
  }
  await second.snapshots.close()
  await second.store.close()
  const database = new DatabaseSync(second.stateFile)
  database.exec('VACUUM')
  database.close()
  const again = givenNode(parent, { home: second.home })
  const third = givenNode(parent)
  const info = await madeBy(first)
  assert.deepEqual((await hand(first, third, info, first.store.committed().appHash)).result, 'accept')
  assert.deepEqual(await madeBy(again), info)
  assert.deepEqual(await madeBy(third), info)
  for (const node of [again, third])
    assert.deepEqual(filesOf(join(node.home, 'snapshots')), filesOf(join(first.home, 'snapshots')))
  for (const node of [first, again, third]) await node.close()
})

test('chunks are small, and each has its hash in the metadata, of which the snapshot has its name', async () => {
  const node = givenNode(parent)
  await node.commit(manyRows())
  const info = await madeBy(node)
  assert.equal(info.chunks, 4)
  assert.deepEqual(info.hash, sha256(info.metadata))
  for (let index = 0; index < info.chunks; index++) {
    const chunk = await node.snapshots.load(info.height, info.format, index)
    assert.ok(chunk !== undefined && chunk.length < MAX_CHUNK_BYTES)
  }
  for (const [height, format, chunk] of [
    [info.height, info.format, info.chunks],
    [info.height, info.format, -1],
    [info.height, info.format, 0.5],
    [info.height, 2, 0],
    [info.height + 1, info.format, 0],
  ] as const) {
    assert.equal(await node.snapshots.load(height, format, chunk), undefined)
  }
  await node.close()
})

for (const writer of ['inline', 'thread'] as const) {
  test(`while blocks are written (${writer}), snapshots are of the heights that the interval says, exactly`, async () => {
    const first = Promise.withResolvers<unknown>()
    const node = givenNode(parent, { writer, interval: { blocks: 4 }, keep: 10, onMade: first.resolve })
    const roots = new Map<number, Uint8Array>()
    const written: Promise<void>[] = []
    for (let height = 1; height <= 40; height++) {
      written.push(node.commit(height === 1 ? manyRows() : seatsOf('hall', 5, `holder ${height}`)))
      roots.set(height, node.store.head().appHash)
      if (height % 8 === 0) await Promise.all(written)
    }
    await Promise.all(written)
    await first.promise
    const list = await node.snapshots.list()
    assert.ok(list.length > 0)
    for (const info of list) {
      assert.equal(info.height % 4, 0)
      const other = givenNode(parent)
      const appHash = roots.get(info.height) ?? new Uint8Array()
      assert.equal((await hand(node, other, info, appHash)).result, 'accept')
      assert.deepEqual(other.store.committed().appHash, appHash)
      await other.close()
    }
    await node.close()
  })
}

test('by time, a snapshot comes with the first block of each span', async () => {
  let heights: readonly number[] | undefined
  // On a busy machine a thread may come too late for its block, and then that span has none: with another node, again.
  for (let attempt = 0; attempt < 5 && heights === undefined; attempt++) heights = await heightsByTime()
  assert.deepEqual(heights, [10, 5])
})

/** Of the snapshots by time of eleven blocks; `undefined` where one did not come within five seconds. */
async function heightsByTime(): Promise<readonly number[] | undefined> {
  // Blocks of this suite come a second apart.
  let made = Promise.withResolvers<unknown>()
  const node = givenNode(parent, { interval: { ms: 5_000 }, keep: 10, onMade: (info) => made.resolve(info) })
  try {
    for (let height = 1; height <= 11; height++) {
      await node.commit(seatsOf('a', height))
      if (height % 5 > 0) continue
      const late = elapsed(5_000, 'late', { ref: false })
      if ((await Promise.race([made.promise, late])) === 'late') return undefined
      made = Promise.withResolvers()
    }
    return (await node.snapshots.list()).map(({ height }) => height)
  } finally {
    await node.close()
  }
}

test('the latest two are kept, also over a restart, and the oldest says what others need', async () => {
  const node = givenNode(parent)
  for (let height = 1; height <= 4; height++) {
    await node.commit(seatsOf('a', height))
    await madeBy(node)
  }
  const list = await node.snapshots.list()
  assert.deepEqual(
    list.map(({ height }) => height),
    [4, 3],
  )
  assert.equal(node.snapshots.oldestHeight(), 3)
  await node.close()
  const again = givenNode(parent, { home: node.home })
  assert.deepEqual(await again.snapshots.list(), list)
  await again.close()
})

test('one that somebody takes is kept until nobody has asked for it for two minutes', async () => {
  let nowMs = 1_000_000_000
  const node = givenNode(parent, { nowMs: () => nowMs })
  const heights = async () => (await node.snapshots.list()).map(({ height }) => height)
  const make = async (height: number) => {
    await node.commit(seatsOf('a', height))
    await madeBy(node)
  }
  for (const height of [1, 2]) await make(height)
  const [, oldest] = await node.snapshots.list()
  assert.ok((await node.snapshots.load(1, oldest?.format ?? 0, 0)) !== undefined)
  for (const height of [3, 4, 5]) await make(height)
  assert.deepEqual(await heights(), [5, 4, 1])
  assert.equal(node.snapshots.oldestHeight(), 1)
  nowMs += 119_000
  assert.ok((await node.snapshots.load(1, oldest?.format ?? 0, 0)) !== undefined)
  assert.ok((await node.snapshots.load(4, oldest?.format ?? 0, 0)) !== undefined)
  nowMs += 119_000
  for (const height of [6, 7]) await make(height)
  assert.deepEqual(await heights(), [7, 6, 4], 'one beside the latest two, and that the latest')
  nowMs += 2_000
  await make(8)
  assert.deepEqual(await heights(), [8, 7])
  await node.close()
})

test('two that are asked for at once come one after the other, and closing gives one up', async () => {
  const node = givenNode(parent)
  await node.commit(manyRows())
  const [one, two] = await Promise.all([node.snapshots.make(), node.snapshots.make()])
  assert.deepEqual(one, two)
  const third = node.snapshots.make()
  await node.snapshots.close()
  assert.equal(await third, undefined)
  assert.equal(await node.snapshots.make(), undefined)
  assert.equal(existsSync(join(node.home, 'snapshots', 'new')), false)
  await node.store.close()
})

test('a chunk that the disk has damaged is not handed out, and a snapshot without metadata not offered', async () => {
  const node = givenNode(parent)
  await node.commit(manyRows())
  const info = await madeBy(node)
  const file = join(node.home, 'snapshots', String(info.height), '000001.zst')
  const bytes = readFileSync(file)
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
  writeFileSync(file, bytes)
  assert.equal(await node.snapshots.load(info.height, info.format, 1), undefined)
  rmSync(file)
  assert.equal(await node.snapshots.load(info.height, info.format, 1), undefined)
  assert.ok((await node.snapshots.load(info.height, info.format, 0)) !== undefined)
  await node.close()
  mkdirSync(join(node.home, 'snapshots', '7'))
  const again = givenNode(parent, { home: node.home })
  assert.deepEqual(await again.snapshots.list(), [info])
  await again.close()
})

test('what cannot be made is told, and the node goes on', async () => {
  const told: string[] = []
  const node = givenNode(parent, { onFailure: (error) => told.push(error.message) })
  await node.commit(seatsOf('a', 1))
  const database = new DatabaseSync(node.stateFile)
  database.exec(`UPDATE seat SET tags = '['`)
  database.close()
  assert.equal(await node.snapshots.make(), undefined)
  assert.match(told[0] ?? '', /JSON/)
  await node.commit(seatsOf('b', 1))
  assert.deepEqual(await node.snapshots.list(), [])
  await node.close()
})
