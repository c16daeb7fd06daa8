/** The data folder is damaged. Nothing was changed; `advice` says what a person can do. */
export class CorruptData extends Error {
  override readonly name = 'CorruptData'
  readonly code = 'CORRUPT_DATA'
  /** Which check failed. */
  readonly check: string
  readonly advice: string

  constructor(check: string, advice: string, options?: ErrorOptions) {
    super(`${check}; ${advice}`, options)
    this.check = check
    this.advice = advice
  }
}

/** The data folder was written by a newer version of this program. */
export class NewerVersion extends Error {
  override readonly name = 'NewerVersion'
  readonly code = 'NEWER_VERSION'
}

/** Another process has the data folder open. */
export class DataFolderBusy extends Error {
  override readonly name = 'DataFolderBusy'
  readonly code = 'DATA_FOLDER_BUSY'
}

export const RESTORE = 'restore the data folder from a backup'
