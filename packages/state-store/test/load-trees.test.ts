import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { defineTable, type ModuleTables, NOTHING_REPORTED, type Table, text, uint } from '@icn/state-machine/kernel'
import { openSqliteStore } from '../src/index.ts'
import { loadTrees } from '../src/sqlite/load-trees.ts'
import { openDatabase } from '../src/sqlite/open.ts'
import { accessTable } from '../src/sqlite/table-access.ts'

const folder = mkdtempSync(join(tmpdir(), 'icn-load-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const file = join(folder, 'state.db')
const ROWS = 3_000
const modules: readonly ModuleTables[] = Array.from({ length: 6 }, (_, at) => ({
  name: `module${at}`,
  tables: [0, 1].map((own) => table(`table${at}${own}`)),
}))

function table(name: string): Table {
  return defineTable(name, { key: { id: text }, columns: { number: uint } }) as unknown as Table
}

const filled = (async () => {
  const store = openSqliteStore({ file, modules })
  const changes = modules.flatMap(({ tables }, at) =>
    // The last module has no rows.
    tables.flatMap((own) =>
      Array.from({ length: at === modules.length - 1 ? 0 : ROWS }, (_, number) => {
        const id = `row ${number}`
        return { table: own, key: [id], row: { id, number } }
      }),
    ),
  )
  const { appHash, moduleRoots } = store.stage(changes)
  const hash = new Uint8Array(32)
  await store.commit({
    height: 1,
    timeMs: 0,
    hash,
    header: hash,
    appHash,
    report: NOTHING_REPORTED,
    transactions: [],
    events: [],
  })
  await store.close()
  return moduleRoots
})()

test('two threads load the trees that one loads, and those that grew', async () => {
  const roots = await filled
  const database = openDatabase(file, modules)
  const rootsOf = (smallBytes: number) =>
    Object.fromEntries(
      Array.from(loadTrees(file, database, modules, smallBytes), ([name, tree]) => [name, tree.root()]),
    )
  assert.deepEqual(rootsOf(Number.POSITIVE_INFINITY), roots)
  for (let round = 0; round < 5; round++) assert.deepEqual(rootsOf(0), roots)
  database.close()
})

test('leaves come in parts, each once', () => {
  const pairs = defineTable('pair', { key: { a: text, b: uint }, columns: {} }) as unknown as Table
  const database = openDatabase(join(folder, 'pairs.db'), [{ name: 'pairs', tables: [pairs] }])
  const put = database.prepare('INSERT INTO pair VALUES (?, ?, ?)')
  const nodes = Array.from({ length: 24 }, (_, number) => new Uint8Array(64).fill(number))
  for (const [number, node] of nodes.entries()) put.run(`${number % 3}`, number, node)
  const access = accessTable(database, pairs)
  const inOrder = [0, 1, 2].flatMap((rest) => nodes.filter((_, number) => number % 3 === rest))
  assert.equal(access.countRows(), nodes.length)
  for (const atOnce of [1, 5, 8, 12, 24, 100]) {
    const parts = [...access.leaves(atOnce)]
    assert.ok(parts.every((part) => part.length <= 64 * atOnce))
    assert.deepEqual(new Uint8Array(Buffer.concat(parts)), new Uint8Array(Buffer.concat(inOrder)))
  }
  database.close()
})

test('a leaf that is damaged fails the start, whichever thread meets it', async () => {
  await filled
  const database = openDatabase(file, modules)
  for (const { tables } of modules.slice(0, -1)) {
    const [own] = tables
    database.exec(`BEGIN; UPDATE ${own?.name} SET _node = x'00' WHERE id = 'row 7'; COMMIT`)
    for (let round = 0; round < 3; round++)
      assert.throws(() => loadTrees(file, database, modules, 0), /a row of table\d0 has no leaf/)
    database.exec(`UPDATE ${own?.name} SET _node = zeroblob(64) WHERE id = 'row 7'`)
  }
  database.close()
})
