import { checkKeyName, type KeyRecord, type KeySummary, recordFromJson, recordToJson, summaryOf } from './key-record.ts'
import { openRecord, sealRecord } from './seal.ts'
import { WalletError } from './wallet-error.ts'

/** How a key lies on the disk. Without encryption only because somebody said so. */
export type KeyProtection =
  | { readonly passphrase: string; readonly workFactor?: number }
  | { readonly unencrypted: true }

/** A key file: what may be shown, and the record itself, which says the same again and is what counts. */
export interface KeyFile extends KeySummary {
  readonly version: 1
  readonly encryption: 'age' | 'none'
  /** An armored age file (`jq -r .secret NAME.json | age --decrypt`), or the record's JSON. */
  readonly secret: string
}

export async function toKeyFile(record: KeyRecord, protection: KeyProtection): Promise<string> {
  const sealed = 'passphrase' in protection
  const secret = sealed ? await sealRecord(record, protection.passphrase, protection.workFactor) : recordToJson(record)
  const file: KeyFile = { version: 1, ...summaryOf(record), encryption: sealed ? 'age' : 'none', secret }
  return `${JSON.stringify(file, null, 2)}\n`
}

/** @throws WalletError `BAD_KEY_FILE` */
export function parseKeyFile(text: string, path: string): KeyFile {
  const file = parseObject(text, path)
  const { version, name, did, keyId, publicKey, encryption, secret } = file
  if (typeof version === 'number' && version > 1)
    throw new WalletError('BAD_KEY_FILE', `${path} has version ${version}; this program knows version 1`)
  const texts = [name, did, keyId, publicKey, secret]
  if (
    version !== 1 ||
    texts.some((text) => typeof text !== 'string') ||
    (encryption !== 'age' && encryption !== 'none')
  )
    throw new WalletError('BAD_KEY_FILE', `${path} is no key file`)
  return file as unknown as KeyFile
}

function parseObject(text: string, path: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // The error would quote the text, which may hold an unencrypted secret.
  }
  throw new WalletError('BAD_KEY_FILE', `${path} is not JSON`)
}

/**
 * The record of a file. What the file shows must be what the secret part says: the shown part is not authenticated.
 *
 * @throws WalletError `PASSPHRASE_NEEDED`, `WRONG_PASSPHRASE`, `BAD_KEY_FILE`
 */
export async function openKeyFile(file: KeyFile, passphrase: string | undefined): Promise<KeyRecord> {
  const record =
    file.encryption === 'none'
      ? recordFromJson(file.secret)
      : await openRecord(file.secret, needPassphrase(file, passphrase))
  checkKeyName(record.name)
  const shown = [file.name, file.did, file.keyId, file.publicKey]
  const held = [record.name, record.did, record.keyId, record.publicKey]
  if (shown.some((value, index) => value !== held[index]))
    throw new WalletError('BAD_KEY_FILE', `the file of ${file.name} shows another key than it holds`)
  return record
}

function needPassphrase(file: KeyFile, passphrase: string | undefined): string {
  if (passphrase !== undefined) return passphrase
  throw new WalletError('PASSPHRASE_NEEDED', `the key ${file.name} is encrypted with a passphrase`)
}
