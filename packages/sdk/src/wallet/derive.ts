import { publicKeyFromSeed } from '@icn/crypto'
import { didFromPublicKey, publicKeyToText } from '@icn/protocol'
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { WalletError } from './wallet-error.ts'

/** An Ed25519 key and the did:key it signs for. */
export interface SigningKey {
  readonly did: string
  /** For a did:key the text of the public key itself. */
  readonly keyId: string
  readonly publicKey: Uint8Array
  /** 32 bytes, secret. */
  readonly seed: Uint8Array
}

const utf8 = new TextEncoder()

/**
 * A person's key in one organization: HKDF-SHA256 of the wallet's seed, no salt, info `icn:org-key:1:<label>`. Keys of
 * two labels have nothing in common that anybody without the seed could see, so a person's DIDs in two cooperatives
 * cannot be linked; the same seed and label give the same key for ever.
 *
 * @param walletSeed - 64 bytes, of `mnemonicToSeed`
 * @param label - the organization's DID, or any word where it has none yet; needed again to recover the key from the
 *   phrase. 1 to 256 characters; Unicode forms of the same text (NFC) are one label.
 * @throws WalletError `BAD_LABEL`
 * @see RFC 5869
 */
export function deriveOrgKey(walletSeed: Uint8Array, label: string): SigningKey {
  const text = label.normalize('NFC')
  if (text.length < 1 || text.length > 256 || !text.isWellFormed() || text.trim() !== text)
    throw new WalletError('BAD_LABEL', 'a label has 1 to 256 characters and no spaces around them')
  return deriveKey(walletSeed, `icn:org-key:1:${text}`)
}

/** The key behind the wallet itself, which recovers and never signs: it stays off every ledger. Info `icn:base-key:1`. */
export function deriveBaseKey(walletSeed: Uint8Array): SigningKey {
  return deriveKey(walletSeed, 'icn:base-key:1')
}

function deriveKey(walletSeed: Uint8Array, info: string): SigningKey {
  if (walletSeed.length !== 64) throw new RangeError(`a wallet's seed is 64 bytes, got ${walletSeed.length}`)
  return keyFromSeed(hkdf(sha256, walletSeed, undefined, utf8.encode(info), 32))
}

/** The did:key of 32 secret bytes. */
export function keyFromSeed(seed: Uint8Array): SigningKey {
  const publicKey = publicKeyFromSeed(seed)
  return { did: didFromPublicKey(publicKey), keyId: publicKeyToText(publicKey), publicKey, seed }
}
