import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeSynced } from '@icn/state-store'
import { readGenesisText } from './data-folder.ts'
import { TransferError } from './transfer-error.ts'

/** Says of a data folder that it was made of a copy: blocks may have come after it, which this key has signed. */
export interface RestoredMark {
  /** Of the last block in the copy. */
  readonly height: number
  readonly time: string
}

export const RESTORED = 'restored.json'

export function writeRestoredMark(file: string, mark: RestoredMark): void {
  writeSynced(file, `${JSON.stringify(mark)}\n`)
}

function readRestoredMark(home: string): RestoredMark | undefined {
  const file = join(home, RESTORED)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as RestoredMark) : undefined
}

/** For a folder that no longer holds what was restored. */
export function removeRestoredMark(home: string): void {
  rmSync(join(home, RESTORED), { force: true })
}

/**
 * Whether a folder that was restored may produce blocks. Two blocks of one height, signed by one key, are the one thing
 * that a network cannot forgive; with a single validator nobody else has seen the lost ones.
 *
 * @param isAccepted - whether the operator says that the blocks after the copy are lost
 * @throws TransferError
 */
export function checkRestored(home: string, isAccepted: boolean): void {
  const mark = readRestoredMark(home)
  const [genesisFile, keyFile] = [join(home, 'genesis.json'), join(home, 'validator-key.json')] as const
  if (mark === undefined || !existsSync(genesisFile) || !existsSync(keyFile)) return
  const { validators } = readGenesisText(readFileSync(genesisFile, 'utf8'), genesisFile).genesis
  const key = readFileSync(keyFile, 'utf8')
  if (!validators.some(({ publicKey }) => key.includes(`"${publicKey}"`))) return
  const { length } = validators
  const about = `${home} was restored from a copy of height ${mark.height} (${mark.time})`
  if (length > 1) {
    throw new TransferError(
      'RESTORED_VALIDATOR',
      `${about}; as one of ${length} validators this node may have signed blocks after it`,
      'remove state.db and restored.json and let it sync, or start it as an observer with a new validator-key.json',
    )
  }
  if (!isAccepted) {
    throw new TransferError(
      'RESTORED_VALIDATOR',
      `${about}; blocks after it are lost`,
      'start it once with --accept-restored if that copy is the latest there is and no other node runs with its key',
    )
  }
  removeRestoredMark(home)
}
