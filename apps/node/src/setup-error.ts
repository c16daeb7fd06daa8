export type SetupCode =
  | 'COMETBFT_VERSION'
  | 'FOLDER_NOT_EMPTY'
  | 'JOIN_EXPIRED'
  | 'JOIN_MALFORMED'
  | 'JOIN_UNFINISHED'
  | 'NOT_TRUSTED'
  | 'NO_PEER'
  | 'OTHER_NETWORK'
  | 'PATH_TOO_LONG'
  | 'PEER_UNREACHABLE'
  | 'PORT_IN_USE'
  | 'WRONG_GENESIS'

/** What an operator asked for cannot be done as it stands; nothing was changed. The process ends with 2. */
export class SetupError extends Error {
  override readonly name = 'SetupError'
  readonly code: SetupCode
  /** One sentence that says what to do. */
  readonly advice: string

  constructor(code: SetupCode, message: string, advice: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.advice = advice
  }
}
