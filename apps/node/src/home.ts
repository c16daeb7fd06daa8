import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { fromHex, generateSeed, publicKeyFromSeed, toBase32, toHex } from '@icn/crypto'
import { defaultParams, type Genesis, MalformedGenesis, parseGenesis, publicKeyToText } from '@icn/protocol'
import { CorruptData } from '@icn/state-store'

/** What a data folder holds beside the state. */
export interface Home {
  readonly genesis: Genesis
  /** Secret of this node's validator, 32 bytes. */
  readonly validatorSeed: Uint8Array
  readonly stateFile: string
}

/**
 * Opens the data folder; an empty one becomes a new network of this one node. The folder must be locked.
 *
 * @throws CorruptData where some of the files are there and others are not: nothing is made anew over what exists
 */
export function openHome(home: string, networkName: string, nowMs: number): Home {
  const files = {
    genesis: join(home, 'genesis.json'),
    key: join(home, 'validator-key.json'),
    state: join(home, 'state.db'),
  }
  if (isNew(home)) createNetwork(files, networkName, nowMs)
  const missing = [files.genesis, files.key].filter((file) => !existsSync(file))
  if (missing.length > 0) {
    const advice = 'restore it from a backup of this data folder, or start with another --home'
    throw new CorruptData(`${missing.join(' and ')} is missing`, advice)
  }
  return { genesis: readGenesis(files.genesis), validatorSeed: readKey(files.key), stateFile: files.state }
}

/** Nothing but what stands there before a network: whatever else is there belongs to one and is never written over. */
function isNew(home: string): boolean {
  return readdirSync(home).every((name) => BEFORE_GENESIS.test(name))
}

const BEFORE_GENESIS = /^(?:lock\.db.*|config\.toml|validator-key\.json(?:\.new)?|genesis\.json\.new)$/

/** A new key as `validator-key.json` has it. */
export function makeKeyText(): string {
  const seed = generateSeed()
  return `${JSON.stringify({ publicKey: publicKeyToText(publicKeyFromSeed(seed)), seed: toHex(seed) })}\n`
}

function createNetwork(files: { readonly genesis: string; readonly key: string }, name: string, timeMs: number): void {
  const seed = generateSeed()
  const publicKey = publicKeyToText(publicKeyFromSeed(seed))
  const chainId = `icn-${toBase32(generateSeed()).slice(0, 8)}`
  const validators = [{ name: 'this node', publicKey, power: 1 }]
  const genesis: Genesis = { chainId, name, timeMs, validators, params: defaultParams }
  // The genesis last: while it is missing, no block was made, and the key can be made again.
  writeDurably(files.key, `${JSON.stringify({ publicKey, seed: toHex(seed) })}\n`, 0o600)
  writeDurably(files.genesis, `${JSON.stringify(genesis, null, 2)}\n`, 0o644)
}

/** Either the whole file is there after a power failure, or none of it. */
function writeDurably(file: string, text: string, mode: number): void {
  const draft = `${file}.new`
  const descriptor = openSync(draft, 'w', mode)
  writeSync(descriptor, text)
  fsyncSync(descriptor)
  closeSync(descriptor)
  renameSync(draft, file)
}

function readGenesis(file: string): Genesis {
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

function readKey(file: string): Uint8Array {
  const advice = 'restore it from a backup of this data folder'
  const text = readFileSync(file, 'utf8')
  const seed = /"seed":\s*"([0-9a-f]{64})"/.exec(text)?.[1]
  if (seed === undefined) throw new CorruptData(`${file} holds no key`, advice)
  return fromHex(seed)
}

/** Makes the folder where it is not there yet; only its owner may look into it. */
export function makeHome(home: string): void {
  mkdirSync(home, { recursive: true, mode: 0o700 })
}
