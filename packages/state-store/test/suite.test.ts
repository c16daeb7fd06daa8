import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  commitBlock,
  type StoreUnderTest,
  seats,
  seatsOf,
  suiteModules,
  testStore,
} from '../../testkit/src/store-suite.ts'
import { createMemoryStore, openReader, openSqliteStore } from '../src/index.ts'

testStore('memory', () => {
  const store = createMemoryStore(suiteModules)
  return { store, restart: () => store.stage([]), dispose: () => store.close() }
})

testStore('SQLite', openInFolder, 15)

function openInFolder(): StoreUnderTest {
  const folder = mkdtempSync(join(tmpdir(), 'icn-suite-'))
  const open = () => openSqliteStore({ file: join(folder, 'state.db'), modules: suiteModules })
  let store = open()
  return {
    get store() {
      return store
    },
    restart: () => {
      store.close()
      store = open()
    },
    dispose: () => {
      store.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

test('a reader sees whole committed blocks, at one height for as long as it reads', () => {
  const folder = mkdtempSync(join(tmpdir(), 'icn-suite-'))
  const store = openSqliteStore({ file: join(folder, 'state.db'), modules: suiteModules })
  const reader = openReader(join(folder, 'state.db'))
  const look = () => reader.read((sql, at) => [at.height, sql.get<{ n: number }>('SELECT count(*) AS n FROM seat')?.n])
  try {
    assert.deepEqual(look(), [0, 0])
    commitBlock(store, store.stage(seatsOf('a', 3)).appHash)
    assert.deepEqual(look(), [1, 3])
    const staged = store.stage(seatsOf('b', 4))
    assert.deepEqual(look(), [1, 3])
    reader.read((sql, at) => {
      commitBlock(store, staged.appHash)
      assert.equal(at.height, 1)
      assert.equal(sql.get<{ n: number }>('SELECT count(*) AS n FROM seat')?.n, 3)
    })
    assert.deepEqual(look(), [2, 7])
    assert.throws(() => reader.read((sql) => sql.all('DELETE FROM seat')), /readonly/)
    assert.throws(() => reader.read(() => assert.fail('stopped')), /stopped/)
    assert.deepEqual(look(), [2, 7])
  } finally {
    reader.close()
    store.close()
    rmSync(folder, { recursive: true, force: true })
  }
})

test('columns have their declared names and kinds in SQL', () => {
  const folder = mkdtempSync(join(tmpdir(), 'icn-suite-'))
  const store = openSqliteStore({ file: join(folder, 'state.db'), modules: suiteModules })
  const reader = openReader(join(folder, 'state.db'))
  try {
    const row = { hall: 'a', number: 1, holder: 'x', taken: true, price: null, tags: ['t'], note: { b: 1, aa: 'ä' } }
    commitBlock(store, store.stage([{ table: seats, key: ['a', 1], row }]).appHash)
    const found = reader.read((sql) => ({ ...sql.get('SELECT *, length(_node) AS bytes FROM seat') }))
    const { _node, ...columns } = found
    assert.deepEqual(columns, { ...row, taken: 1, tags: '["t"]', note: '{"b":1,"aa":"ä"}', bytes: 64 })
  } finally {
    reader.close()
    store.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
