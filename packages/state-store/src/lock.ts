import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { DataFolderBusy } from './errors.ts'

export interface DataFolderLock {
  release(): void
}

/**
 * Takes a data folder for this process alone. The lock is SQLite's on a file of its own, which the operating system
 * lets go of however the process ends.
 *
 * @throws DataFolderBusy where another process has it
 */
export function lockDataFolder(home: string): DataFolderLock {
  const database = new DatabaseSync(join(home, 'lock.db'), { timeout: 0 })
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (cause) {
    database.close()
    if ((cause as { errcode?: number }).errcode !== 5) throw cause
    throw new DataFolderBusy(`${home} is in use by another process; stop it, or name another data folder`, { cause })
  }
  return { release: () => database.close() }
}
