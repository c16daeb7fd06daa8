import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { extendLog } from '@icn/crypto'
import { createOverlay, type EndEvent, type ModuleTables, type StateStore, type Table } from '@icn/state-machine/kernel'
import {
  findLane,
  laneBlocks,
  laneLogOf,
  laneLogs,
  laneRoots,
  laneSizeBefore,
  logEvents,
} from '@icn/state-machine/lanes'
import { emptyBlock, suiteModules } from '../../testkit/src/store-suite.ts'
import { openArchive, openReader, openSqliteStore, restoreArchive, writeArchive } from '../src/index.ts'

const parent = mkdtempSync(join(tmpdir(), 'icn-lanes-'))
after(() => rmSync(parent, { recursive: true, force: true }))

const modules: readonly ModuleTables[] = [
  ...suiteModules,
  { name: 'lanes', tables: [laneLogs as unknown as Table], isLater: true },
]
/** Lanes that have an event at a height: the core often, storage rarely, the marketplace never. */
const lanesAt = (height: number) => [...(height % 3 === 0 ? [] : [0]), ...(height % 5 === 0 ? [2] : [])]

async function commit(store: StateStore): Promise<void> {
  const height = store.head().height + 1
  const events = lanesAt(height).map(
    (lane): EndEvent => ({ topic: 'seat.taken', subject: `${height}`, data: {}, lane }),
  )
  const state = createOverlay(store)
  const lanes = logEvents({ height, timeMs: height * 1_000 }, [], events, state)
  const { appHash } = store.stage(state.changes())
  await store.commit({ ...emptyBlock(height, appHash), events, lanes })
}

/** Every log of the heights that are kept is known, leads to every later one, and the blocks of the lane are those that it has. */
function checkLogs(file: string, height: number, keptFrom: number): void {
  const reader = openReader(file)
  reader.read((sql) => {
    for (const lane of [0, 1, 2]) {
      const heights = Array.from({ length: height }, (_, at) => at + 1).filter((at) => lanesAt(at).includes(lane))
      const facts = findLane(sql, lane)
      assert.deepEqual([facts?.log.size, facts?.height], [heights.length, heights.at(-1) ?? 0])
      for (let at = keptFrom; at <= height + 1; at++) {
        const size = heights.filter((own) => own < at).length
        assert.equal(laneSizeBefore(sql, lane, at, keptFrom), size, `lane ${lane} before ${at}`)
      }
      const first = laneSizeBefore(sql, lane, keptFrom, keptFrom)
      const logs = Array.from({ length: heights.length - first + 1 }, (_, at) => laneLogOf(sql, lane, first + at))
      assert.deepEqual(logs.at(-1), facts?.log)
      for (const from of logs) {
        for (const to of logs.slice(logs.indexOf(from)))
          assert.deepEqual(extendLog(from, to.size, laneRoots(sql, lane, from.size, to.size)), to)
      }
      const shown = laneBlocks(sql, lane, first, heights.length, 1_000)
      assert.deepEqual(
        shown.map((block) => [block.height, block.timeMs, block.groups.map(({ events }) => events[0]?.[2])]),
        heights.slice(first).map((own) => [own, own * 1_000, [`${own}`]]),
      )
    }
  })
  reader.close()
}

for (const writer of ['inline', 'thread'] as const) {
  test(`logs of lanes are known for every height that is kept, also when older ones are forgotten (${writer})`, async () => {
    const file = join(mkdtempSync(join(parent, 'store-')), 'state.db')
    let store = openSqliteStore({ file, modules, writer })
    for (let height = 1; height <= 40; height++) await commit(store)
    await store.close()
    checkLogs(file, 40, 1)
    store = openSqliteStore({ file, modules, writer, keepBlocks: 7 })
    for (let height = 41; height <= 60; height++) {
      await commit(store)
      checkLogs(file, height, store.keptFrom())
    }
    assert.equal(store.keptFrom(), 54)
    await store.close()
    const database = new DatabaseSync(file, { readOnly: true })
    const { entries } = database.prepare('SELECT count(*) AS entries FROM lane_entry').get() ?? {}
    // 5 and 2 of blocks that are kept; at most the peaks of 36 and 10 leaves before.
    assert.ok(Number(entries) <= 5 + 2 + 2 + 2, `${entries} leaves are kept`)
    database.close()
  })
}

test('a node that begins with the rows of another goes on with its logs', async () => {
  const [file, copy, archive] = ['state.db', 'copy.db', 'archive'].map((name) => join(parent, name)) as [
    string,
    string,
    string,
  ]
  const source = openSqliteStore({ file, modules })
  for (let height = 1; height <= 30; height++) await commit(source)
  await source.close()
  const onProgress = () => {}
  writeArchive(archive, { stateFile: file, modules, genesis: '{}', network: new Uint8Array(32), onProgress })
  const opened = openArchive(archive)
  restoreArchive(opened, { stateFile: copy, modules, onProgress })
  opened.close()
  const store = openSqliteStore({ file: copy, modules, keepBlocks: 5 })
  assert.equal(store.keptFrom(), 31)
  checkLogs(copy, 30, 31)
  for (let height = 31; height <= 50; height++) {
    await commit(store)
    checkLogs(copy, height, store.keptFrom())
  }
  await store.close()
})
