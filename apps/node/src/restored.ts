import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Genesis } from '@icn/protocol'
import { writeSynced } from '@icn/state-store'
import { TransferError } from './transfer-error.ts'

/** Says of a data folder that it was made of a copy: blocks may have come after it, which this key has signed. */
export interface RestoredMark {
  /** Of the last block in the copy. */
  readonly height: number
  readonly time: string
}

const FILE = 'restored.json'

export function writeRestoredMark(home: string, mark: RestoredMark): void {
  writeSynced(join(home, FILE), `${JSON.stringify(mark)}\n`)
}

export function readRestoredMark(home: string): RestoredMark | undefined {
  const file = join(home, FILE)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as RestoredMark) : undefined
}

/** To be called once the node has caught up, or holds the state of a sync. */
export function removeRestoredMark(home: string): void {
  rmSync(join(home, FILE), { force: true })
}

/**
 * Whether a folder that was restored may produce blocks. Two blocks of one height, signed by one key, are the one thing
 * that a network cannot forgive; with a single validator nobody else has seen the lost ones.
 *
 * @param publicKey - of this node's validator
 * @param isAccepted - whether the operator says that the blocks after the copy are lost
 * @throws TransferError
 */
export function checkRestored(home: string, genesis: Genesis, publicKey: string, isAccepted: boolean): void {
  const mark = readRestoredMark(home)
  if (mark === undefined || !genesis.validators.some((own) => own.publicKey === publicKey)) return
  const { length } = genesis.validators
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
