import { createCometBft, createRpc, EVIDENCE_BLOCKS, RpcError, type SlowSubmission } from '@icn/consensus/cometbft'
import { publicKeyFromSeed, toHex } from '@icn/crypto'
import type { LightRpc } from '@icn/http-api'
import { publicKeyToText } from '@icn/protocol'
import { retainHeight } from '@icn/state-store'
import { startChild } from '../cometbft/child.ts'
import { forgetPid, notePid } from '../cometbft/leftover.ts'
import { createPace } from '../cometbft/pace.ts'
import { abciSocket, isKeyDoubtful, prepareHome, rpcUrlOf, writeHome, writeHomeOnce } from '../cometbft/prepare.ts'
import { QUIET_BLOCKS, watchKey } from '../cometbft/put-key.ts'
import { rpcAnswers } from '../cometbft/rpc-answers.ts'
import { watchStuck } from '../cometbft/stuck.ts'
import { type Supervisor, supervise } from '../cometbft/supervisor.ts'
import { type Configuration, ConfigurationError } from '../config/load.ts'
import { joinFileOf } from '../home/init-network.ts'
import { needsSync } from '../home/join-network.ts'
import { listOf } from '../home/list-of.ts'
import { checkOrigin, needsState } from '../home/state-of-origin.ts'
import { checkTrustedBlock } from '../home/trusted-block.ts'
import { type LightPath, openLightPath } from '../light/light-path.ts'
import type { Engine, EngineOptions } from './engine.ts'

/** Closing takes at most five seconds: so long for what waits for a block, and then so long for CometBFT to end. */
const DRAIN_MS = 2_000
const GRACE_MS = 1_500

/**
 * Many nodes agree on the blocks: CometBFT runs beside this process, which starts it, watches it and ends it; with
 * `consensus.external` an operator does so. What was started is ended again where a later step fails.
 *
 * @throws SetupError, CometBftMissing, CorruptData, CometBftKeepsEnding
 */
export async function startReplicated(options: EngineOptions): Promise<Engine> {
  const { configuration, home, binary, application, committed, snapshots, logger } = options
  const { values } = configuration
  if (configuration.devClock) throw new ConfigurationError('--dev-clock is for a network of one node without CometBFT')
  const isExternal = values['consensus.external']
  const path = abciSocket(home.cometHome)
  let isGuest = !isExternal && isKeyDoubtful(configuration, home)
  const role = roleOf(options)
  const isAlone = () => !isGuest && role.isSole()
  const { height } = committed()
  const rpcUrl = rpcUrlOf(configuration)
  const lightRpc = createLightRpc(rpcUrl)
  const pace = createPace({ cometHome: home.cometHome, isAlone, rpc: lightRpc.call })
  if (isExternal) writeHomeOnce(configuration, home)
  else prepareHome(configuration, home, height, { isGuest, isPaced: pace.isPaced() })
  checkOrigin(home.genesis, height, toHex(committed().appHash))
  const lightPath = openLightPath({ configuration, home, rpc: lightRpc.call, stopping: options.stopping, logger })
  try {
    if (height === 0) await checkBeginning(options, lightPath)
  } catch (error) {
    await lightPath.close()
    lightRpc.close()
    throw error
  }
  let supervisor: Supervisor | undefined

  async function stopCometBft(): Promise<void> {
    await supervisor?.close(GRACE_MS)
    if (supervisor !== undefined) forgetPid(home.cometHome)
  }

  const comet = await createCometBft({
    application,
    genesis: home.genesis,
    ...(home.continues === undefined ? {} : { continues: home.continues }),
    committed,
    abci: { path },
    rpcUrl,
    validators: options.validators,
    isAlone,
    proposes: () => !isGuest && role.isVoter(),
    answerWithinMs: values['consensus.answerWithinMs'],
    onSlow: (slow) => warnOfSlow(slow, committed().height, logger),
    maxWaiting: values['consensus.maxWaiting'],
    closeWithinMs: DRAIN_MS,
    stopCometBft,
    retainHeight: retainHeightOf(options, lightPath),
    ...(snapshots === undefined ? {} : { snapshots }),
  })
  const consensus = { ...comet, lightBlock: lightPath.block }
  consensus.onCommit((block) => lightPath.onBlock(block.height))
  logger.info({ address: comet.abciAddress, external: isExternal }, 'listening for CometBFT')
  if (binary !== undefined) supervisor = supervise(() => startNoted(binary, home.cometHome, logger), logger)

  async function closeConsensus(): Promise<void> {
    await consensus.close()
    await lightPath.close()
    lightRpc.close()
  }

  const halted = supervisor === undefined ? consensus.halted : Promise.race([consensus.halted, supervisor.failed])
  halted.catch(() => {})
  const waiting = new AbortController()
  try {
    const until = AbortSignal.any([waiting.signal, options.stopping])
    if (supervisor !== undefined) await Promise.race([rpcAnswers(rpcUrl, until), halted])
  } catch (error) {
    await closeConsensus()
    throw error
  } finally {
    waiting.abort()
  }

  function restart(): void {
    writeHome(configuration, home, { isGuest, isPaced: pace.isPaced() })
    void supervisor?.restart(GRACE_MS)
  }

  function vote(): void {
    isGuest = false
    restart()
  }

  function changePace(): void {
    logger.info({ isPaced: pace.isPaced() }, 'CometBFT is started again for another pause after each block')
    restart()
  }

  function unstick(place: string): void {
    logger.error({ place }, 'CometBFT waits for votes though enough nodes are there: it is started again')
    void supervisor?.restart(GRACE_MS)
  }

  const endStuck =
    supervisor === undefined
      ? () => {}
      : watchStuck({ rpc: lightRpc.call, voters: () => options.validators().length }, unstick)
  const endWatch = isGuest ? followFirst(options, vote) : () => {}
  const endPace = supervisor === undefined ? () => {} : pace.watch(changePace)
  const joinFile = () => joinFileOf({ ...home, nodeSeed: home.nodeSeed(), configuration, nowMs: Date.now() })
  const close = async () => {
    endWatch()
    endPace()
    endStuck()
    await closeConsensus()
  }
  const watched = watchedOf(configuration)
  return { consensus, joinFile, lightRpc: lightRpc.call, keptPath: lightPath.path, watched, halted, close }
}

/** A key that was put into the folder: the node follows without it until others have made blocks without it, too. */
function followFirst(options: EngineOptions, onQuiet: () => void): () => void {
  const { home, committed, block, validators, logger } = options
  const publicKey = publicKeyToText(publicKeyFromSeed(home.validatorSeed))
  const words = `this key was not made in this folder: the node follows, and votes once ${QUIET_BLOCKS} blocks have come without it`
  logger.warn({ publicKey }, words)
  const watched = { publicKey, height: () => committed().height, block, validators, logger }
  return watchKey(watched, () => {
    home.noteKeyUnused()
    logger.warn({ publicKey }, `${QUIET_BLOCKS} blocks have come without this key: the node begins with its votes`)
    onQuiet()
  })
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

/** What this node is among those who vote. */
function roleOf({ home, validators }: EngineOptions): { isSole(): boolean; isVoter(): boolean } {
  const ownKey = publicKeyToText(publicKeyFromSeed(home.validatorSeed))
  const isVoter = () => validators().some(({ publicKey }) => publicKey === ownKey)
  return { isVoter, isSole: () => validators().length === 1 && isVoter() }
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

/** The RPC itself stays on loopback, since it takes transactions from anybody; reading is handed on. */
function createLightRpc(url: string): { readonly call: LightRpc; close(): void } {
  const rpc = createRpc(url)
  const call: LightRpc = async (method, params) => {
    try {
      const [answer] = await rpc.callAll([{ method, params }])
      return answer ?? { ok: false, error: 'no answer' }
    } catch (error) {
      if (error instanceof RpcError) return { ok: false, error: error.message }
      throw error
    }
  }
  return { call, close: rpc.close }
}

function startNoted(binary: string, cometHome: string, logger: EngineOptions['logger']) {
  const child = startChild(binary, cometHome, logger)
  if (child.pid > 0) notePid(cometHome, child.pid)
  return child
}
