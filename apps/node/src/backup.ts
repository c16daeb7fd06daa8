import { createHash } from 'node:crypto'
import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { toHex } from '@icn/crypto'
import { isOfSeveral } from '@icn/protocol'
import { createMachine } from '@icn/state-machine'
import { copyDatabase, openSqliteStore, syncFolder, writeSynced } from '@icn/state-store'
import {
  draftOf,
  type GenesisText,
  makeRoomFor,
  placeDrafts,
  readDataFolder,
  readGenesisText,
  removeDrafts,
} from './data-folder.ts'
import { RESTORED, writeRestoredMark } from './restored.ts'
import { TransferError } from './transfer-error.ts'

/** What `backup.json` says of a backup. */
export interface BackupFacts {
  readonly format: 'icn-backup/1'
  /** Chain id. */
  readonly network: string
  readonly genesisHash: string
  readonly height: number
  readonly time: string
  readonly appHash: string
  /** SHA-256 of each file, by name. */
  readonly files: Readonly<Record<string, string>>
}

const FACTS = 'backup.json'
const KEY = 'validator-key.json'
const FILES = ['config.toml', KEY, 'state.db', 'continues.json', 'genesis.json']

/**
 * Copies a data folder, also while its node runs: what the copy holds is one committed block. It has its name only when
 * every page, row and the root in it were checked.
 *
 * @param isWithKey - whether the validator's key goes with it: two nodes with one key are an offence in a network
 * @throws TransferError, CorruptData
 */
export async function backUp(home: string, target: string, isWithKey: boolean): Promise<BackupFacts> {
  const { genesis, hash, stateFile } = readDataFolder(home)
  if (existsSync(target)) throw new TransferError('TARGET_EXISTS', `${target} is there already`, 'name a new folder')
  const draft = `${target}.new`
  rmSync(draft, { recursive: true, force: true })
  mkdirSync(draft, { recursive: true, mode: 0o700 })
  try {
    const { modules } = createMachine({ genesis })
    const copy = await copyDatabase(stateFile, join(draft, 'state.db'), modules)
    // It says that a database was here; a restored folder gets its own.
    rmSync(join(draft, 'state.db.created'), { force: true })
    for (const name of FILES) {
      const isWanted = name !== 'state.db' && (name !== KEY || isWithKey)
      if (isWanted && existsSync(join(home, name))) copySynced(join(home, name), join(draft, name))
    }
    const files = FILES.filter((name) => existsSync(join(draft, name)))
    const facts: BackupFacts = {
      format: 'icn-backup/1',
      network: genesis.chainId,
      genesisHash: toHex(hash),
      height: copy.height,
      time: new Date(copy.timeMs).toISOString(),
      appHash: toHex(copy.appHash),
      files: Object.fromEntries(files.map((name) => [name, hashOf(join(draft, name))])),
    }
    writeSynced(join(draft, FACTS), `${JSON.stringify(facts, null, 2)}\n`)
    syncFolder(draft)
    renameSync(draft, target)
    syncFolder(dirname(target))
    return facts
  } catch (error) {
    rmSync(draft, { recursive: true, force: true })
    throw error
  }
}

/**
 * Makes a data folder of a backup. A crash leaves a folder that no node takes for its own, and into which a backup may be
 * restored again.
 *
 * @throws TransferError, CorruptData
 */
export async function restoreBackup(
  backup: string,
  home: string,
): Promise<BackupFacts & { readonly isOfNetwork: boolean }> {
  const { facts, genesis } = readBackup(backup)
  makeRoomFor(home, genesis)
  const names = FILES.filter((name) => name in facts.files)
  try {
    for (const name of names) copyChecked(backup, name, draftOf(home, name), facts)
    const isReplicated = await checkState(draftOf(home, 'state.db'), genesis, facts)
    writeRestoredMark(draftOf(home, RESTORED), { height: facts.height, time: facts.time })
    placeDrafts(home)
    return { ...facts, isOfNetwork: isReplicated || isOfSeveral(genesis.genesis) }
  } catch (error) {
    removeDrafts(home)
    throw error
  }
}

/**
 * Copies the state out of a backup.
 *
 * @param target - a file that is not there yet
 * @throws TransferError, CorruptData
 */
export async function copyBackedUpState(backup: string, target: string): Promise<GenesisText> {
  const { facts, genesis } = readBackup(backup)
  copyChecked(backup, 'state.db', target, facts)
  await checkState(target, genesis, facts)
  return genesis
}

/** @throws TransferError where it is not the file that was backed up */
function copyChecked(backup: string, name: string, target: string, facts: BackupFacts): void {
  copySynced(join(backup, name), target)
  if (hashOf(target) !== facts.files[name]) throw altered(`${name} in ${backup} is not the file that was backed up`)
}

function readBackup(backup: string): { readonly facts: BackupFacts; readonly genesis: GenesisText } {
  const file = join(backup, FACTS)
  const isThere = existsSync(file) && existsSync(join(backup, 'genesis.json'))
  const facts = isThere ? parseFacts(readFileSync(file, 'utf8')) : undefined
  if (facts === undefined)
    throw new TransferError(
      'NOT_A_BACKUP',
      `${backup} is no backup of a data folder`,
      'name what icn-node backup wrote',
    )
  const genesis = readGenesisText(readFileSync(join(backup, 'genesis.json'), 'utf8'), join(backup, 'genesis.json'))
  if (facts.genesisHash === toHex(genesis.hash)) return { facts, genesis }
  throw altered(`genesis.json in ${backup} is of another network`)
}

function parseFacts(text: string): BackupFacts | undefined {
  try {
    const facts = JSON.parse(text) as BackupFacts
    const isWhole = Number.isSafeInteger(facts.height) && typeof facts.files?.['state.db'] === 'string'
    return facts.format === 'icn-backup/1' && isWhole ? facts : undefined
  } catch {
    // Whatever is wrong with it, it is none.
    return undefined
  }
}

/**
 * Checks every page and row of a copied database, and that it stands where the backup says. Answers whether CometBFT made its
 * last block, so that there is no header of ours.
 */
async function checkState(file: string, { genesis }: GenesisText, facts: BackupFacts): Promise<boolean> {
  const store = openSqliteStore({ file, modules: createMachine({ genesis }).modules })
  try {
    store.verifyAll()
    const { height, appHash } = store.committed()
    if (height !== facts.height || toHex(appHash) !== facts.appHash)
      throw altered(`the state is of height ${height}, the backup of ${facts.height}`)
    return height > 0 && store.block(height)?.header.length === 0
  } finally {
    await store.close()
    rmSync(`${file}.created`, { force: true })
  }
}

function altered(what: string): TransferError {
  return new TransferError('ALTERED', what, 'take another copy')
}

function copySynced(from: string, to: string): void {
  copyFileSync(from, to)
  const descriptor = openSync(to, 'r+')
  fsyncSync(descriptor)
  closeSync(descriptor)
}

const PART_BYTES = 4_194_304

/** SHA-256 of a file of any size. */
function hashOf(file: string): string {
  const hash = createHash('sha256')
  const part = new Uint8Array(PART_BYTES)
  const descriptor = openSync(file, 'r')
  for (let read = readSync(descriptor, part); read > 0; read = readSync(descriptor, part))
    hash.update(part.subarray(0, read))
  closeSync(descriptor)
  return hash.digest('hex')
}
