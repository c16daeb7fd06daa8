import { armor, Decrypter, Encrypter } from 'age-encryption'
import { type KeyRecord, recordFromJson, recordToJson } from './key-record.ts'
import { WalletError } from './wallet-error.ts'

/** What age says when the passphrase opens nothing; anything else it says means damage. */
const NO_MATCH = "no identity matched any of the file's recipients"

/**
 * The record encrypted with a passphrase: an armored age file, which `age --decrypt` opens too.
 *
 * @param workFactor - log2 of scrypt's cost; 18, age's own, takes about a second and 256 MiB here and for an attacker
 * @throws WalletError `PASSPHRASE_NEEDED` for an empty passphrase
 * @see https://age-encryption.org/v1
 */
export async function sealRecord(record: KeyRecord, passphrase: string, workFactor = 18): Promise<string> {
  if (passphrase === '') throw new WalletError('PASSPHRASE_NEEDED', 'the passphrase is empty')
  const encrypter = new Encrypter()
  encrypter.setScryptWorkFactor(workFactor)
  encrypter.setPassphrase(passphrase.normalize('NFC'))
  return armor.encode(await encrypter.encrypt(recordToJson(record)))
}

/** @throws WalletError `WRONG_PASSPHRASE`, `PASSPHRASE_NEEDED`, `BAD_KEY_FILE` */
export async function openRecord(sealed: string, passphrase: string): Promise<KeyRecord> {
  if (passphrase === '') throw new WalletError('PASSPHRASE_NEEDED', 'the passphrase is empty')
  return recordFromJson(await decrypt(sealed, passphrase.normalize('NFC')))
}

async function decrypt(sealed: string, passphrase: string): Promise<string> {
  const decrypter = new Decrypter()
  decrypter.addPassphrase(passphrase)
  try {
    return await decrypter.decrypt(armor.decode(sealed), 'text')
  } catch (cause) {
    if (cause instanceof Error && cause.message === NO_MATCH)
      throw new WalletError('WRONG_PASSPHRASE', 'the passphrase does not open this key')
    throw new WalletError('BAD_KEY_FILE', 'the encrypted part of the key is damaged', { cause })
  }
}
