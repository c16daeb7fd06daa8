import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { generateSeed, publicKeyFromSeed } from '@icn/crypto'
import { type Continuation, type Genesis, publicKeyToText } from '@icn/protocol'
import { CorruptData } from '@icn/state-store'
import { SetupError } from '../setup-error.ts'
import { filesOf, isUnused, keepKey, noteUnused, readContinues, readGenesis, readKey, writeGenesis } from './files.ts'
import { newGenesis } from './new-genesis.ts'

/** What a data folder holds beside the state. */
export interface Home {
  readonly genesis: Genesis
  /** Secret of this node's validator, 32 bytes. */
  readonly validatorSeed: Uint8Array
  /** Secret by which other nodes know this one, 32 bytes; made where there is none yet. */
  readonly nodeSeed: () => Uint8Array
  readonly stateFile: string
  /** Of light blocks that lead from the genesis to the present. */
  readonly lightFile: string
  /** Home of CometBFT; it stands there in a network of several nodes only. */
  readonly cometHome: string
  /** Whether the validator's key was made here and has signed nothing; that it has, once, is noted. */
  readonly isKeyUnused: (hasSigned: boolean) => boolean
  /** Notes that nobody else was seen to use the key. */
  readonly noteKeyUnused: () => void
  /** Where CometBFT goes on from a node that was alone. */
  readonly continues: Continuation | undefined
}

/**
 * Opens the data folder; an empty one becomes a new network of this one node. The folder must be locked.
 *
 * @throws CorruptData where some of the files are there and others are not: nothing is made anew over what exists
 * @throws SetupError `JOIN_UNFINISHED`
 */
export function openHome(home: string, networkName: string, nowMs: number): Home {
  const files = filesOf(home)
  if (isNew(home)) createNetwork(files, networkName, nowMs)
  const isBegun = existsSync(files.genesis) || existsSync(files.state)
  if (!isBegun && (existsSync(files.comet) || existsSync(files.nodeKey)))
    throw new SetupError(
      'JOIN_UNFINISHED',
      `${home} was being set up for a network, and that did not come to its end`,
      'run icn network init or icn network join once more on this folder',
    )
  const missing = [files.genesis, files.key].filter((file) => !existsSync(file))
  if (missing.length > 0) {
    const advice = 'restore it from a backup of this data folder, or start with another --home'
    throw new CorruptData(`${missing.join(' and ')} is missing`, advice)
  }
  const genesis = readGenesis(files.genesis)
  const validatorSeed = readKey(files.key)
  return {
    genesis,
    validatorSeed,
    nodeSeed: () => keepKey(files.nodeKey, generateSeed),
    stateFile: files.state,
    lightFile: files.lightBlocks,
    cometHome: files.comet,
    isKeyUnused: (hasSigned) => {
      const isNoted = isUnused(files.nodeKey, validatorSeed)
      if (isNoted && hasSigned) noteUnused(files.nodeKey, undefined)
      return isNoted && !hasSigned
    },
    noteKeyUnused: () => noteUnused(files.nodeKey, validatorSeed),
    continues: existsSync(files.comet) ? readContinues(files.continues, genesis) : undefined,
  }
}

/** Nothing but what stands there before a network: whatever else is there belongs to one and is never written over. */
function isNew(home: string): boolean {
  return readdirSync(home).every((name) => BEFORE_GENESIS.test(name))
}

const BEFORE_GENESIS = /^(?:lock\.db.*|config\.toml|validator-key\.json(?:\.new)?|genesis\.json\.new)$/

function createNetwork(files: ReturnType<typeof filesOf>, name: string, timeMs: number): void {
  // The genesis last: while it is missing, no block was made, and the key can be made again.
  const seed = keepKey(files.key, generateSeed)
  const publicKey = publicKeyToText(publicKeyFromSeed(seed))
  writeGenesis(files.genesis, newGenesis(name, timeMs, [{ name: 'this node', publicKey, power: 1 }]))
}

/** Makes the folder where it is not there yet; only its owner may look into it. */
export function makeHome(home: string): void {
  mkdirSync(home, { recursive: true, mode: 0o700 })
}
