import { constants } from 'node:fs'
import { access, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type KeyFile, type KeyProtection, openKeyFile, parseKeyFile, toKeyFile } from './key-file-format.ts'
import { checkKeyName, type KeyRecord, type KeySummary } from './key-record.ts'
import { WalletError } from './wallet-error.ts'
import { isErrorWithCode, writeNewFile, writeOverFile } from './write-file.ts'

export type { KeyProtection } from './key-file-format.ts'

const ENDING = '.json'

/** `<home>/keys/<name>.json`. @throws WalletError `BAD_KEY_NAME` */
export function keyFilePath(home: string, name: string): string {
  return join(home, 'keys', checkKeyName(name) + ENDING)
}

/**
 * Writes a key file, readable by its owner only (folder 0700, file 0600). The file is there complete or not at all, and
 * on the disk when this returns.
 *
 * @returns the path
 * @throws WalletError `KEY_EXISTS` unless `overwrite`, `BAD_KEY_NAME`, `PASSPHRASE_NEEDED` for an empty passphrase
 */
export async function saveKey(
  home: string,
  record: KeyRecord,
  protection: KeyProtection,
  { overwrite = false }: { overwrite?: boolean } = {},
): Promise<string> {
  const path = keyFilePath(home, record.name)
  // A second of scrypt is not spent on a key that cannot be saved; the write itself checks again.
  if (!overwrite && (await keyExists(home, record.name))) throw exists(record.name)
  const text = await toKeyFile(record, protection)
  try {
    await (overwrite ? writeOverFile(path, text) : writeNewFile(path, text))
  } catch (cause) {
    if (isErrorWithCode(cause, 'EEXIST')) throw exists(record.name)
    throw cause
  }
  return path
}

function exists(name: string): WalletError {
  return new WalletError('KEY_EXISTS', `there is a key ${name} already`)
}

/** @throws WalletError `BAD_KEY_NAME` */
export async function keyExists(home: string, name: string): Promise<boolean> {
  try {
    await access(keyFilePath(home, name), constants.F_OK)
    return true
  } catch (error) {
    if (isErrorWithCode(error, 'ENOENT')) return false
    throw error
  }
}

/**
 * Opens a key.
 *
 * @param passphrase - for an encrypted key; a function is only asked when there is something to open
 * @throws WalletError `KEY_NOT_FOUND`, `BAD_KEY_NAME`, `PASSPHRASE_NEEDED`, `WRONG_PASSPHRASE`, `BAD_KEY_FILE`,
 *   `KEY_FILE_EXPOSED` for an unencrypted key with more rights than 0600
 */
export async function loadKey(
  home: string,
  name: string,
  passphrase?: string | (() => string | Promise<string>),
): Promise<KeyRecord> {
  const file = await readKeyFile(home, name)
  if (file.encryption === 'none') {
    await checkRights(keyFilePath(home, name))
    return openKeyFile(file, undefined)
  }
  return openKeyFile(file, typeof passphrase === 'function' ? await passphrase() : passphrase)
}

/** Takes a key away for good; nothing where there is none. @throws WalletError `BAD_KEY_NAME` */
export async function dropKey(home: string, name: string): Promise<void> {
  await rm(keyFilePath(home, name), { force: true })
}

/** What may be shown of a key without its passphrase. @throws WalletError `KEY_NOT_FOUND`, `BAD_KEY_NAME`, `BAD_KEY_FILE` */
export async function showKey(home: string, name: string): Promise<KeySummary & { readonly encrypted: boolean }> {
  const { did, keyId, publicKey, encryption } = await readKeyFile(home, name)
  return { name, did, keyId, publicKey, encrypted: encryption !== 'none' }
}

/** The names of all keys, sorted; whatever else is in the folder is left out. */
export async function listKeys(home: string): Promise<string[]> {
  const entries = await readFolder(join(home, 'keys'))
  return entries
    .filter((entry) => entry.endsWith(ENDING))
    .map((entry) => entry.slice(0, -ENDING.length))
    .filter(isKeyName)
    .sort()
}

function isKeyName(name: string): boolean {
  try {
    return checkKeyName(name) === name
  } catch {
    return false
  }
}

async function readFolder(path: string): Promise<string[]> {
  try {
    return await readdir(path)
  } catch (error) {
    if (isErrorWithCode(error, 'ENOENT')) return []
    throw error
  }
}

async function readKeyFile(home: string, name: string): Promise<KeyFile> {
  const path = keyFilePath(home, name)
  const file = parseKeyFile(await readText(path, name), path)
  if (file.name === name) return file
  throw new WalletError('BAD_KEY_FILE', `${path} holds the key ${JSON.stringify(file.name)}; rename the file to that`)
}

async function readText(path: string, name: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isErrorWithCode(error, 'ENOENT')) throw new WalletError('KEY_NOT_FOUND', `there is no key ${name} (${path})`)
    throw error
  }
}

/** As ssh does: a secret that others can read is not used. Windows has no such rights. */
async function checkRights(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const { mode } = await stat(path)
  if ((mode & 0o077) !== 0)
    throw new WalletError('KEY_FILE_EXPOSED', `${path} may be read by others: chmod 600, or encrypt the key`)
}
