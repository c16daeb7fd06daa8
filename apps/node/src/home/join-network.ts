import { readFileSync } from 'node:fs'
import { COMETBFT_VERSION, nodeId } from '@icn/consensus/cometbft'
import { publicKeyFromSeed } from '@icn/crypto'
import type { JoinFile } from '@icn/http-api'
import { publicKeyToText, readContinuation } from '@icn/protocol'
import type { Configuration } from '../config/load.ts'
import type { Settings } from '../config/settings.ts'
import { SetupError } from '../setup-error.ts'
import { makeFolderWithState } from './folder-with-state.ts'
import { readJoinFile } from './join-file.ts'
import { checkSameNetwork, flagsOf, makeNetworkFolder } from './network-folder.ts'
import { checkBeginsWith, takeState } from './state-of-origin.ts'
import { findTrustedBlock, type TrustedBlock } from './trusted-block.ts'

export interface JoinReport {
  readonly home: string
  readonly network: string
  readonly name: string
  readonly genesisHash: string
  /** With which this node can be proposed as a validator, `z6Mk…`. */
  readonly publicKey: string
  readonly nodeId: string
  /** Whether the genesis names this node as one of its validators. */
  readonly isValidator: boolean
  readonly peers: readonly string[]
  /** From which a snapshot is checked; 0: the node begins with the first block. */
  readonly trustedHeight: number
  /** Of the state that was compared with the genesis; 0: none was given. */
  readonly stateHeight: number
}

export interface JoinOptions {
  /** Hash of the genesis, as an operator told it over another way. */
  readonly expectedHash: string | undefined
  /** Address of a node that leads to a recent block, so that a snapshot of its peers can be checked. */
  readonly syncFrom: string | undefined
  /** A backup, an archive or a data folder with the state of which the network was made. */
  readonly stateFrom: string | undefined
  readonly nowMs: number
}

const TIMEOUT_MS = 15_000
const LARGEST = 4 * 1024 * 1024

/**
 * Sets an empty data folder up to follow a network. The node begins as an observer: it has a key, and votes from the
 * height at which the members have admitted it as a validator.
 *
 * @param source - a join file, or the address of a node
 * @throws ConfigurationError, SetupError, DataFolderBusy
 */
export async function joinNetwork(
  configuration: Configuration,
  source: string,
  { expectedHash, syncFrom, stateFrom, nowMs }: JoinOptions,
): Promise<JoinReport> {
  const isUrl = /^https?:\/\//.test(source)
  const text = isUrl ? await fetchJoinFile(source) : readText(source)
  const file = readJoinFile(text, {
    ...(isUrl ? { host: new URL(source).hostname } : {}),
    ...(expectedHash === undefined ? {} : { expectedHash: expectedHash.toLowerCase() }),
    nowMs,
  })
  checkVersion(file)
  const { home } = configuration
  checkSameNetwork(home, file.genesis)
  const { continues } = file
  checkBeginsWith(file, syncFrom, stateFrom)
  if (continues !== undefined && syncFrom === undefined) throw needsSync(continues.height)
  const begin = continues === undefined ? undefined : readContinuation(continues, file.genesis)
  const trusted = syncFrom === undefined ? undefined : await findTrustedBlock(syncFrom, file.genesis, begin)
  const settings = {
    'cometbft.peers': file.peers.join(','),
    ...(trusted === undefined ? {} : syncSettings(trusted)),
    ...flagsOf(configuration),
  }
  const { validatorSeed, nodeSeed } =
    stateFrom === undefined
      ? makeNetworkFolder(home, settings, () => file.genesis, continues)
      : await makeFolderWithState(home, settings, (target) => takeState(stateFrom, target, file.genesis))
  const own = publicKeyToText(publicKeyFromSeed(validatorSeed))
  return {
    home,
    network: file.genesis.chainId,
    name: file.genesis.name,
    genesisHash: file.genesisHash,
    publicKey: own,
    nodeId: nodeId(nodeSeed),
    isValidator: file.genesis.validators.some(({ publicKey }) => publicKey === own),
    peers: file.peers,
    trustedHeight: trusted?.height ?? 0,
    stateHeight: stateFrom === undefined ? 0 : (file.genesis.origin?.height ?? 0),
  }
}

function syncSettings({ server, height, hash }: TrustedBlock): Partial<Settings> {
  return { 'cometbft.syncServers': server, 'cometbft.syncHeight': height, 'cometbft.syncHash': hash }
}

/** What a node made alone is in no block of CometBFT: only a snapshot brings it. */
export function needsSync(height: number): SetupError {
  return new SetupError(
    'NEEDS_SYNC',
    `the network goes on from block ${height} of a node that was alone, and its blocks begin after that`,
    'join with --sync and the address of a node, to begin with a snapshot',
  )
}

/** Versions that differ in the last number alone talk to each other. */
function checkVersion({ cometbft }: JoinFile): void {
  const seriesOf = (version: string) => version.split('.').slice(0, 2).join('.')
  if (seriesOf(cometbft) === seriesOf(COMETBFT_VERSION)) return
  throw new SetupError(
    'COMETBFT_VERSION',
    `the network runs CometBFT ${cometbft}, and this version of the node ${COMETBFT_VERSION}`,
    'install the version of ICN that the network runs; its operators know which',
  )
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const message = `the join file cannot be read: ${(cause as Error).message}`
    throw new SetupError('JOIN_MALFORMED', message, 'name a join file, or the address of a node (https://…)', { cause })
  }
}

async function fetchJoinFile(node: string): Promise<string> {
  const url = `${node.replace(/\/+$/, '')}/v1/network/join`
  const advice = 'check the address with the operator of that node, or join with a file'
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    const text = await answer.text()
    if (answer.ok && text.length <= LARGEST) return text
    throw new SetupError('PEER_UNREACHABLE', `${url} answered ${answer.status}`, advice)
  } catch (cause) {
    if (cause instanceof SetupError) throw cause
    const { message, cause: inner } = cause as Error
    const why = inner instanceof Error ? inner.message : message
    throw new SetupError('PEER_UNREACHABLE', `${url} cannot be reached: ${why}`, advice, { cause })
  }
}
