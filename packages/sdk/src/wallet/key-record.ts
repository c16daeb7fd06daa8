import { fromBase64Url, publicKeyFromSeed, toBase64Url } from '@icn/crypto'
import { parseDid, publicKeyToText } from '@icn/protocol'
import { keyFromSeed, type SigningKey } from './derive.ts'
import { WalletError } from './wallet-error.ts'

/** A key as a wallet keeps it. */
export interface KeyRecord {
  /** What its owner calls it: a file name, never on a ledger. */
  readonly name: string
  readonly did: string
  readonly keyId: string
  /** `z6Mk…`, of `seed`. */
  readonly publicKey: string
  /** 32 bytes, secret. */
  readonly seed: Uint8Array
  /** What `deriveOrgKey` was given, where the key comes from a phrase. */
  readonly label?: string
  /** The phrase that the key comes from, secret, where its owner keeps it with the key. */
  readonly mnemonic?: string
}

/** What may be shown without a passphrase. */
export type KeySummary = Pick<KeyRecord, 'name' | 'did' | 'keyId' | 'publicKey'>

/** A record of a derived key. */
export function keyRecord(name: string, key: SigningKey, from: { label?: string; mnemonic?: string } = {}): KeyRecord {
  const { did, keyId, publicKey, seed } = key
  return { name: checkKeyName(name), did, keyId, publicKey: publicKeyToText(publicKey), seed, ...from }
}

/**
 * A name is a file name on every system: 1 to 64 letters, digits, `.`, `_`, `-`, the first a letter or digit.
 *
 * @throws WalletError `BAD_KEY_NAME`
 */
export function checkKeyName(name: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name) && !name.endsWith('.')) return name
  throw new WalletError(
    'BAD_KEY_NAME',
    `${JSON.stringify(name.slice(0, 80))} is no name for a key: 1 to 64 letters, digits, dots, dashes and underscores`,
  )
}

export function summaryOf({ name, did, keyId, publicKey }: KeyRecord): KeySummary {
  return { name, did, keyId, publicKey }
}

/** The record as JSON, secrets included. */
export function recordToJson({ seed, ...rest }: KeyRecord): string {
  return JSON.stringify({ ...rest, seed: toBase64Url(seed) })
}

/**
 * Reads what `recordToJson` wrote and checks that public and secret parts belong together.
 *
 * @throws WalletError `BAD_KEY_FILE`
 */
export function recordFromJson(json: string): KeyRecord {
  const record = readRecord(json)
  const publicKey = publicKeyToText(publicKeyFromSeed(record.seed))
  const did = parseDid(record.did)
  if (publicKey !== record.publicKey || did === undefined)
    throw new WalletError('BAD_KEY_FILE', 'the public key is not that of the secret one')
  const own = keyFromSeed(record.seed)
  if (did.method === 'key' && (record.did !== own.did || record.keyId !== own.keyId))
    throw new WalletError('BAD_KEY_FILE', 'the DID is not that of the key')
  return record
}

function readRecord(json: string): KeyRecord {
  try {
    const { name, did, keyId, publicKey, seed, label, mnemonic } = JSON.parse(json) as Record<string, unknown>
    return {
      name: needText(name, 'name'),
      did: needText(did, 'did'),
      keyId: needText(keyId, 'keyId'),
      publicKey: needText(publicKey, 'publicKey'),
      seed: needSeed(seed),
      ...(label === undefined ? {} : { label: needText(label, 'label') }),
      ...(mnemonic === undefined ? {} : { mnemonic: needText(mnemonic, 'mnemonic') }),
    }
  } catch (cause) {
    if (cause instanceof WalletError) throw cause
    // The cause may quote the text, which holds secrets: it is not passed on.
    throw new WalletError('BAD_KEY_FILE', 'the record of the key cannot be read')
  }
}

function needText(value: unknown, field: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw new WalletError('BAD_KEY_FILE', `the record has no ${field}`)
}

function needSeed(value: unknown): Uint8Array {
  const seed = fromBase64Url(needText(value, 'seed'))
  if (seed.length !== 32) throw new WalletError('BAD_KEY_FILE', `the seed has ${seed.length} bytes, expected 32`)
  return seed
}
