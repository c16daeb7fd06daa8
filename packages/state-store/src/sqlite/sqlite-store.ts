import { existsSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { assert } from '@icn/state-machine/kernel'
import { syncFolder } from '../durable.ts'
import type { Tree } from '../tree/tree.ts'
import type { StateReader } from './reader.ts'
import { type FileStore, type GateKeeper, openFileStore, type SqliteStoreOptions } from './store.ts'

/** Where a state is built before it takes the place of an empty one. What a crash left there is of no use. */
export function draftOf(file: string): string {
  return `${file}.sync`
}

/** A whole state in a file of its own, `draftOf` the store's, with the trees that were built of it. */
export interface RestoredState {
  readonly trees: ReadonlyMap<string, Tree>
}

export interface SqliteStore extends Omit<FileStore, 'settle' | 'letGo'> {
  /**
   * Puts a restored state in the place of this empty store, which from then on is that one. Nothing may be read or staged
   * meanwhile.
   *
   * @param readers - connections to the same file
   */
  replaceBy(restored: RestoredState, readers: readonly StateReader[]): Promise<void>
}

/**
 * Opens the one database of a node: state, blocks, events.
 *
 * @throws CorruptData, NewerVersion
 */
export function openSqliteStore(options: SqliteStoreOptions): SqliteStore {
  const { file } = options
  removeDraft(file)
  let store = openFileStore(options)
  let gateKeeper: GateKeeper = () => undefined

  async function replaceBy({ trees }: RestoredState, readers: readonly StateReader[]): Promise<void> {
    assert(store.head().height === 0, 'a state that is not empty is never replaced')
    await store.settle()
    for (const reader of readers) reader.release()
    store.letGo()
    emptyLog(file)
    renameSync(draftOf(file), file)
    syncFolder(dirname(file))
    store = openFileStore(options, trees)
    store.askBeforeBlocks(gateKeeper)
  }

  return {
    modules: options.modules,
    readRow: (table, key) => store.readRow(table, key),
    scanRows: (table, prefix, scan) => store.scanRows(table, prefix, scan),
    head: () => store.head(),
    committed: () => store.committed(),
    stage: (changes) => store.stage(changes),
    commit: (block) => store.commit(block),
    prove: (table, key) => store.prove(table, key),
    transaction: (hash) => store.transaction(hash),
    block: (height) => store.block(height),
    keptFrom: () => store.keptFrom(),
    verifyAll: () => store.verifyAll(),
    askBeforeBlocks: (keeper) => {
      gateKeeper = keeper
      store.askBeforeBlocks(keeper)
    },
    replaceBy,
    close: () => store.close(),
  }
}

export function removeDraft(file: string): void {
  for (const name of [draftOf(file), `${draftOf(file)}-wal`, `${draftOf(file)}-shm`, `${draftOf(file)}-journal`])
    rmSync(name, { force: true })
}

/** A log that stands beside another database than its own would be taken for that one's. */
function emptyLog(file: string): void {
  const database = new DatabaseSync(file)
  const { busy } = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as { busy: number }
  database.close()
  assert(busy === 0, 'nobody else has the database open')
  for (const name of [`${file}-wal`, `${file}-shm`]) if (existsSync(name)) rmSync(name)
}
