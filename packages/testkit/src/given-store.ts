import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ModuleTables } from '@icn/state-machine/kernel'
import { createMemoryStore, openSqliteStore } from '@icn/state-store'
import type { StoreUnderTest } from './store-suite.ts'

export type OpenStore = (modules: readonly ModuleTables[]) => StoreUnderTest

/** Both stores, empty; the one on the disk survives a restart, the other only drops what is staged. */
export const stores: readonly (readonly [name: string, open: OpenStore])[] = [
  ['memory', openMemory],
  ['SQLite', openSqlite],
]

export function openMemory(modules: readonly ModuleTables[]): StoreUnderTest {
  const store = createMemoryStore(modules)
  const restart = async () => {
    store.stage([])
  }
  return { store, restart, dispose: () => store.close() }
}

export function openSqlite(modules: readonly ModuleTables[], writer: 'inline' | 'thread' = 'inline'): StoreUnderTest {
  const folder = mkdtempSync(join(tmpdir(), 'icn-store-'))
  const open = () => openSqliteStore({ file: join(folder, 'state.db'), modules, writer })
  let store = open()
  return {
    get store() {
      return store
    },
    restart: async () => {
      await store.close()
      store = open()
    },
    dispose: async () => {
      await store.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
