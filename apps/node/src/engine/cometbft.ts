import { createCometBft, EVIDENCE_BLOCKS, type SlowSubmission } from '@icn/consensus/cometbft'
import { toHex } from '@icn/crypto'
import { retainHeight } from '@icn/state-store'
import { abciSocket, rpcUrlOf } from '../cometbft/prepare.ts'
import { type Configuration, ConfigurationError } from '../config/load.ts'
import { joinFileOf } from '../home/init-network.ts'
import { needsSync } from '../home/join-network.ts'
import { listOf } from '../home/list-of.ts'
import { checkOrigin, needsState } from '../home/state-of-origin.ts'
import { checkTrustedBlock } from '../home/trusted-block.ts'
import { type LightPath, openLightPath } from '../light/light-path.ts'
import { prepareComet } from './comet-run.ts'
import type { Engine, EngineOptions } from './engine.ts'
import { createLightRpc } from './light-rpc.ts'

/** Closing takes at most five seconds: so long for what waits for a block, and then a while for CometBFT to end. */
const DRAIN_MS = 2_000

/**
 * Many nodes agree on the blocks: CometBFT runs beside this process, which starts it, watches it and ends it; with
 * `consensus.external` an operator does so. What was started is ended again where a later step fails.
 *
 * @throws SetupError, CometBftMissing, CorruptData, CometBftKeepsEnding
 */
export async function startReplicated(options: EngineOptions): Promise<Engine> {
  const { configuration, home, application, committed, snapshots, logger } = options
  const { values } = configuration
  if (configuration.devClock) throw new ConfigurationError('--dev-clock is for a network of one node without CometBFT')
  const rpcUrl = rpcUrlOf(configuration)
  const lightRpc = createLightRpc(rpcUrl)
  const run = prepareComet(options, lightRpc.call)
  const { height, appHash } = committed()
  checkOrigin(home.genesis, height, toHex(appHash))
  const lightPath = openLightPath({ configuration, home, rpc: lightRpc.call, stopping: options.stopping, logger })
  try {
    if (height === 0) await checkBeginning(options, lightPath)
  } catch (error) {
    await closeLight()
    throw error
  }
  const comet = await createCometBft({
    application,
    genesis: home.genesis,
    ...(home.continues === undefined ? {} : { continues: home.continues }),
    committed,
    abci: { path: abciSocket(home.cometHome) },
    rpcUrl,
    validators: options.validators,
    isAlone: run.isAlone,
    proposes: run.proposes,
    onAdmitted: run.wake,
    answerWithinMs: values['consensus.answerWithinMs'],
    onSlow: (slow) => warnOfSlow(slow, committed().height, logger),
    maxWaiting: values['consensus.maxWaiting'],
    closeWithinMs: DRAIN_MS,
    stopCometBft: run.stop,
    retainHeight: retainHeightOf(options, lightPath),
    ...(snapshots === undefined ? {} : { snapshots }),
  })
  const consensus = { ...comet, lightBlock: lightPath.block }
  consensus.onCommit((block) => lightPath.onBlock(block.height))
  logger.info({ address: comet.abciAddress, external: values['consensus.external'] }, 'listening for CometBFT')
  const halted = Promise.race([consensus.halted, run.failed])
  halted.catch(() => {})
  try {
    await run.start(consensus.halted)
  } catch (error) {
    await close()
    throw error
  }

  async function close(): Promise<void> {
    run.endWatches()
    await consensus.close()
    await closeLight()
  }

  async function closeLight(): Promise<void> {
    await lightPath.close()
    lightRpc.close()
  }

  const joinFile = () => joinFileOf({ ...home, nodeSeed: home.nodeSeed(), configuration, nowMs: Date.now() })
  const watched = watchedOf(configuration)
  return { consensus, joinFile, lightRpc: lightRpc.call, keptPath: lightPath.path, watched, halted, close }
}

/** @throws SetupError where the network has another block than the one to begin from */
async function checkBeginning({ configuration, home, logger }: EngineOptions, lightPath: LightPath): Promise<void> {
  const { values } = configuration
  // Whoever runs CometBFT themselves has it begin as they like.
  if (values['consensus.external']) return
  const [server] = listOf(values['cometbft.syncServers'])
  if (server === undefined && home.continues !== undefined) throw needsSync(home.continues.height)
  if (server === undefined && home.genesis.origin !== undefined) throw needsState(home.genesis.origin)
  if (server === undefined) return
  await checkTrustedBlock({ server, height: values['cometbft.syncHeight'], hash: values['cometbft.syncHash'] })
  // While the node that it begins by is there: what leads to its first block is nowhere in a snapshot.
  if (!(await lightPath.begin()))
    logger.warn({ server }, 'no light blocks lead from the genesis to the present there: they are looked for later')
}

/** For whoever looks why a client gets no answer. */
function warnOfSlow({ hash, ...facts }: SlowSubmission, height: number, logger: EngineOptions['logger']): void {
  logger.warn({ hash: toHex(hash), ...facts, height }, 'a transaction waits for long')
}

/** CometBFT keeps all its blocks, unless the store forgets old ones too; and those to which no kept light block leads. */
function retainHeightOf({ configuration, committed, snapshots }: EngineOptions, { neededFrom }: LightPath) {
  const keepBlocks = configuration.values['store.keepBlocks']
  return () => {
    const oldestSnapshot = snapshots?.oldestHeight()
    const { height } = committed()
    const blocks = { height, keepBlocks, oldestSnapshot, evidenceBlocks: EVIDENCE_BLOCKS, neededFrom: neededFrom() }
    return retainHeight(blocks)
  }
}

/** What `cometConfig` takes where nothing else is said. */
const IDLE_MS = 5_000

function watchedOf(configuration: Configuration): NonNullable<Engine['watched']> {
  const { values, origins } = configuration
  const port = values['cometbft.metricsPort']
  const metrics = port === 0 ? {} : { metricsUrl: `http://127.0.0.1:${port}/metrics` }
  const idleMs = origins['consensus.idleMs'] === 'default' ? IDLE_MS : values['consensus.idleMs']
  return { comet: { rpcUrl: rpcUrlOf(configuration), ...metrics }, idleMs }
}
