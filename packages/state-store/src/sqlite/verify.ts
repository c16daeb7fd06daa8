import type { DatabaseSync } from 'node:sqlite'
import { equalBytes, leafHash, rowPath, toHex } from '@icn/crypto'
import { type Committed, encodeRow, keyOf, type Table } from '@icn/state-machine/kernel'
import { CorruptData, RESTORE } from '../errors.ts'
import type { Forest } from '../forest.ts'
import { asFound } from './open.ts'
import type { ModuleRoots } from './packed.ts'
import { MODULE_ROOTS } from './schema.ts'
import type { TableAccess } from './table-access.ts'

/** Checks every page and every index of the file. @throws CorruptData */
export function verifyPages(file: string, database: DatabaseSync): void {
  const [found] = asFound(file, () => Object.values(database.prepare('PRAGMA integrity_check(1)').get() ?? {}))
  if (found !== 'ok') throw new CorruptData(`${file}: ${found}`, RESTORE)
}

/** Checks every row against the leaf beside it. @throws CorruptData */
export function verifyRows(tables: readonly Table[], accessOf: (table: Table) => TableAccess): void {
  for (const table of tables) {
    for (const { row, node } of accessOf(table).whole()) {
      const path = rowPath(table.name, keyOf(table, row))
      if (equalBytes(node, Buffer.concat([path, leafHash(path, encodeRow(table, row))]))) continue
      const key = keyOf(table, row).join(' ')
      throw new CorruptData(`a row of ${table.name} does not fit its leaf: ${key}`, RESTORE)
    }
  }
}

/**
 * Checks that the leaves lead to the root of the last block.
 *
 * @throws CorruptData which names the modules whose rows are not those of the block, where the roots of its modules are known
 */
export function verifyRoot(file: string, database: DatabaseSync, { height, appHash }: Committed, forest: Forest): void {
  if (equalBytes(forest.appHash(), appHash)) return
  const wrong = wrongModules(database, height, forest)
  const found = `rows lead to the root ${toHex(forest.appHash())}, block ${height} has ${toHex(appHash)}`
  throw new CorruptData(`${file}: ${found}${wrong.length === 0 ? '' : `; it differs in ${wrong.join(', ')}`}`, RESTORE)
}

function wrongModules(database: DatabaseSync, height: number, forest: Forest): string[] {
  const { value } = database.prepare('SELECT value FROM meta WHERE key = ?').get(MODULE_ROOTS) ?? {}
  const kept = JSON.parse(String(value ?? '{}')) as { height?: number; moduleRoots?: ModuleRoots }
  if (kept.height !== height) return []
  return Object.entries(rootsInHex(forest)).flatMap(([name, root]) => (kept.moduleRoots?.[name] === root ? [] : [name]))
}

export function rootsInHex(forest: Forest): ModuleRoots {
  return Object.fromEntries(Object.entries(forest.moduleRoots()).map(([name, root]) => [name, toHex(root)]))
}
