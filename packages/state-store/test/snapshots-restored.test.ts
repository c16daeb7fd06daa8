import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { encodeCanonical, sha256 } from '@icn/crypto'
import type { AnyRow, SnapshotInfo } from '@icn/state-machine/kernel'
import { seats, seatsOf } from '../../testkit/src/store-suite.ts'
import { openReader } from '../src/index.ts'
import { compress, decompress } from '../src/snapshots/compress.ts'
import { decodeManifest, encodeManifest, infoOf, type Manifest } from '../src/snapshots/manifest.ts'
import { type GivenNode, givenNode, hand, madeBy, manyRows } from './given-snapshots.ts'

const parent = mkdtempSync(join(tmpdir(), 'icn-restored-'))
const source = givenNode(parent)
await source.commit(manyRows(1))
await source.commit(manyRows(2))
const info = await madeBy(source)
const { appHash } = source.store.committed()
const manifest = decodeManifest(info.metadata) as Manifest
const chunks = await Promise.all(
  Array.from({ length: info.chunks }, (_, index) => source.snapshots.load(info.height, info.format, index)),
)
after(async () => {
  await source.close()
  rmSync(parent, { recursive: true, force: true })
})

const rowsOf = (node: GivenNode): AnyRow[] => [...node.store.scanRows(seats, [])]
const chunkAt = (index: number) => chunks[index] as Uint8Array

/** What a sync that failed may leave: an empty state, and nothing beside it. */
function assertUntouched(node: GivenNode): void {
  assert.equal(node.store.committed().height, 0)
  assert.deepEqual(
    readdirSync(node.home).filter((name) => name.includes('sync')),
    [],
  )
}

test('a synced store stands where the snapshot was made, without the blocks before, and the next block commits', async () => {
  const node = givenNode(parent, { writer: 'thread' })
  const reader = openReader(node.stateFile)
  let isTold = false
  const snapshots = { readers: [reader], onRestored: () => (isTold = true) }
  await node.close()
  const synced = givenNode(parent, { home: node.home, writer: 'thread', ...snapshots })
  assert.equal(
    reader.read((_, at) => at.height),
    0,
  )
  assert.equal((await hand(source, synced, info, appHash)).result, 'accept')
  assert.ok(isTold)
  assert.deepEqual(synced.store.committed(), source.store.committed())
  assert.deepEqual(
    reader.read((_, at) => at),
    source.store.committed(),
  )
  assert.deepEqual(rowsOf(synced), rowsOf(source))
  assert.deepEqual(synced.store.prove(seats, ['hall', 7]), source.store.prove(seats, ['hall', 7]))
  assert.equal(synced.store.keptFrom(), 3)
  for (const height of [1, 2, 3]) assert.equal(synced.store.block(height), undefined)
  synced.store.verifyAll()
  const root = source.store.stage(seatsOf('next', 9)).appHash
  source.store.stage([])
  await synced.commit(seatsOf('next', 9))
  assert.deepEqual(synced.store.committed().appHash, root)
  assert.equal(synced.store.block(3)?.height, 3)
  await synced.close()
  const again = givenNode(parent, { home: node.home })
  assert.deepEqual([again.store.committed().height, again.store.keptFrom()], [3, 3])
  again.store.verifyAll()
  reader.close()
  await again.close()
})

test('chunks may come in any order, and twice', async () => {
  const node = givenNode(parent)
  assert.equal(await node.snapshots.offer(info, appHash), 'accept')
  for (const index of [2, 0, 2, 0, 3, 1])
    assert.deepEqual(await node.snapshots.apply(index, chunkAt(index), 'peer'), { result: 'accept' })
  assert.deepEqual(node.store.committed().appHash, appHash)
  await node.close()
})

test('a state that is not empty is never replaced', async () => {
  const node = givenNode(parent)
  await node.commit(seatsOf('own', 1))
  assert.equal(await node.snapshots.offer(info, appHash), 'abort')
  assert.deepEqual(await node.snapshots.apply(0, chunkAt(0), 'peer'), { result: 'abort' })
  assert.equal(node.store.committed().height, 1)
  await node.close()
})

/** A snapshot that says something else, under a hash of its own. */
function saying(change: Partial<Manifest>): SnapshotInfo {
  const other = { ...manifest, ...change }
  return infoOf(encodeManifest(other), other)
}

for (const [name, offered, verdict] of [
  ['another format', { ...info, format: 2 }, 'reject-format'],
  ['metadata of another hash', { ...info, metadata: new Uint8Array(info.metadata).fill(0, 40, 41) }, 'reject'],
  ['a hash of other metadata', { ...info, hash: new Uint8Array(32) }, 'reject'],
  ['metadata that is none', { ...info, metadata: appHash, hash: sha256(appHash) }, 'reject'],
  ['another height', { ...info, height: 1 }, 'reject'],
  ['another number of chunks', { ...info, chunks: info.chunks + 1 }, 'reject'],
  ['another app hash', saying({ appHash: new Uint8Array(32) }), 'reject'],
  ['another network', saying({ network: new Uint8Array(32) }), 'reject'],
  ['other tables', saying({ tables: 'other' }), 'reject'],
  ['a block of the future', saying({ timeMs: Date.now() + 3_600_000 }), 'reject'],
  ['no chunks', saying({ chunkHashes: new Uint8Array(0) }), 'reject'],
  ['metadata that is too large', saying({ chunkHashes: new Uint8Array(32 * 120_000) }), 'reject'],
] as const) {
  test(`refuses a snapshot with ${name}`, async () => {
    const node = givenNode(parent)
    assert.equal(await node.snapshots.offer(offered, appHash), verdict)
    assert.deepEqual(await node.snapshots.apply(0, chunkAt(0), 'peer'), { result: 'abort' })
    assertUntouched(node)
    await node.close()
  })
}

const altered = (at: number) => {
  const bytes = new Uint8Array(chunkAt(1))
  bytes[at] = (bytes[at] ?? 0) ^ 0x10
  return bytes
}

for (const [name, bytes] of [
  ['a changed first byte', altered(0)],
  ['a changed byte within', altered(chunkAt(1).length >> 1)],
  ['another chunk', chunkAt(2)],
  ['nothing', new Uint8Array()],
  ['half of it', chunkAt(1).subarray(0, chunkAt(1).length >> 1)],
  ['a bomb', compress(new Uint8Array(60_000_000))],
  ['more than a chunk may hold', new Uint8Array(11_000_000)],
] as const) {
  test(`asks for a chunk again, from somebody else, that came as ${name}`, async () => {
    const node = givenNode(parent)
    assert.equal(await node.snapshots.offer(info, appHash), 'accept')
    assert.deepEqual(await node.snapshots.apply(0, chunkAt(0), 'peer'), { result: 'accept' })
    assert.deepEqual(await node.snapshots.apply(1, bytes, 'liar'), {
      result: 'retry',
      refetchChunks: [1],
      rejectSenders: ['liar'],
    })
    for (const index of [1, 2, 3])
      assert.deepEqual(await node.snapshots.apply(index, chunkAt(index), 'peer'), { result: 'accept' })
    assert.deepEqual(node.store.committed().appHash, appHash)
    await node.close()
  })
}

/** Chunks that are what the snapshot says, of a snapshot that lies. */
const CHUNK_ROWS: readonly (readonly [name: string, chunks: readonly Uint8Array[]])[] = (() => {
  const plain = chunks.map((bytes) => decompress(bytes as Uint8Array) as Uint8Array)
  const row = encodeCanonical(['x', 1])
  const [first, ...rest] = plain as [Uint8Array, ...Uint8Array[]]
  const flipped = new Uint8Array(first)
  flipped.set(new TextEncoder().encode('HOLDER'), Buffer.from(first).indexOf('holder'))
  return [
    ['a row that was changed', [flipped, ...rest]],
    ['a chunk too few', plain.slice(1)],
    ['a chunk twice', [...plain, first]],
    ['a row more', [...plain, encodeCanonical(['hall', [row]])]],
    ['a table that is not there', [...plain, encodeCanonical(['cake', [row]])]],
    ['a row of another shape', [...plain, encodeCanonical(['hall', [encodeCanonical(['x'])]])]],
    ['a row without its key', [...plain, encodeCanonical(['hall', [encodeCanonical([null, 1])]])]],
    ['a value of no column', [...plain, encodeCanonical(['hall', [encodeCanonical(['x', { a: 1 }])]])]],
    ['bytes that are no chunk', [...plain, new Uint8Array([1, 2, 3])]],
    ['a row that is not canonical', [...plain, encodeCanonical(['hall', [new Uint8Array([0x82, 0x18, 1, 0x60])]])]],
    ['bytes after the rows', [...plain, new Uint8Array([...encodeCanonical(['hall', [row]]), 0])]],
  ]
})()

for (const [name, list] of CHUNK_ROWS) {
  test(`rejects the whole of a snapshot with ${name}`, async () => {
    const node = givenNode(parent)
    const lying = saying({ chunkHashes: Buffer.concat(list.map((chunk) => sha256(chunk))) })
    assert.equal(await node.snapshots.offer(lying, appHash), 'accept')
    const verdicts: string[] = []
    for (const [index, chunk] of list.entries()) {
      if (verdicts.at(-1) === 'reject-snapshot') break
      verdicts.push((await node.snapshots.apply(index, compress(chunk), 'peer')).result)
    }
    assert.equal(verdicts.at(-1), 'reject-snapshot')
    assertUntouched(node)
    // The honest one is still welcome.
    assert.equal((await hand(source, node, info, appHash)).result, 'accept')
    await node.close()
  })
}

test('another offer begins anew, and closing leaves nothing', async () => {
  const node = givenNode(parent)
  assert.equal(await node.snapshots.offer(info, appHash), 'accept')
  assert.deepEqual(await node.snapshots.apply(0, chunkAt(0), 'peer'), { result: 'accept' })
  assert.equal((await hand(source, node, info, appHash)).result, 'accept')
  await node.close()
  const other = givenNode(parent)
  assert.equal(await other.snapshots.offer(info, appHash), 'accept')
  assert.deepEqual(await other.snapshots.apply(0, chunkAt(0), 'peer'), { result: 'accept' })
  await other.close()
  assert.equal(existsSync(`${other.stateFile}.sync`), false)
})
