import { existsSync, mkdirSync, rmSync } from 'node:fs'
import type { Genesis } from '@icn/protocol'
import { lockDataFolder, writeSynced } from '@icn/state-store'
import type { Settings } from '../config/settings.ts'
import { draftOf, placeDrafts, removeDrafts, removeUnfinished } from '../data-folder.ts'
import { filesOf, genesisText } from './files.ts'
import { checkEmpty, keysIn, type NetworkFolder, writeSettings } from './network-folder.ts'
import { makeHome } from './open-home.ts'

/**
 * Makes a data folder of a network of several nodes that begins with a state. State and genesis come last and together: until
 * then nothing counts, and a further attempt goes on with the keys of this one. What is refused leaves nothing behind.
 *
 * @param take - puts the state into the file that it is given, and answers the genesis for these keys
 * @throws SetupError `FOLDER_NOT_EMPTY`; DataFolderBusy; what `take` throws
 */
export async function makeFolderWithState(
  home: string,
  settings: Partial<Settings>,
  take: (target: string) => Promise<(folder: NetworkFolder) => Genesis>,
): Promise<NetworkFolder & { readonly genesis: Genesis }> {
  const isThere = existsSync(home)
  const files = filesOf(home)
  makeHome(home)
  const lock = lockDataFolder(home)
  let isDone = false
  try {
    removeUnfinished(home)
    checkEmpty(home)
    const begin = await take(draftOf(home, 'state.db'))
    const folder = keysIn(home)
    const genesis = begin(folder)
    writeSettings(files.config, { 'consensus.engine': 'cometbft', ...settings })
    rmSync(files.continues, { force: true })
    mkdirSync(files.comet, { recursive: true, mode: 0o700 })
    writeSynced(draftOf(home, 'genesis.json'), genesisText(genesis))
    placeDrafts(home)
    isDone = true
    return { ...folder, genesis }
  } finally {
    if (!isDone) removeDrafts(home)
    lock.release()
    if (!isDone && !isThere) rmSync(home, { recursive: true, force: true })
  }
}
