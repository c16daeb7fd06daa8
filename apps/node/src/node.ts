import { existsSync, statfsSync } from 'node:fs'
import { createApplication } from '@icn/consensus'
import { createVerifyPool } from '@icn/crypto/verify-pool'
import { createHttpApi, VERSION } from '@icn/http-api'
import { createMonitor } from '@icn/monitor'
import { createMachine, REVISIONS, type Revision } from '@icn/state-machine'
import { createOverlay } from '@icn/state-machine/kernel'
import { lockDataFolder, type NodeSnapshots, openReader, openSqliteStore, type SqliteStore } from '@icn/state-store'
import type { Logger } from 'pino'
import { checkPortFree } from './cometbft/ports.ts'
import { findCometBft } from './cometbft/prepare.ts'
import { type Configuration, ConfigurationError } from './config/load.ts'
import { nodeUrls } from './config/settings.ts'
import { startReplicated } from './engine/cometbft.ts'
import type { Engine, EngineOptions } from './engine/engine.ts'
import { openSnapshots } from './engine/snapshots.ts'
import { startSolo } from './engine/solo.ts'
import { currentVoters } from './engine/voters.ts'
import { startHeartbeats } from './heartbeats.ts'
import { type Home, makeHome, openHome } from './home/open-home.ts'

/** A running node. */
export interface RunningNode {
  /** `http://127.0.0.1:7420` */
  readonly address: string
  readonly network: string
  readonly height: number
  /** Rejects when the node cannot go on. */
  readonly halted: Promise<never>
  /** Refuses new work, finishes the block, closes everything in reverse order. */
  close(): Promise<void>
}

export interface NodeOptions {
  /** Whether somebody wants the node to end while it still starts; it answers at once then. */
  readonly stopping?: AbortSignal
  /** Versions of the rules beside the first one. Default: those that this program knows. */
  readonly revisions?: readonly Revision[]
}

/** Wires a node from its configuration. What was opened is closed again where a later step fails. */
export async function startNode(
  configuration: Configuration,
  logger: Logger,
  { stopping = new AbortController().signal, revisions = REVISIONS }: NodeOptions = {},
): Promise<RunningNode> {
  const { home, values } = configuration
  const closers: (() => unknown)[] = []
  const closeAll = async () => {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close()
  }
  try {
    const isThere = existsSync(home)
    // Nothing is made where nobody could be served; and whoever has the folder open already has the port as well.
    if (!isThere) await checkHttpPort(configuration)
    makeHome(home)
    const lock = lockDataFolder(home)
    closers.push(() => lock.release())
    if (isThere) await checkHttpPort(configuration)
    const opened = openHome(home, values['network.name'], Date.now())
    const binary = isReplicated(configuration) ? await findCometBft(configuration, opened, logger) : undefined
    const { genesis, stateFile } = opened
    const machine = createMachine({ genesis, revisions })
    const cacheBytes = values['store.cacheBytes']
    const keepBlocks = values['store.keepBlocks']
    const storeOptions = {
      file: stateFile,
      modules: machine.modules,
      cacheBytes,
      keepBlocks,
      writer: 'thread',
    } as const
    const store = openSqliteStore(storeOptions)
    closers.push(() => store.close())
    machine.rulesAt(store.committed().height + 1, createOverlay(store))
    const reader = openReader(stateFile)
    closers.push(() => reader.close())
    const verifyPool = createVerifyPool({ threads: values['crypto.threads'], maxWaitingItems: 1_000_000 })
    closers.push(() => verifyPool.close())
    const application = createApplication({ machine, store, verifyPool })
    const committed = () => store.committed()
    const validators = currentVoters(store, genesis)
    const block = (height: number) => store.block(height)
    const given = { configuration, home: opened, binary, stopping, logger }
    const setup = { ...given, application, committed, block, validators }
    if (!isReplicated(configuration)) checkIsAlone(store, opened)
    const engine = await startEngine(setup, () => {
      const snapshots = openSnapshots({ configuration, home: opened, store, readers: [reader], logger })
      closers.push(() => snapshots.close())
      return snapshots
    })
    closers.push(() => engine.close())
    const { consensus, devClock, joinFile, lightRpc, keptPath, halted } = engine
    const monitor = await createMonitor({
      consensus,
      reader,
      logger,
      version: VERSION,
      ...monitorConfig(configuration),
      ...engine.watched,
    })
    closers.push(() => monitor.close())
    const config = httpConfig(configuration)
    const { continues } = opened
    const ports = { continues, consensus, store, reader, machine, monitor, devClock, joinFile, lightRpc, keptPath }
    const http = await createHttpApi({ ...ports, genesis, config, logger })
    closers.splice(-2)
    // Together: who waits for a block holds a connection, and a network that makes no blocks answers nobody.
    closers.push(() => Promise.all([http.close(), monitor.close().then(engine.close)]))
    if (values['node.id'] !== '') {
      const identity = {
        node: values['node.id'],
        seed: opened.validatorSeed,
        chainId: genesis.chainId,
        version: VERSION,
      }
      closers.push(startHeartbeats({ ...identity, consensus, reader, logger, freeBytes: () => freeBytesOf(home) }))
    }
    const { height } = store.committed()
    return { address: http.address, network: genesis.chainId, height, halted, close: closeAll }
  } catch (error) {
    await closeAll()
    throw error
  }
}

/** @throws ConfigurationError where a network of several nodes is to go on alone: its other nodes would not follow */
function checkIsAlone(store: SqliteStore, { cometHome }: Home): void {
  const { height } = store.committed()
  const why = existsSync(cometHome) ? `since ${cometHome} is there` : `since CometBFT made block ${height}`
  // A block that CometBFT made has no header of ours.
  const isOfNetwork = existsSync(cometHome) || (height > 0 && store.block(height)?.header.length === 0)
  if (isOfNetwork) throw new ConfigurationError(`consensus.engine: expected cometbft, ${why}, got "solo"`)
}

async function startEngine(options: EngineOptions, snapshots: () => NodeSnapshots): Promise<Engine> {
  return isReplicated(options.configuration)
    ? startReplicated({ ...options, snapshots: snapshots() })
    : startSolo(options)
}

function isReplicated({ values }: Configuration): boolean {
  return values['consensus.engine'] === 'cometbft'
}

/** @throws SetupError `PORT_IN_USE` */
async function checkHttpPort({ values }: Configuration): Promise<void> {
  await checkPortFree(values['http.host'], values['http.port'], 'for HTTP', '--http-port')
}

function freeBytesOf(home: string): number {
  const { bavail, bsize } = statfsSync(home)
  return bavail * bsize
}

function httpConfig({ values }: Configuration) {
  return {
    host: values['http.host'],
    port: values['http.port'],
    bodyLimitBytes: values['http.bodyLimitBytes'],
    requestsPerSecond: values['http.requestsPerSecond'],
    connections: values['http.connections'],
    machine: values['monitor.machine'] as 'loopback' | 'everybody' | 'nobody',
  } as const
}

function monitorConfig({ home, values }: Configuration) {
  return { home, idleMs: values['consensus.idleMs'], nodes: nodeUrls(values['monitor.nodes']) }
}
