import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isOfSeveral } from '@icn/protocol'
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

/** What to do with a state of a network instead of starting on it. */
export const JOIN_ANEW =
  'join the network with an empty folder (icn network join), and put validator-key.json of this one there, if it is to vote with that key; this one can be read, verified and exported'

/**
 * Whether a folder that was restored may produce blocks. Two blocks of one height, signed by one key, are the one thing
 * that a network cannot forgive; with a single validator nobody else has seen the lost ones. In a network a restored state
 * is without the blocks of CometBFT, and the other nodes have both.
 *
 * @param isAccepted - whether the operator says that the blocks after the copy are lost
 * @param isReplicated - whether the node is to run with CometBFT
 * @throws TransferError
 */
export function checkRestored(home: string, isAccepted: boolean, isReplicated: boolean): void {
  const mark = readRestoredMark(home)
  const [genesisFile, keyFile] = [join(home, 'genesis.json'), join(home, 'validator-key.json')] as const
  if (mark === undefined || !existsSync(genesisFile)) return
  const { genesis } = readGenesisText(readFileSync(genesisFile, 'utf8'), genesisFile)
  const about = `${home} was restored from a copy of height ${mark.height} (${mark.time})`
  if (isReplicated || isOfSeveral(genesis))
    throw new TransferError(
      'RESTORED_STATE',
      `${about}, without the blocks of CometBFT; the network has gone on since`,
      JOIN_ANEW,
    )
  if (!existsSync(keyFile)) return
  const key = readFileSync(keyFile, 'utf8')
  if (!genesis.validators.some(({ publicKey }) => key.includes(`"${publicKey}"`))) return
  if (!isAccepted) {
    throw new TransferError(
      'RESTORED_VALIDATOR',
      `${about}; blocks after it are lost`,
      'start it once with --accept-restored if that copy is the latest there is and no other node runs with its key',
    )
  }
  removeRestoredMark(home)
}
