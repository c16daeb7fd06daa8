import { AdvisedError } from './advised-error.ts'

export type SetupCode =
  | 'ALREADY_NETWORK'
  | 'COMETBFT_VERSION'
  | 'FEDERATION_REFUSED'
  | 'FEDERATION_SETTLED'
  | 'FEDERATION_UNKNOWN'
  | 'FEDERATION_UNNAMED'
  | 'FOLDER_NOT_EMPTY'
  | 'JOIN_EXPIRED'
  | 'JOIN_MALFORMED'
  | 'JOIN_UNFINISHED'
  | 'NEEDS_STATE'
  | 'NEEDS_SYNC'
  | 'NOTHING_TO_CONTINUE'
  | 'NOT_TRUSTED'
  | 'NO_PEER'
  | 'OTHER_NETWORK'
  | 'OTHER_STATE'
  | 'PATH_TOO_LONG'
  | 'PEER_UNREACHABLE'
  | 'PORT_IN_USE'
  | 'WRONG_CONTINUATION'
  | 'WRONG_GENESIS'

/** A network cannot be begun, joined or started so. The process ends with 2. */
export class SetupError extends AdvisedError<SetupCode> {
  override readonly name = 'SetupError'
}
