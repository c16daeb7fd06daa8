import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openMemory, openSqlite } from '../../testkit/src/given-store.ts'
import { commitBlock, seats, seatsOf, suiteModules, testStore } from '../../testkit/src/store-suite.ts'
import { openReader, openSqliteStore } from '../src/index.ts'

testStore('memory', () => openMemory(suiteModules))
testStore('SQLite', () => openSqlite(suiteModules), 15)
testStore('SQLite, written in a thread', () => openSqlite(suiteModules, 'thread'), 5)

test('a reader sees whole committed blocks, at one height for as long as it reads', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'icn-suite-'))
  const store = openSqliteStore({ file: join(folder, 'state.db'), modules: suiteModules })
  const reader = openReader(join(folder, 'state.db'))
  const look = () => reader.read((sql, at) => [at.height, sql.get<{ n: number }>('SELECT count(*) AS n FROM seat')?.n])
  try {
    assert.deepEqual(look(), [0, 0])
    await commitBlock(store, store.stage(seatsOf('a', 3)).appHash)
    assert.deepEqual(look(), [1, 3])
    const staged = store.stage(seatsOf('b', 4))
    assert.deepEqual(look(), [1, 3])
    reader.read((sql, at) => {
      void commitBlock(store, staged.appHash)
      assert.equal(at.height, 1)
      assert.equal(sql.get<{ n: number }>('SELECT count(*) AS n FROM seat')?.n, 3)
    })
    assert.deepEqual(look(), [2, 7])
    assert.throws(() => reader.read((sql) => sql.all('DELETE FROM seat')), /readonly/)
    assert.throws(() => reader.read(() => assert.fail('stopped')), /stopped/)
    assert.deepEqual(look(), [2, 7])
  } finally {
    reader.close()
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  }
})

test('columns have their declared names and kinds in SQL', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'icn-suite-'))
  const store = openSqliteStore({ file: join(folder, 'state.db'), modules: suiteModules })
  const reader = openReader(join(folder, 'state.db'))
  try {
    const row = { hall: 'a', number: 1, holder: 'x', taken: true, price: null, tags: ['t'], note: { b: 1, aa: 'ä' } }
    await commitBlock(store, store.stage([{ table: seats, key: ['a', 1], row }]).appHash)
    const found = reader.read((sql) => ({ ...sql.get('SELECT *, length(_node) AS bytes FROM seat') }))
    const { _node, ...columns } = found
    assert.deepEqual(columns, { ...row, taken: 1, tags: '["t"]', note: '{"b":1,"aa":"ä"}', bytes: 64 })
  } finally {
    reader.close()
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
