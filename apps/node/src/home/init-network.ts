import { COMETBFT_VERSION, nodeId } from '@icn/consensus/cometbft'
import { generateSeed, publicKeyFromSeed, toHex } from '@icn/crypto'
import type { JoinFile } from '@icn/http-api'
import {
  type Continuation,
  continuationText,
  type Genesis,
  type GenesisValidator,
  genesisHash,
  MalformedGenesis,
  parseGenesis,
  publicKeyToText,
} from '@icn/protocol'
import { type Configuration, ConfigurationError } from '../config/load.ts'
import { filesOf, writeDurably } from './files.ts'
import { type Founder, founderWith, keepFounderKey } from './founder.ts'
import { listOf } from './list-of.ts'
import { flagsOf, makeNetworkFolder } from './network-folder.ts'
import { newGenesis } from './new-genesis.ts'

export interface InitReport {
  readonly home: string
  readonly network: string
  readonly name: string
  readonly genesisHash: string
  /** Of the first validator, `z6Mk…`. */
  readonly publicKey: string
  /** How many validators the genesis names. */
  readonly validators: number
  /** DID of whoever founds the federation, which decides about validators; `null` where the network has none. */
  readonly founder: string | null
  /** File with the secret of that DID; `null` where the founder was named. */
  readonly founderKey: string | null
  /** DID of the organization that decides about validators, where the ledger has it already. */
  readonly federation: string | null
  /** `id@host:port`, the host empty while no address is set. */
  readonly peer: string
  readonly joinFile: string
  readonly expires: string
  /** Of the last block that the node made alone; 0: the network begins with its first block. */
  readonly continuesHeight: number
  /** The network of whose state it is made; `null`: it begins with nothing, or goes on. */
  readonly origin: { readonly network: string; readonly height: number; readonly appHash: string } | null
}

/** A join file is good for a week, as long as a place in the history may be trusted. */
const VALID_MS = 7 * 86_400_000

/**
 * Begins a network of which this node is the first validator, in an empty data folder. Its join file stands beside the
 * genesis; the running node hands out fresh ones.
 *
 * @param named - who founds the federation of the network; without it a key is made for whoever takes it
 * @param others - validators of other operators, with whom the network begins
 * @throws ConfigurationError, SetupError, DataFolderBusy
 */
export function initNetwork(
  configuration: Configuration,
  named: Founder | undefined,
  others: readonly GenesisValidator[],
  nowMs: number,
): InitReport {
  const { home } = configuration
  const name = nameIn(configuration)
  const settings = flagsOf(configuration)
  const { founderKey } = filesOf(home)
  const begin = (seed: Uint8Array, founder: Founder) => {
    const own = { name, publicKey: publicKeyToText(publicKeyFromSeed(seed)), power: 1 }
    return newGenesis(name, nowMs, [own, ...others], { name, members: [founder] })
  }
  // Before anything is written: with any keys it would be as wrong.
  const any = generateSeed()
  checkSound(begin(any, named ?? founderWith(any)))
  const { genesis, validatorSeed, nodeSeed } = makeNetworkFolder(home, settings, (folder) =>
    begin(folder.validatorSeed, named ?? keepFounderKey(founderKey)),
  )
  const file = joinFileOf({ genesis, nodeSeed, configuration, nowMs, continues: undefined })
  writeDurably(filesOf(home).join, `${JSON.stringify(file, null, 2)}\n`, 0o644)
  return reportOf(home, validatorSeed, file, named === undefined ? founderKey : null)
}

/** The name that was given to a network. @throws ConfigurationError where none was */
export function nameIn({ values, origins }: Configuration): string {
  if (origins['network.name'] !== 'flag') throw new ConfigurationError('--name: expected a name')
  return values['network.name']
}

/** What the operator reads of a network that begins here. */
export function reportOf(
  home: string,
  validatorSeed: Uint8Array,
  file: JoinFile,
  founderKey: string | null = null,
): InitReport {
  const { origin } = file.genesis
  return {
    home,
    network: file.genesis.chainId,
    name: file.genesis.name,
    genesisHash: file.genesisHash,
    publicKey: publicKeyToText(publicKeyFromSeed(validatorSeed)),
    validators: file.genesis.validators.length,
    founder: file.genesis.federation?.members[0]?.did ?? null,
    founderKey,
    federation: origin?.federation ?? null,
    peer: file.peers[0] ?? '',
    joinFile: filesOf(home).join,
    expires: file.expires,
    continuesHeight: file.continues?.height ?? 0,
    origin: origin === undefined ? null : { network: origin.chainId, height: origin.height, appHash: origin.appHash },
  }
}

/** @throws ConfigurationError */
export function checkSound(genesis: Genesis): void {
  try {
    parseGenesis(genesis)
  } catch (cause) {
    if (!(cause instanceof MalformedGenesis)) throw cause
    throw new ConfigurationError(`no network can begin so, ${cause.message}`, { cause })
  }
}

interface JoinFileFacts {
  readonly genesis: Genesis
  readonly nodeSeed: Uint8Array
  readonly configuration: Configuration
  readonly continues: Continuation | undefined
  readonly nowMs: number
}

/** What this node tells those who want to follow the network: itself first, then those it stays connected to. */
export function joinFileOf({ genesis, nodeSeed, configuration, continues, nowMs }: JoinFileFacts): JoinFile {
  const { values } = configuration
  const own = `${nodeId(nodeSeed)}@${values['cometbft.externalAddress'] || `:${values['cometbft.p2pPort']}`}`
  return {
    format: 'icn-join-1',
    genesisHash: toHex(genesisHash(genesis)),
    expires: new Date(nowMs + VALID_MS).toISOString(),
    cometbft: COMETBFT_VERSION,
    peers: [own, ...listOf(values['cometbft.peers'])],
    genesis,
    ...(continues === undefined ? {} : { continues: continuationText(continues) }),
  }
}
