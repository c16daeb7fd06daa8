import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { toHex } from '@icn/crypto'
import {
  defineTable,
  type ModuleTables,
  NOTHING_REPORTED,
  type RowChange,
  type StateStore,
  type Table,
  text,
  uint,
} from '@icn/state-machine/kernel'
import { CorruptData, createMemoryStore, openSqliteStore } from '../src/index.ts'

const tableOf = (name: string) => defineTable(name, { key: { id: text }, columns: { count: uint } }) as unknown as Table
const seats = tableOf('seat')
const lamps = tableOf('lamp')
const OLD: readonly ModuleTables[] = [{ name: 'seating', tables: [seats] }]
const NEW: readonly ModuleTables[] = [...OLD, { name: 'lighting', tables: [lamps], isLater: true }]
const change = (table: Table, id: string, count: number | undefined): RowChange => ({
  table,
  key: [id],
  row: count === undefined ? undefined : { id, count },
})

async function commit(store: StateStore, height: number, ...changes: RowChange[]): Promise<string> {
  const { appHash } = store.stage(changes)
  const block = { height, timeMs: height, hash: appHash, header: appHash, appHash, report: NOTHING_REPORTED }
  await store.commit({ ...block, transactions: [], events: [] })
  return toHex(appHash)
}

test('a module that came later changes no root until it has a row, and none again when it has lost it', async () => {
  const before = createMemoryStore(OLD)
  const after = createMemoryStore(NEW)
  assert.deepEqual(after.committed().appHash, before.committed().appHash)
  const row = change(seats, 'a', 1)
  const root = await commit(before, 1, row)
  assert.equal(await commit(after, 1, row), root)
  assert.deepEqual(Object.keys(after.stage([]).moduleRoots), ['seating'])
  assert.notEqual(await commit(after, 2, change(lamps, 'l', 1)), root)
  assert.deepEqual(Object.keys(after.stage([]).moduleRoots).sort(), ['lighting', 'seating'])
  assert.equal(await commit(after, 3, change(lamps, 'l', undefined)), root)
})

test('a file from before a module is opened with it, at the same root, and then only with it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'icn-later-'))
  const file = join(folder, 'state.db')
  try {
    const old = openSqliteStore({ file, modules: OLD })
    const root = await commit(old, 1, change(seats, 'a', 1))
    await old.close()
    const store = openSqliteStore({ file, modules: NEW })
    store.verifyAll()
    assert.equal(toHex(store.committed().appHash), root)
    await commit(store, 2, change(lamps, 'l', 1))
    await store.close()
    const again = openSqliteStore({ file, modules: NEW })
    assert.equal(again.readRow(lamps, ['l'])?.count, 1)
    await again.close()
    assert.throws(() => openSqliteStore({ file, modules: OLD }), CorruptData)
    const others = [{ name: 'seating', tables: [tableOf('chair')] }, ...NEW.slice(1)]
    assert.throws(() => openSqliteStore({ file, modules: others }), CorruptData)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('a file from before a table of a module is opened with it, at the same root, and not where one was lost', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'icn-later-'))
  const file = join(folder, 'state.db')
  const more = [{ name: 'seating', tables: [lamps, seats, tableOf('row')] }]
  try {
    const old = openSqliteStore({ file, modules: OLD })
    const root = await commit(old, 1, change(seats, 'a', 1))
    await old.close()
    const store = openSqliteStore({ file, modules: more })
    store.verifyAll()
    assert.equal(toHex(store.committed().appHash), root)
    assert.equal(store.readRow(seats, ['a'])?.count, 1)
    await commit(store, 2, change(lamps, 'l', 1))
    await store.close()
    assert.throws(() => openSqliteStore({ file, modules: OLD }), CorruptData)
    const database = new DatabaseSync(file)
    database.exec('DROP TABLE "row"')
    database.close()
    assert.throws(() => openSqliteStore({ file, modules: more }), CorruptData)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
