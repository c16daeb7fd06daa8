export type SetupCode =
  | 'ALREADY_NETWORK'
  | 'COMETBFT_VERSION'
  | 'FOLDER_NOT_EMPTY'
  | 'JOIN_EXPIRED'
  | 'JOIN_MALFORMED'
  | 'JOIN_UNFINISHED'
  | 'NEEDS_SYNC'
  | 'NOTHING_TO_CONTINUE'
  | 'NOT_TRUSTED'
  | 'NO_PEER'
  | 'OTHER_NETWORK'
  | 'PATH_TOO_LONG'
  | 'PEER_UNREACHABLE'
  | 'PORT_IN_USE'
  | 'WRONG_CONTINUATION'
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
