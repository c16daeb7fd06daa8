import { AdvisedError } from './advised-error.ts'

/** A folder or file that cannot be copied, restored, exported or imported. */
export class TransferError extends AdvisedError<TransferReason> {
  override readonly name = 'TransferError'
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
  | 'RESTORED_STATE'
  | 'RESTORED_VALIDATOR'
