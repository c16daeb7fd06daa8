import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { toHex } from '@icn/crypto'
import { type Genesis, genesisHash, MalformedGenesis, parseGenesis } from '@icn/protocol'
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
const MAY_STAND = ['config.toml', 'genesis.json', 'lock.db', 'lock.db-journal']

/**
 * Makes the folder where it is not there, and looks whether a state of this network may go into it.
 *
 * @throws TransferError
 */
export function makeRoomFor(home: string, { hash }: GenesisText): void {
  mkdirSync(home, { recursive: true, mode: 0o700 })
  const other = readdirSync(home).filter((name) => !MAY_STAND.includes(name) && !name.startsWith('state.db.sync'))
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
