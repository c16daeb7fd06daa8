import { existsSync, mkdirSync } from 'node:fs'
import { publicKeyFromSeed } from '@icn/crypto'
import {
  type Continuation,
  continuationOf,
  continuationText,
  type Genesis,
  MalformedContinuation,
  publicKeyToText,
} from '@icn/protocol'
import { createMachine } from '@icn/state-machine'
import { createOverlay } from '@icn/state-machine/kernel'
import { rulesOf, validators } from '@icn/state-machine/network'
import { lockDataFolder, openSqliteStore } from '@icn/state-store'
import { type Configuration, ConfigurationError } from '../config/load.ts'
import { checkRestored } from '../restored.ts'
import { SetupError } from '../setup-error.ts'
import { filesOf, noteUnused, readGenesis, readKey, writeDurably } from './files.ts'
import { type InitReport, joinFileOf, reportOf } from './init-network.ts'
import { federationToName, nameFederation } from './name-federation.ts'
import { flagsOf, writeSettings } from './network-folder.ts'

/**
 * Makes a node that was alone the first validator of a network of several, in its own folder: genesis, state and blocks stay
 * as they are, and CometBFT makes the next block. The folder `cometbft` comes last: until it stands there, the node is alone as
 * before, with a block more where it named a federation.
 *
 * @param federation - the organization that decides about further validators, by DID or name; `none`; `undefined`: not said
 * @throws SetupError `NOTHING_TO_CONTINUE`, `ALREADY_NETWORK`, `FEDERATION_…`; ConfigurationError, DataFolderBusy, CorruptData, TransferError
 */
export async function continueNetwork(
  configuration: Configuration,
  federation: string | undefined,
  nowMs: number,
): Promise<InitReport> {
  const { home } = configuration
  const files = filesOf(home)
  if (existsSync(files.comet))
    throw new SetupError('ALREADY_NETWORK', `${home} is of a network of several nodes already`, 'start it: npm start')
  if (![files.genesis, files.key, files.state].every(existsSync))
    throw nothing(`${home} holds no node that was alone`, 'name its data folder')
  checkRestored(home, false, false)
  const lock = lockDataFolder(home)
  try {
    const genesis = readGenesis(files.genesis)
    const validatorSeed = readKey(files.key)
    const settings = flagsOf(configuration)
    const isConfigured = existsSync(files.config)
    if (isConfigured && Object.keys(settings).length > 0)
      throw new ConfigurationError(`${Object.keys(settings).join(', ')}: write it into ${files.config}, which is there`)
    const { continues, federation: decides } = await lastBlockOf(files.state, genesis, validatorSeed, federation)
    // For CometBFT it is: what this node signed alone is of other blocks.
    const nodeSeed = noteUnused(files.nodeKey, validatorSeed)
    if (!isConfigured) writeSettings(files.config, settings)
    writeDurably(files.continues, `${JSON.stringify(continuationText(continues), null, 2)}\n`, 0o644)
    const join = joinFileOf({ genesis, nodeSeed, configuration, continues, nowMs })
    writeDurably(files.join, `${JSON.stringify(join, null, 2)}\n`, 0o644)
    mkdirSync(files.comet, { mode: 0o700 })
    return { ...reportOf(home, validatorSeed, join), federation: decides }
  } finally {
    lock.release()
  }
}

interface LastBlock {
  readonly continues: Continuation
  /** DID of the organization that decides about further validators. */
  readonly federation: string | null
}

/** The block of which the state is, signed by the one validator, whose key is here. */
async function lastBlockOf(
  stateFile: string,
  genesis: Genesis,
  validatorSeed: Uint8Array,
  given: string | undefined,
): Promise<LastBlock> {
  const own = publicKeyToText(publicKeyFromSeed(validatorSeed))
  if (genesis.validators.length !== 1 || genesis.validators[0]?.publicKey !== own)
    throw nothing('the network has other validators than this node', 'name the folder of a network of one node')
  const machine = createMachine({ genesis })
  const store = openSqliteStore({ file: stateFile, modules: machine.modules })
  try {
    // CometBFT begins with the validators of the genesis: the state must know of no others.
    const others = createOverlay(store).open(validators).scan([])
    for (const { publicKey, name, status } of others)
      if (status === 'active' && publicKey !== own)
        throw nothing(`${name} is a validator too`, 'remove it by a decision')
    if (store.committed().height === 0)
      throw nothing('the node has made no block yet', 'begin with icn network init --name NAME')
    const named = federationToName({ store, given })
    if (named !== undefined) await nameFederation({ machine, store, validatorSeed }, named)
    const header = store.block(store.committed().height)?.header ?? new Uint8Array()
    const federation = rulesOf(createOverlay(store))?.federation ?? null
    return { continues: continuationOf(header, genesis), federation }
  } catch (cause) {
    if (!(cause instanceof MalformedContinuation)) throw cause
    throw nothing(`its last block proves nothing: ${cause.message}`, 'restore the folder from a backup')
  } finally {
    await store.close()
  }
}

function nothing(why: string, advice: string): SetupError {
  return new SetupError('NOTHING_TO_CONTINUE', why, `${advice}; nothing was changed`)
}
