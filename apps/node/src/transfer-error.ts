/** A folder or file that cannot be copied, restored, exported or imported; nothing was changed. */
export class TransferError extends Error {
  override readonly name = 'TransferError'
  readonly code: TransferReason
  readonly advice: string

  constructor(code: TransferReason, message: string, advice: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.advice = advice
  }
}

type TransferReason =
  | 'USAGE'
  | 'NO_STATE'
  | 'TARGET_EXISTS'
  | 'FOLDER_NOT_EMPTY'
  | 'OTHER_NETWORK'
  | 'OTHER_VERSION'
  | 'NOT_A_BACKUP'
  | 'NOT_AN_ARCHIVE'
  | 'NOT_KEPT'
  | 'ALTERED'
  | 'NOT_PROVED'
  | 'RESTORED_VALIDATOR'
