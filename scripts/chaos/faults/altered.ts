import { copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { concatBytes, leafHash, rowPath } from '@icn/crypto'
import type { Genesis } from '@icn/protocol'
import { createMachine } from '@icn/state-machine'
import { type AnyRow, encodeRow, keyOf, type ModuleTables, type Table } from '@icn/state-machine/kernel'
import { openSqliteStore } from '@icn/state-store'
import type { LocalNode } from '@icn/testkit/network'
import { endOf, type Fault, goOn, nameOf, othersThan, pickNode, type Scene } from '../fault.ts'

/** How far who altered a row went to hide it. */
const DEPTHS = ['row', 'row-and-leaf', 'row-leaf-and-root'] as const
type Depth = (typeof DEPTHS)[number]
/** CometBFT is started several times before its node gives up. */
const PATIENCE_MS = 90_000

/** A row is altered by hand while the node is down: it must not go on, and say where it is wrong; the others do. */
export const altered: Fault = {
  name: 'state-altered',
  run: async (scene) => {
    const { field, nth } = scene
    const { node, index } = pickNode(scene)
    await node.end('SIGTERM')
    const file = join(node.home, 'state.db')
    const copy = join(field.folder, 'state.copy')
    copyFileSync(file, copy)
    const depth = DEPTHS[nth % DEPTHS.length] as Depth
    try {
      const { table, module } = await alterOne(scene, file, depth)
      await refused(node, index, depth, table.name, module)
      await goOn(othersThan(field, index))
      return `${nameOf(index)} (${depth} in ${table.name} of ${module})`
    } finally {
      for (const end of ['-wal', '-shm']) rmSync(`${file}${end}`, { force: true })
      copyFileSync(copy, file)
      rmSync(copy)
      await node.start()
    }
  },
}

async function refused(node: LocalNode, index: number, depth: Depth, table: string, module: string): Promise<void> {
  const starting = node.start().then(
    () => 'started',
    () => 'refused',
  )
  const code = await endOf(node, PATIENCE_MS)
  await starting
  const [expected, words] = EXPECTED[depth](table, module)
  if (code !== expected || !words.test(node.log()))
    throw new Error(
      `${nameOf(index)} with an altered ${depth} ended with ${code}, expected ${expected}:\n${node.log()}`,
    )
}

const EXPECTED: Readonly<Record<Depth, (table: string, module: string) => readonly [code: number, words: RegExp]>> = {
  row: (table) => [4, new RegExp(`a row of ${table} does not fit its leaf`)],
  'row-and-leaf': (_, module) => [4, new RegExp(`lead to the root .*; it differs in ${module}\\. `)],
  // Nothing in the folder contradicts it any more, but for CometBFT, which knows the root that was agreed on.
  'row-leaf-and-root': () => [69, /^panic: state\.AppHash does not match AppHash after replay/m],
}

async function alterOne({ field, random }: Scene, file: string, depth: Depth) {
  const store = openSqliteStore({ file, modules: modulesOf(field.network.genesis) })
  const candidates = store.modules.flatMap(({ name, tables }) =>
    tables.flatMap((table) => {
      const [row] = store.scanRows(table, [], { limit: 1 })
      const column = Object.entries(table.columns).find(([, { kind, optional }]) => kind === 'text' && !optional)?.[0]
      return row === undefined || column === undefined ? [] : [{ module: name, table, row, column }]
    }),
  )
  const { module, table, row, column } = random.pick(candidates)
  const other: AnyRow = { ...row, [column]: `${row[column]}!` }
  const key = keyOf(table, row)
  const { appHash } = store.stage([{ table, key, row: other }])
  await store.close()
  write(file, depth, { table, row, other, column, appHash })
  return { table, module }
}

function modulesOf(genesis: Genesis): readonly ModuleTables[] {
  return createMachine({ genesis }).modules
}

interface Change {
  readonly table: Table
  readonly row: AnyRow
  readonly other: AnyRow
  readonly column: string
  readonly appHash: Uint8Array
}

function write(file: string, depth: Depth, { table, row, other, column, appHash }: Change): void {
  const database = new DatabaseSync(file)
  const path = rowPath(table.name, keyOf(table, row))
  const leaf = concatBytes(path, leafHash(path, encodeRow(table, other)))
  const where = table.keyNames.map((name) => `"${name}" = ?`).join(' AND ')
  const key = keyOf(table, row) as (string | number)[]
  database.prepare(`UPDATE "${table.name}" SET "${column}" = ? WHERE ${where}`).run(String(other[column]), ...key)
  if (depth !== 'row') database.prepare(`UPDATE "${table.name}" SET _node = ? WHERE ${where}`).run(leaf, ...key)
  if (depth === 'row-leaf-and-root')
    database.prepare('UPDATE block SET appHash = ? WHERE height = (SELECT max(height) FROM block)').run(appHash)
  database.close()
}
