import { DatabaseSync } from 'node:sqlite'
import type { ModuleTables } from '@icn/state-machine/kernel'
import { syncFile } from '../durable.ts'
import { openSqliteStore } from './sqlite-store.ts'

/** What a copy of a database holds, after every page, every row and the root were checked. */
export interface CheckedCopy {
  readonly height: number
  readonly timeMs: number
  readonly appHash: Uint8Array
}

/**
 * Copies a database that a node may be writing to: what the copy holds is one committed block. Its log cannot be moved
 * meanwhile, and grows.
 *
 * @param target - must not be there
 * @throws CorruptData where the copy, and so the database, is damaged
 */
export async function copyDatabase(
  stateFile: string,
  target: string,
  modules: readonly ModuleTables[],
): Promise<CheckedCopy> {
  const database = new DatabaseSync(stateFile, { readOnly: true })
  database.prepare('VACUUM INTO ?').run(target)
  database.close()
  const store = openSqliteStore({ file: target, modules })
  store.verifyAll()
  const { height, timeMs, appHash } = store.committed()
  await store.close()
  syncFile(target)
  return { height, timeMs, appHash }
}
