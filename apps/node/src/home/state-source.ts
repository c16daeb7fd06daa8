import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { toHex } from '@icn/crypto'
import { beginningOf, type Genesis } from '@icn/protocol'
import { createMachine } from '@icn/state-machine'
import type { StateStore } from '@icn/state-machine/kernel'
import { copyDatabase, lockDataFolder, openSqliteStore } from '@icn/state-store'
import { copyBackedUpState } from '../backup.ts'
import { type GenesisText, readDataFolder } from '../data-folder.ts'
import { copyArchivedState } from '../import-archive.ts'
import { SetupError } from '../setup-error.ts'
import { TransferError } from '../transfer-error.ts'

/** The state of a network after its last block that somebody has. */
export interface SourceState {
  /** Of that network. */
  readonly genesis: Genesis
  /** Hex. */
  readonly genesisHash: string
  readonly height: number
  readonly timeMs: number
  /** Hex. */
  readonly blockHash: string
  /** Hex. */
  readonly appHash: string
}

/**
 * Copies a state out of a backup, an archive or the data folder of a node that is stopped, and checks every page and row of it.
 *
 * @param target - a file that is not there yet
 * @param read - what else is to be read of it
 * @throws TransferError, CorruptData, DataFolderBusy; SetupError `NOTHING_TO_CONTINUE`
 */
export async function copyState<T>(
  source: string,
  target: string,
  read: (state: SourceState, store: StateStore) => T,
): Promise<T> {
  const { genesis, hash } = await copyTo(source, target)
  const store = openSqliteStore({ file: target, modules: createMachine({ genesis }).modules })
  try {
    const { height, timeMs, blockHash, appHash } = store.committed()
    const hashes = { genesisHash: toHex(hash), blockHash: toHex(blockHash), appHash: toHex(appHash) }
    if (height > beginningOf(genesis).height) return read({ genesis, height, timeMs, ...hashes }, store)
    const why = `${source} holds no block of the network ${genesis.chainId} yet`
    throw new SetupError('NOTHING_TO_CONTINUE', why, 'name another one; nothing was changed')
  } finally {
    await store.close()
  }
}

async function copyTo(source: string, target: string): Promise<GenesisText> {
  if (!existsSync(source))
    throw new TransferError('NO_STATE', `${source} is not there`, 'name a backup, an archive or a data folder')
  if (statSync(source).isFile()) return copyArchivedState(source, target)
  if (existsSync(join(source, 'backup.json'))) return copyBackedUpState(source, target)
  const { stateFile, ...genesis } = readDataFolder(source)
  // A node that runs would go on from another state than this one.
  const lock = lockDataFolder(source)
  try {
    await copyDatabase(stateFile, target, createMachine({ genesis: genesis.genesis }).modules)
    return genesis
  } finally {
    lock.release()
  }
}
