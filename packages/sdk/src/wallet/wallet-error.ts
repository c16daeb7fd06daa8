/**
 * What went wrong with a key:
 * `BAD_MNEMONIC` words that are no seed phrase; `BAD_LABEL` an organization's label that no key can be derived for;
 * `BAD_KEY_NAME` a name no file may have; `KEY_NOT_FOUND`, `KEY_EXISTS`; `WRONG_PASSPHRASE`; `PASSPHRASE_NEEDED` an
 * encrypted key without one, or an empty one; `BAD_KEY_FILE` a damaged file, or one of a later version;
 * `KEY_FILE_EXPOSED` an unencrypted key that other users of the machine may read.
 */
export type WalletErrorCode =
  | 'BAD_MNEMONIC'
  | 'BAD_LABEL'
  | 'BAD_KEY_NAME'
  | 'KEY_NOT_FOUND'
  | 'KEY_EXISTS'
  | 'WRONG_PASSPHRASE'
  | 'PASSPHRASE_NEEDED'
  | 'BAD_KEY_FILE'
  | 'KEY_FILE_EXPOSED'

/** A key that cannot be made, found or opened. Messages never hold a secret. */
export class WalletError extends Error {
  override readonly name = 'WalletError'
  readonly code: WalletErrorCode

  constructor(code: WalletErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
