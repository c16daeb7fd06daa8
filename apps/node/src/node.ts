import { createApplication } from '@icn/consensus'
import { createDevClock, createSolo, type DevClock, type Solo } from '@icn/consensus/solo'
import { createVerifyPool } from '@icn/crypto/verify-pool'
import { createHttpApi, VERSION } from '@icn/http-api'
import { createMonitor } from '@icn/monitor'
import { createMachine } from '@icn/state-machine'
import { lockDataFolder, openReader, openSqliteStore } from '@icn/state-store'
import type { Logger } from 'pino'
import { type Configuration, ConfigurationError } from './config/load.ts'
import { nodeUrls } from './config/settings.ts'
import { makeHome, openHome } from './home.ts'

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

/** Wires a node from its configuration. What was opened is closed again where a later step fails. */
export async function startNode(configuration: Configuration, logger: Logger): Promise<RunningNode> {
  const { home, values } = configuration
  const closers: (() => unknown)[] = []
  const closeAll = async () => {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close()
  }
  try {
    makeHome(home)
    const lock = lockDataFolder(home)
    closers.push(() => lock.release())
    const { genesis, validatorSeed, stateFile } = openHome(home, values['network.name'], Date.now())
    const clock = configuration.devClock ? devClockFor(genesis.validators.length) : undefined
    const machine = createMachine({ genesis })
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
    const reader = openReader(stateFile)
    closers.push(() => reader.close())
    const verifyPool = createVerifyPool({ threads: values['crypto.threads'], maxWaitingItems: 1_000_000 })
    closers.push(() => verifyPool.close())
    const application = createApplication({ machine, store, verifyPool })
    const consensus = createSolo({
      application,
      genesis,
      validatorSeed,
      committed: store.committed(),
      maxWaiting: values['consensus.maxWaiting'],
      idleMs: values['consensus.idleMs'],
      ...(clock === undefined ? {} : { clock }),
    })
    closers.push(() => consensus.close())
    // It was put forward before the last stop: what was gained then is not lost.
    clock?.putForward(Math.max(0, store.committed().timeMs - Date.now()))
    const devClock = clock === undefined ? {} : { devClock: devClockOf(consensus, clock) }
    const monitor = await createMonitor({
      consensus,
      reader,
      logger,
      version: VERSION,
      ...monitorConfig(configuration),
    })
    closers.push(() => monitor.close())
    const config = httpConfig(configuration)
    const parts = { consensus, store, reader, machine, genesis, monitor }
    const http = await createHttpApi({ ...parts, config, logger, ...devClock })
    closers.push(() => http.close())
    const { height } = store.committed()
    return { address: http.address, network: genesis.chainId, height, halted: consensus.halted, close: closeAll }
  } catch (error) {
    await closeAll()
    throw error
  }
}

function devClockFor(validators: number): DevClock {
  if (validators === 1) return createDevClock()
  throw new ConfigurationError(`--dev-clock is for a network of one validator; this one has ${validators}`)
}

function devClockOf(
  consensus: Solo,
  clock: DevClock,
): { advance(ms: number): Promise<{ timeMs: number; height: number }> } {
  return { advance: (ms) => consensus.advance(clock, ms) }
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
