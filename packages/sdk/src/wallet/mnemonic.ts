import { generateMnemonic, mnemonicToSeedWebcrypto, validateMnemonic } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { WalletError } from './wallet-error.ts'

const WORDS = 24
const known = new Set(wordlist)

/** 24 words of the English list of BIP-39, from 256 bits of the system's randomness. */
export function createMnemonic(): string {
  return generateMnemonic(wordlist, 256)
}

/**
 * The words as they were made: lower case, one space between, however somebody typed them.
 *
 * @throws WalletError `BAD_MNEMONIC`, which says how many words there are, or the position of an unknown one; never a word
 */
export function parseMnemonic(text: string): string {
  const words = text.normalize('NFKD').toLowerCase().trim().split(/\s+/)
  if (words.length !== WORDS) throw new WalletError('BAD_MNEMONIC', `${words.length} words, expected ${WORDS}`)
  const unknown = words.findIndex((word) => !known.has(word))
  if (unknown !== -1) throw new WalletError('BAD_MNEMONIC', `word ${unknown + 1} is not on the English BIP-39 list`)
  const mnemonic = words.join(' ')
  if (!validateMnemonic(mnemonic, wordlist))
    throw new WalletError(
      'BAD_MNEMONIC',
      'the words are known, but their checksum is wrong: one is another, or out of order',
    )
  return mnemonic
}

/**
 * 64 bytes from which every key of a wallet is derived; as BIP-39 says, with an empty password. About 2 ms.
 *
 * @throws WalletError `BAD_MNEMONIC`
 */
export async function mnemonicToSeed(mnemonic: string): Promise<Uint8Array> {
  return mnemonicToSeedWebcrypto(parseMnemonic(mnemonic))
}
