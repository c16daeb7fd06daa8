import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as elapsed } from 'node:timers/promises'
import { sha256 } from '@icn/crypto'
import type { EngineSetup } from '../../testkit/src/consensus-suite.ts'
import { takePorts } from '../../testkit/src/network/take-ports.ts'
import {
  type CometBft,
  type CometBftOptions,
  type CometConfigOptions,
  cometBftBinary,
  createCometBft,
  createRpc,
  type RunningCometBft,
  startCometBft,
  writeCometHome,
} from '../src/cometbft/index.ts'

/** A real CometBFT with one validator, beside the engine that it drives. */
export interface Pair {
  readonly engine: CometBft
  readonly rpcUrl: string
  /** CometBFT's home; its data stay between starts. */
  readonly home: string
  process(): RunningCometBft
  /** Starts CometBFT again, after it ended. */
  start(): Promise<void>
  /** What CometBFT said, for a test that failed. */
  output(): string
  dispose(): Promise<void>
}

export type PairOptions = EngineSetup & {
  readonly folder?: string
  readonly engine?: Partial<CometBftOptions>
  readonly config?: Partial<CometConfigOptions>
}

/**
 * Starts both and waits until CometBFT answers. What was started is ended where a later step fails: an engine that listens
 * keeps a test alive for ever.
 */
export async function startPair(setup: PairOptions): Promise<Pair> {
  const { application, genesis, validatorSeed, committed, maxWaiting } = setup
  const folder = setup.folder ?? mkdtempSync(join(tmpdir(), 'icn-cometbft-'))
  const [rpcPort = 0, p2pPort = 0] = await takePorts(2)
  const rpcUrl = `http://127.0.0.1:${rpcPort}`
  let running: RunningCometBft | undefined
  let output = ''
  const engine = await createCometBft({
    application,
    genesis,
    committed: () => committed,
    maxWaiting,
    rpcUrl,
    abci: { path: join(folder, 'abci.sock') },
    stopCometBft: async () => running?.stop(),
    ...setup.engine,
  })
  const home = join(folder, 'cometbft')
  const config = {
    moniker: 'given',
    proxyApp: engine.abciAddress,
    rpcListen: `tcp://127.0.0.1:${rpcPort}`,
    p2pListen: `tcp://127.0.0.1:${p2pPort}`,
    privateNetwork: true,
    timeoutCommitMs: 20,
    ...setup.config,
  }
  writeCometHome(home, { genesis, validatorSeed, nodeSeed: sha256(validatorSeed), config })

  async function start(): Promise<void> {
    const onOutput = (chunk: Buffer) => {
      output += chunk.toString('utf8')
    }
    running = startCometBft({ binary: cometBftBinary(), home, onOutput })
    await untilReady(rpcUrl, running, () => output)
  }

  async function dispose(): Promise<void> {
    await engine.close()
    await running?.stop()
    rmSync(folder, { recursive: true, force: true })
  }

  await start().catch(async (error: unknown) => {
    await engine.close()
    await running?.stop()
    throw error
  })
  const started = () => running as RunningCometBft
  return { engine, rpcUrl, home, process: started, start, output: () => output, dispose }
}

/** An engine for the suite, whose `close` ends CometBFT too. */
export async function startEngine(setup: PairOptions): Promise<CometBft> {
  const pair = await startPair(setup)
  return { ...pair.engine, close: () => pair.dispose() }
}

async function untilReady(rpcUrl: string, running: RunningCometBft, output: () => string): Promise<void> {
  const rpc = createRpc(rpcUrl)
  let gone = false
  void running.ended.then(() => (gone = true))
  try {
    while (!gone) {
      const ready = await rpc.call('health').then(
        () => true,
        () => false,
      )
      if (ready) return
      await elapsed(20)
    }
    throw new Error(`CometBFT ended before it answered:\n${output().slice(-2_000)}`)
  } finally {
    rpc.close()
  }
}
