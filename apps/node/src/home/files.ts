import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { fromHex, generateSeed, publicKeyFromSeed, toHex } from '@icn/crypto'
import {
  type Continuation,
  type Genesis,
  MalformedContinuation,
  MalformedGenesis,
  parseGenesis,
  publicKeyToText,
  readContinuation,
} from '@icn/protocol'
import { CorruptData } from '@icn/state-store'

/** Where things stand in a data folder. */
export function filesOf(home: string) {
  return {
    genesis: join(home, 'genesis.json'),
    key: join(home, 'validator-key.json'),
    state: join(home, 'state.db'),
    /** Light blocks that lead from the genesis to the present. */
    lightBlocks: join(home, 'light-blocks.db'),
    config: join(home, 'config.toml'),
    /** Home of CometBFT, in a folder of a network of several nodes. */
    comet: join(home, 'cometbft'),
    /** By it the other nodes know this one. */
    nodeKey: join(home, 'node-key.json'),
    join: join(home, 'join.json'),
    /** The last block of a node that was alone, where the network goes on from there. */
    continues: join(home, 'continues.json'),
    /** Secret of whoever founds the federation, where nobody was named; its owner takes it away. */
    founderKey: join(home, 'founder-key'),
  }
}

/** Either the whole file is there after a power failure, or none of it. */
export function writeDurably(file: string, text: string, mode: number): void {
  const draft = `${file}.new`
  const descriptor = openSync(draft, 'w', mode)
  writeSync(descriptor, text)
  fsyncSync(descriptor)
  closeSync(descriptor)
  renameSync(draft, file)
}

export function genesisText(genesis: Genesis): string {
  return `${JSON.stringify(genesis, null, 2)}\n`
}

export function writeGenesis(file: string, genesis: Genesis): void {
  writeDurably(file, genesisText(genesis), 0o644)
}

/** @throws CorruptData */
export function readGenesis(file: string): Genesis {
  try {
    return parseGenesis(readFileSync(file, 'utf8'))
  } catch (cause) {
    if (cause instanceof MalformedGenesis)
      throw new CorruptData(
        `${file}: ${cause.message}`,
        'restore it from a backup, or from another node of this network',
      )
    throw cause
  }
}

/** `undefined` where the network began with its first block. @throws CorruptData */
export function readContinues(file: string, genesis: Genesis): Continuation | undefined {
  if (!existsSync(file)) return undefined
  try {
    return readContinuation(JSON.parse(readFileSync(file, 'utf8')), genesis)
  } catch (cause) {
    if (!(cause instanceof MalformedContinuation || cause instanceof SyntaxError)) throw cause
    throw new CorruptData(`${file}: ${cause.message}`, 'take it from the join file of another node of this network')
  }
}

/** @param seed - secret of the validator, 32 bytes */
export function keyText(seed: Uint8Array): string {
  return `${JSON.stringify({ publicKey: publicKeyToText(publicKeyFromSeed(seed)), seed: toHex(seed) })}\n`
}

export function writeKey(file: string, seed: Uint8Array): void {
  writeDurably(file, keyText(seed), 0o600)
}

/** @throws CorruptData */
export function readKey(file: string): Uint8Array {
  const advice = 'restore it from a backup of this data folder'
  const text = readFileSync(file, 'utf8')
  const seed = /"seed":\s*"([0-9a-f]{64})"/.exec(text)?.[1]
  if (seed === undefined) throw new CorruptData(`${file} holds no key`, advice)
  return fromHex(seed)
}

/** In the file of the node's key: the validator's key that was made beside it and has never signed. */
const UNUSED = 'unusedValidatorKey'

/**
 * Notes that the key of the validator was made in this folder and has signed nothing yet, or takes the note away. A key without
 * it came from somewhere else, where it may be at work.
 *
 * @param nodeKey - file of the node's key, which is made where there is none
 */
export function noteUnused(nodeKey: string, validatorSeed: Uint8Array | undefined): Uint8Array {
  const seed = existsSync(nodeKey) ? readKey(nodeKey) : generateSeed()
  const note = validatorSeed === undefined ? {} : { [UNUSED]: publicKeyToText(publicKeyFromSeed(validatorSeed)) }
  writeDurably(nodeKey, `${JSON.stringify({ ...JSON.parse(keyText(seed)), ...note })}\n`, 0o600)
  return seed
}

/** Whether the validator's key was made in this folder, and had signed nothing when that was last looked at. */
export function isUnused(nodeKey: string, validatorSeed: Uint8Array): boolean {
  if (!existsSync(nodeKey)) return false
  const publicKey = publicKeyToText(publicKeyFromSeed(validatorSeed))
  return readFileSync(nodeKey, 'utf8').includes(`"${UNUSED}":"${publicKey}"`)
}

/** The key that stands there; `make` gives one where none does, and it is written. */
export function keepKey(file: string, make: () => Uint8Array): Uint8Array {
  if (existsSync(file)) return readKey(file)
  const seed = make()
  writeKey(file, seed)
  return seed
}
