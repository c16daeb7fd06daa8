import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Continuation, Genesis } from '@icn/protocol'
import { type CometConfigOptions, cometConfig } from './config.ts'
import { cometGenesis } from './genesis.ts'
import { FRESH_VALIDATOR_STATE, nodeKey, privValidatorKey } from './keys.ts'

export interface CometHomeOptions {
  readonly genesis: Genesis
  /** Where the network goes on from a node that was alone. */
  readonly continues?: Continuation
  /** 32 bytes. A node that is no validator has one too; nobody counts its votes. */
  readonly validatorSeed: Uint8Array
  /** 32 bytes. */
  readonly nodeSeed: Uint8Array
  readonly config: CometConfigOptions
}

/** A file of CometBFT's home. */
export interface CometFile {
  /** Under the home, such as `config/genesis.json`. */
  readonly path: string
  readonly text: string
  /** Readable by its owner alone. */
  readonly secret: boolean
  /** Written where there is none yet, and never over an existing one. */
  readonly once: boolean
}

/** What the validator signed last. */
const SIGNED = 'data/priv_validator_state.json'

/** Every file that `cometbft start --home` needs. */
export function cometHome({
  genesis,
  continues,
  validatorSeed,
  nodeSeed,
  config,
}: CometHomeOptions): readonly CometFile[] {
  return [
    { path: 'config/config.toml', text: cometConfig(config), secret: false, once: false },
    { path: 'config/genesis.json', text: cometGenesis(genesis, continues), secret: false, once: false },
    { path: 'config/node_key.json', text: nodeKey(nodeSeed), secret: true, once: false },
    { path: 'config/priv_validator_key.json', text: privValidatorKey(validatorSeed), secret: true, once: false },
    { path: SIGNED, text: FRESH_VALIDATOR_STATE, secret: true, once: true },
  ]
}

/** Writes those that are not as they should be. What the validator signed last is left as it is. */
export function writeCometHome(home: string, options: CometHomeOptions): void {
  for (const { path, text, secret, once } of cometHome(options)) {
    const file = join(home, path)
    // A full disk has no room for what need not be written.
    if (existsSync(file) && readFileSync(file, 'utf8') === text) continue
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    try {
      writeFileSync(file, text, { mode: secret ? 0o600 : 0o644, flag: once ? 'wx' : 'w' })
    } catch (error) {
      if (!(once && (error as NodeJS.ErrnoException).code === 'EEXIST')) throw error
    }
  }
}

/** Whether CometBFT has signed a vote from this home. */
export function hasSigned(home: string): boolean {
  const file = join(home, SIGNED)
  return existsSync(file) && !/"height":\s*"0"/.test(readFileSync(file, 'utf8'))
}
