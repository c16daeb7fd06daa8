import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { generateSeed, toHex } from '@icn/crypto'
import { type ContinuationText, type Genesis, genesisHash } from '@icn/protocol'
import { lockDataFolder } from '@icn/state-store'
import { stringify } from 'smol-toml'
import type { Configuration } from '../config/load.ts'
import type { SettingKey, Settings } from '../config/settings.ts'
import { SetupError } from '../setup-error.ts'
import { filesOf, keepKey, noteUnused, readGenesis, readKey, writeDurably, writeGenesis, writeKey } from './files.ts'
import { makeHome } from './open-home.ts'

export interface NetworkFolder {
  readonly validatorSeed: Uint8Array
  readonly nodeSeed: Uint8Array
}

const OURS = '# Written when this folder was set up for a network; icn-node config explains every setting.\n'
/** What an attempt that did not come to its end leaves behind. */
const UNFINISHED =
  /^(?:lock\.db.*|(?:validator-key|node-key|genesis|join|continues)\.json(?:\.new)?|founder-key(?:\.new)?|config\.toml(?:\.new)?|cometbft)$/

/** Makes the keys of a node, or reads those that stand there: whoever begins a network with others tells them first. */
export function makeKeys(home: string): NetworkFolder {
  makeHome(home)
  const lock = lockDataFolder(home)
  try {
    return keysIn(home)
  } finally {
    lock.release()
  }
}

/** The same in a folder that is to become one of a network. @throws SetupError `FOLDER_NOT_EMPTY`; DataFolderBusy */
export function prepareFolder(home: string): NetworkFolder {
  makeHome(home)
  const lock = lockDataFolder(home)
  try {
    checkEmpty(home)
    return keysIn(home)
  } finally {
    lock.release()
  }
}

export function keysIn(home: string): NetworkFolder {
  const { key, nodeKey } = filesOf(home)
  if (existsSync(key)) return { validatorSeed: readKey(key), nodeSeed: keepKey(nodeKey, generateSeed) }
  const validatorSeed = generateSeed()
  // The note first: where a crash leaves it alone, it is about a key that nobody has.
  const nodeSeed = noteUnused(nodeKey, validatorSeed)
  writeKey(key, validatorSeed)
  return { validatorSeed, nodeSeed }
}

/**
 * Makes a data folder of a network of several nodes. The genesis is written last: until it stands there, nothing counts,
 * and a further attempt goes on with the keys that the first one made.
 *
 * @param begin - answers the genesis, once the keys are there
 * @param continues - where the network goes on from a node that was alone
 * @throws SetupError `FOLDER_NOT_EMPTY`, `OTHER_NETWORK`
 * @throws DataFolderBusy
 */
export function makeNetworkFolder(
  home: string,
  settings: Partial<Settings>,
  begin: (folder: NetworkFolder) => Genesis,
  continues?: ContinuationText,
): NetworkFolder & { readonly genesis: Genesis } {
  const files = filesOf(home)
  makeHome(home)
  const lock = lockDataFolder(home)
  try {
    checkEmpty(home)
    const folder = keysIn(home)
    const genesis = begin(folder)
    writeSettings(files.config, { 'consensus.engine': 'cometbft', ...settings })
    if (continues === undefined) rmSync(files.continues, { force: true })
    else writeDurably(files.continues, `${JSON.stringify(continues, null, 2)}\n`, 0o644)
    mkdirSync(files.comet, { recursive: true, mode: 0o700 })
    writeGenesis(files.genesis, genesis)
    return { ...folder, genesis }
  } finally {
    lock.release()
  }
}

export function writeSettings(file: string, settings: Partial<Settings>): void {
  writeDurably(file, OURS + toml(settings), 0o644)
}

/** @throws SetupError `OTHER_NETWORK` where the folder is of another network than the one to be joined */
export function checkSameNetwork(home: string, genesis: Genesis): void {
  const { genesis: file } = filesOf(home)
  if (!existsSync(file)) return
  const present = readGenesis(file)
  if (toHex(genesisHash(present)) === toHex(genesisHash(genesis))) return
  throw new SetupError(
    'OTHER_NETWORK',
    `${home} belongs to the network ${present.chainId} (${present.name}), not to ${genesis.chainId} (${genesis.name})`,
    'name another data folder with --home; this one was left as it is',
  )
}

/** @throws SetupError `FOLDER_NOT_EMPTY` */
export function checkEmpty(home: string): void {
  const files = filesOf(home)
  const foreign = readdirSync(home).filter((name) => !UNFINISHED.test(name))
  const isTheirs = existsSync(files.config) && !readFileSync(files.config, 'utf8').startsWith(OURS)
  const found = [
    ...foreign,
    ...(isTheirs ? ['config.toml'] : []),
    ...(existsSync(files.genesis) ? ['genesis.json'] : []),
    ...(existsSync(files.comet) && readdirSync(files.comet).length > 0 ? ['cometbft/'] : []),
  ]
  if (found.length === 0) return
  throw new SetupError(
    'FOLDER_NOT_EMPTY',
    `${home} holds ${found.slice(0, 5).join(', ')}`,
    'name an empty data folder with --home, and give settings as flags; this one was left as it is',
  )
}

/** What the operator said on the command line, to be kept. */
export function flagsOf({ values, origins }: Configuration): Partial<Settings> {
  const given = Object.entries(origins).filter(([, origin]) => origin === 'flag')
  return Object.fromEntries(given.map(([key]) => [key, values[key as SettingKey]]))
}

function toml(settings: Partial<Settings>): string {
  const tables: Record<string, Record<string, unknown>> = {}
  for (const [key, value] of Object.entries(settings)) {
    const [table = '', name = ''] = key.split('.')
    tables[table] = { ...tables[table], [name]: value }
  }
  return `${stringify(tables)}\n`
}
