import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { cometBftBinary, hasSigned, type StateSyncSource, writeCometHome } from '@icn/consensus/cometbft'
import { generateSeed, publicKeyFromSeed } from '@icn/crypto'
import { beginningOf, type Genesis, publicKeyToText } from '@icn/protocol'
import { CorruptData } from '@icn/state-store'
import type { Logger } from 'pino'
import type { Configuration } from '../config/load.ts'
import { listOf } from '../home/list-of.ts'
import type { Home } from '../home/open-home.ts'
import { JOIN_ANEW } from '../restored.ts'
import { SetupError } from '../setup-error.ts'
import { endLeftover } from './leftover.ts'
import { checkPortFree } from './ports.ts'

/** Five blocks a second: less than half of what one that follows can get. */
const FOLLOWED_MS = 200
const LOOPBACK = '127.0.0.1'
/** A Unix socket has a place for its path, and a last zero byte, in 108 bytes (sockaddr_un). */
const LONGEST_PATH = 107

/** Where this node answers CometBFT. @throws SetupError `PATH_TOO_LONG` */
export function abciSocket(cometHome: string): string {
  const path = join(cometHome, 'abci.sock')
  if (Buffer.byteLength(path) <= LONGEST_PATH) return path
  throw new SetupError(
    'PATH_TOO_LONG',
    `${path} is longer than the ${LONGEST_PATH} bytes that a socket may have`,
    'name a data folder with a shorter path with --home, or a link to it',
  )
}

/**
 * Finds CometBFT, ends one that an earlier process left behind, and sees whether its ports are free; writes nothing. The data
 * folder is locked.
 *
 * @returns path of the program; `undefined` where an operator runs it
 * @throws SetupError `PORT_IN_USE`; CometBftMissing
 */
export async function findCometBft(
  { values }: Configuration,
  { cometHome }: Home,
  logger: Logger,
): Promise<string | undefined> {
  if (values['consensus.external']) return undefined
  const binary = cometBftBinary({ ICN_COMETBFT: values['cometbft.binary'] || process.env.ICN_COMETBFT })
  const pid = await endLeftover(cometHome)
  if (pid !== undefined) logger.warn({ pid }, 'ended a CometBFT that an earlier process of this node left behind')
  await checkPortFree(values['cometbft.p2pHost'], values['cometbft.p2pPort'], 'for other nodes', '--cometbft-p2p-port')
  await checkPortFree(LOOPBACK, values['cometbft.rpcPort'], 'the RPC of CometBFT', '--cometbft-rpc-port')
  if (values['cometbft.metricsPort'] > 0)
    await checkPortFree(LOOPBACK, values['cometbft.metricsPort'], 'its metrics', '--cometbft-metrics-port')
  return binary
}

/**
 * Writes the home of CometBFT before it starts.
 *
 * @param height - of the state
 * @throws CorruptData where the blocks of the state are not in CometBFT's data
 */
export function prepareHome(configuration: Configuration, home: Home, height: number, run: Run): void {
  checkHistory(home.cometHome, height, beginningOf(home.genesis, home.continues).height)
  writeHome(configuration, home, run)
}

/** For an operator who runs CometBFT: a home to begin with, which is theirs from then on. */
export function writeHomeOnce(configuration: Configuration, home: Home): void {
  if (!existsSync(join(home.cometHome, 'config', 'config.toml'))) writeHome(configuration, home, {})
}

/**
 * Whether another node may be at work with the key of this one: it was not made here, and nothing was signed from here yet. Only
 * who puts a key into a folder can know better (`--accept-restored`).
 */
export function isKeyDoubtful({ acceptRestored }: Configuration, home: Home): boolean {
  const isUsedHere = hasSigned(home.cometHome)
  return !(home.isKeyUnused(isUsedHere) || isUsedHere || acceptRestored)
}

export function rpcUrlOf({ values }: Configuration): string {
  return `http://${LOOPBACK}:${values['cometbft.rpcPort']}`
}

/** What differs from one run of CometBFT to the next. */
export interface Run {
  /** The node follows without its key. */
  readonly isGuest?: boolean
  /** It pauses after each block so that others can follow. */
  readonly isPaced?: boolean
}

export function writeHome(configuration: Configuration, home: Home, { isGuest = false, isPaced = false }: Run): void {
  const { values, origins } = configuration
  const { cometHome, genesis, continues, validatorSeed, nodeSeed } = home
  const external = values['cometbft.externalAddress']
  const isVerbose = ['debug', 'trace'].includes(values['log.level'])
  writeCometHome(cometHome, {
    genesis,
    ...(continues === undefined ? {} : { continues }),
    // A guest votes with a key of nobody.
    validatorSeed: isGuest ? generateSeed() : validatorSeed,
    nodeSeed: nodeSeed(),
    config: {
      moniker: nameOf(genesis, validatorSeed),
      proxyApp: `unix://${abciSocket(cometHome)}`,
      rpcListen: `tcp://${LOOPBACK}:${values['cometbft.rpcPort']}`,
      p2pListen: `tcp://${values['cometbft.p2pHost']}:${values['cometbft.p2pPort']}`,
      persistentPeers: listOf(values['cometbft.peers']),
      privateNetwork: values['cometbft.privateNetwork'],
      timeoutCommitMs: isPaced ? FOLLOWED_MS : values['cometbft.timeoutCommitMs'],
      alwaysPauses: isPaced,
      // Each step of each block is a line: only for those who look for something.
      logLevel: isVerbose ? 'info' : 'error',
      ...stateSyncOf(configuration),
      ...(external === '' ? {} : { externalAddress: external }),
      ...(values['cometbft.metricsPort'] === 0
        ? {}
        : { prometheusListen: `${LOOPBACK}:${values['cometbft.metricsPort']}` }),
      ...(origins['consensus.idleMs'] === 'default' ? {} : { emptyBlocksMs: values['consensus.idleMs'] }),
    },
  })
}

/** As long as a join file is good: who voted then can be trusted for so long to tell what came after. */
const TRUST_MS = 7 * 86_400_000

/** Where the state is empty, CometBFT takes a snapshot from its peers, and checks it against light blocks. */
function stateSyncOf({ values }: Configuration): { readonly stateSync?: StateSyncSource } {
  const servers = listOf(values['cometbft.syncServers'])
  if (servers.length === 0) return {}
  // CometBFT wants a second one to compare with; where there is none, the same.
  const rpcServers = servers.length === 1 ? [...servers, ...servers] : servers
  const trusted = { trustHeight: values['cometbft.syncHeight'], trustHash: values['cometbft.syncHash'].toUpperCase() }
  return { stateSync: { rpcServers, ...trusted, trustPeriodMs: TRUST_MS } }
}

/** What other operators read in their logs: the validator's name in the genesis. */
function nameOf({ validators }: Genesis, seed: Uint8Array): string {
  const own = publicKeyToText(publicKeyFromSeed(seed))
  return validators.find(({ publicKey }) => publicKey === own)?.name ?? own.slice(0, 16)
}

/**
 * CometBFT hands over the blocks that its application has not seen; one that has seen more than CometBFT has itself is
 * refused, again and again. And a validator that forgot what it signed could sign twice.
 */
function checkHistory(cometHome: string, height: number, beginsAfter: number): void {
  if (height <= beginsAfter || existsSync(join(cometHome, 'data', 'blockstore.db'))) return
  throw new CorruptData(
    `the state is at height ${height}, and the blocks of CometBFT are missing in ${join(cometHome, 'data')}`,
    JOIN_ANEW,
  )
}
