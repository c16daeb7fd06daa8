import assert from 'node:assert/strict'
import { test } from 'node:test'
import { snapshotsOfEngine } from '../src/cometbft/node-snapshots.ts'
import type { SnapshotInfo, Snapshots } from '../src/index.ts'

const info = (height: number): SnapshotInfo => ({
  height,
  format: 1,
  chunks: 2,
  hash: new Uint8Array(32),
  metadata: new Uint8Array(),
})

function given(heights: readonly number[], taken: () => void = () => {}): Snapshots {
  return {
    list: async () => heights.map(info),
    load: async () => undefined,
    offer: async () => 'accept',
    apply: async () => {
      taken()
      return { result: 'accept' }
    },
  }
}

test('a snapshot is offered when both blocks after it are there, for whoever asks earlier never asks again', async () => {
  for (const [height, expected] of [
    [100, []],
    [101, []],
    [102, [100]],
    [202, [200, 100]],
  ] as const) {
    const engine = {
      beginsAfter: 99,
      height: () => height,
      storedHeight: () => height,
      onSynced: () => assert.fail('nothing was taken'),
    }
    const offered = await snapshotsOfEngine(given([200, 100, 99]), engine).list()
    assert.deepEqual(
      offered.map((own) => own.height),
      expected,
    )
  }
})

test('with the chunk that completes the state, and no other, the engine is told', async () => {
  let height = 0
  let stored = 0
  let chunks = 0
  let told = 0
  const port = given([], () => {
    if (++chunks === 2) stored = 40
  })
  const onSynced = () => {
    told++
    height = stored
  }
  const snapshots = snapshotsOfEngine(port, {
    beginsAfter: 0,
    height: () => height,
    storedHeight: () => stored,
    onSynced,
  })
  await snapshots.apply(0, new Uint8Array(), 'peer')
  assert.deepEqual([told, height], [0, 0])
  await snapshots.apply(1, new Uint8Array(), 'peer')
  assert.deepEqual([told, height], [1, 40])
})
