import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The version that this project is tested with; another one is refused, since its messages and rules may differ. */
export const COMETBFT_VERSION = '0.38.25'

/** There is no CometBFT that this node may start; the message says what to do. */
export class CometBftMissing extends Error {
  override readonly name = 'CometBftMissing'
  readonly code: 'NOT_BUILT' | 'WRONG_VERSION' | 'NOT_EXECUTABLE'

  constructor(code: CometBftMissing['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** Where `npm run setup:cometbft` puts the program. */
export const builtBinary = fileURLToPath(
  new URL(`../../../../.cache/cometbft/v${COMETBFT_VERSION}/cometbft`, import.meta.url),
)

/**
 * Answers the path of the CometBFT to start: `ICN_COMETBFT` where it is set, else the one that was built here.
 *
 * @throws CometBftMissing where there is none, or its version is another
 */
export function cometBftBinary(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const named = env.ICN_COMETBFT
  const path = named === undefined || named === '' ? builtBinary : named
  if (!existsSync(path)) {
    const hint = path === named ? 'ICN_COMETBFT names no file' : 'build it with npm run setup:cometbft, which needs Go'
    throw new CometBftMissing('NOT_BUILT', `no CometBFT at ${path}: ${hint}`)
  }
  const version = versionOf(path)
  if (version === COMETBFT_VERSION) return path
  throw new CometBftMissing('WRONG_VERSION', `${path} is CometBFT ${version}, expected ${COMETBFT_VERSION}`)
}

/**
 * What the program says of itself, such as `0.38.25`.
 *
 * @throws CometBftMissing where it cannot be run
 */
export function versionOf(path: string): string {
  const { status, stdout, error } = spawnSync(path, ['version'], { encoding: 'utf8', timeout: 30_000 })
  // A build from source may add the commit: 0.38.25+abc.
  if (status === 0) return stdout.trim().replace(/^v/, '').replace(/\+.*$/, '')
  throw new CometBftMissing('NOT_EXECUTABLE', `${path} version ended with ${status ?? error?.message ?? 'a signal'}`, {
    cause: error,
  })
}
