import { CometBftMissing, WrongGenesis } from '@icn/consensus/cometbft'
import { WrongValidators } from '@icn/consensus/solo'
import { UpgradeNeeded } from '@icn/state-machine/network'
import { CorruptData, DataFolderBusy, isDamage, NewerVersion, RESTORE } from '@icn/state-store'
import { AdvisedError } from './advised-error.ts'
import { CometBftKeepsEnding } from './cometbft/supervisor.ts'
import { ConfigurationError } from './config/load.ts'
import { TransferError } from './transfer-error.ts'

/** What the process ends with; docs/operating.md says what to do about each. */
export const ExitCode = {
  DONE: 0,
  CONFIGURATION: 2,
  DATA_IN_USE: 3,
  CORRUPT_DATA: 4,
  UPGRADE_NEEDED: 5,
  UNAVAILABLE: 69,
  BUG: 70,
} as const
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]

/** The exit code of an error, and what an operator needs to read about it. */
export function explainFailure(error: unknown): { readonly code: ExitCode; readonly text: string } {
  if (error instanceof ConfigurationError) return { code: ExitCode.CONFIGURATION, text: error.message }
  if (error instanceof AdvisedError) {
    const isData = error instanceof TransferError && IS_DATA.includes(error.code)
    const code = isData ? ExitCode.CORRUPT_DATA : ExitCode.CONFIGURATION
    return { code, text: `${error.code}: ${error.message}. What to do: ${error.advice}` }
  }
  if (error instanceof CometBftMissing) {
    const { code, message } = error
    return { code: ExitCode.CONFIGURATION, text: `COMETBFT_${code}: ${message}. What to do: ${COMETBFT_ADVICE}` }
  }
  if (error instanceof WrongGenesis) {
    return { code: ExitCode.CONFIGURATION, text: `${error.code}: ${error.message}. What to do: ${GENESIS_ADVICE}` }
  }
  if (error instanceof CometBftKeepsEnding) return { code: ExitCode.UNAVAILABLE, text: error.message }
  if (error instanceof DataFolderBusy) return { code: ExitCode.DATA_IN_USE, text: error.message }
  if (error instanceof CorruptData) {
    return { code: ExitCode.CORRUPT_DATA, text: `corrupt data: ${error.check}. What to do: ${error.advice}` }
  }
  if (isDamage(error)) {
    return { code: ExitCode.CORRUPT_DATA, text: `corrupt data: ${(error as Error).message}. What to do: ${RESTORE}` }
  }
  if (error instanceof WrongValidators) {
    return { code: ExitCode.CORRUPT_DATA, text: `${error.message}. What to do: ${VALIDATORS_ADVICE[error.code]}` }
  }
  if (error instanceof UpgradeNeeded) return { code: ExitCode.UPGRADE_NEEDED, text: error.message }
  if (error instanceof NewerVersion) return { code: ExitCode.CORRUPT_DATA, text: error.message }
  if (isListenError(error)) return { code: ExitCode.CONFIGURATION, text: error.message }
  return { code: ExitCode.BUG, text: error instanceof Error ? (error.stack ?? error.message) : String(error) }
}

/** What is wrong with what was given, and not with the command. */
const IS_DATA: readonly TransferError['code'][] = [
  'ALTERED',
  'NOT_A_BACKUP',
  'NOT_AN_ARCHIVE',
  'OTHER_VERSION',
  'NOT_PROVED',
]
const COMETBFT_ADVICE =
  'npm run setup:cometbft builds the version that this node runs (with Go); cometbft.binary and ICN_COMETBFT name another'

const GENESIS_ADVICE = 'run CometBFT on the folder cometbft of this data folder, where its genesis.json was written'

const VALIDATORS_ADVICE: Readonly<Record<WrongValidators['code'], string>> = {
  SEVERAL_VALIDATORS:
    'set consensus.engine = "cometbft" for a network of several, or name the folder of a network of one with --home',
  MORE_TO_COME:
    'set consensus.engine = "cometbft": a network that may have several validators needs it while it has one, too',
  OTHERS_ADMITTED: 'icn network init --from this folder: the network goes on with CometBFT, and no block is lost',
  KEY_NOT_IN_GENESIS: 'restore genesis.json and validator-key.json from one backup of this data folder',
}

function isListenError(error: unknown): error is Error {
  const code = (error as { code?: unknown } | undefined)?.code
  return error instanceof Error && ['EADDRINUSE', 'EADDRNOTAVAIL', 'EACCES'].includes(String(code))
}
