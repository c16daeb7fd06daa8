import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { toHex } from '@icn/crypto'
import { type Genesis, genesisHash, MalformedGenesis, parseGenesis } from '@icn/protocol'
import { syncFolder, writeSynced } from '@icn/state-store'
import { TransferError } from './transfer-error.ts'

/** A genesis document as it stands in a file. */
export interface GenesisText {
  readonly text: string
  readonly genesis: Genesis
  readonly hash: Uint8Array
}

/** The state of a folder that is to be copied or exported. @throws TransferError */
export function readDataFolder(home: string): GenesisText & { readonly stateFile: string } {
  const stateFile = join(home, 'state.db')
  const file = join(home, 'genesis.json')
  for (const own of [stateFile, file]) {
    if (!existsSync(own)) throw new TransferError('NO_STATE', `${own} is not there`, 'name the data folder with --home')
  }
  return { ...readGenesisText(readFileSync(file, 'utf8'), file), stateFile }
}

/** @throws TransferError */
export function readGenesisText(text: string, where: string): GenesisText {
  try {
    const genesis = parseGenesis(text)
    return { text, genesis, hash: genesisHash(genesis) }
  } catch (cause) {
    if (!(cause instanceof MalformedGenesis)) throw cause
    throw new TransferError('ALTERED', `${where}: ${cause.message}`, 'take another copy', { cause })
  }
}

/** What may stand in a folder into which a state is put: settings, and the genesis of its network. */
const MAY_STAND = /^(?:config\.toml|genesis\.json|lock\.db.*)$/
/** What is put into a folder has such a name first. */
const DRAFT = 'state.db.sync-'
/** Says which names a restore that a crash has cut short may have given already. */
const UNFINISHED = `${DRAFT}unfinished`
/** The genesis last, and where it is there the key: without both no node starts. */
const ORDER = ['restored.json', 'config.toml', 'state.db', 'validator-key.json', 'continues.json', 'genesis.json']

/** Where a file waits until the whole folder is ready. */
export function draftOf(home: string, name: string): string {
  return join(home, `${DRAFT}${name}`)
}

/**
 * Makes the folder where it is not there, and looks whether a state of this network may go into it. What a crash left of
 * another attempt is removed.
 *
 * @throws TransferError
 */
export function makeRoomFor(home: string, { hash }: GenesisText): void {
  mkdirSync(home, { recursive: true, mode: 0o700 })
  removeUnfinished(home)
  const other = readdirSync(home).filter((name) => !MAY_STAND.test(name))
  if (other.length > 0) {
    throw new TransferError('FOLDER_NOT_EMPTY', `${home} holds ${other.join(', ')}`, 'name an empty folder with --home')
  }
  const file = join(home, 'genesis.json')
  if (!existsSync(file)) return
  const present = readGenesisText(readFileSync(file, 'utf8'), file)
  if (toHex(present.hash) === toHex(hash)) return
  throw new TransferError(
    'OTHER_NETWORK',
    `${file} is of the network ${present.genesis.chainId} (genesis ${toHex(present.hash)}), expected genesis ${toHex(hash)}`,
    'name the folder of that network, or an empty one, with --home',
  )
}

/** Gives every draft its name. Settings and a genesis that are there already stay. */
export function placeDrafts(home: string): void {
  const names = ORDER.filter((name) => existsSync(draftOf(home, name)) && !isKept(home, name))
  writeSynced(join(home, UNFINISHED), names.join('\n'))
  syncFolder(home)
  for (const name of names) renameSync(draftOf(home, name), join(home, name))
  syncFolder(home)
  removeDrafts(home)
}

export function removeDrafts(home: string): void {
  for (const name of readdirSync(home).filter((own) => own.startsWith(DRAFT))) rmSync(join(home, name), { force: true })
}

function isKept(home: string, name: string): boolean {
  return MAY_STAND.test(name) && existsSync(join(home, name))
}

/** Removes what a crash left of an attempt to put a state there. */
export function removeUnfinished(home: string): void {
  const marker = join(home, UNFINISHED)
  const names = existsSync(marker) ? readFileSync(marker, 'utf8').split('\n') : []
  for (const name of ORDER) {
    // One whose draft still waits has not got its name.
    if (names.includes(name) && !existsSync(draftOf(home, name))) rmSync(join(home, name), { force: true })
  }
  removeDrafts(home)
}
