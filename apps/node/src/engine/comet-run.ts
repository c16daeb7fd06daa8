import { publicKeyFromSeed } from '@icn/crypto'
import type { LightRpc } from '@icn/http-api'
import { publicKeyToText } from '@icn/protocol'
import { startChild } from '../cometbft/child.ts'
import { forgetPid, notePid } from '../cometbft/leftover.ts'
import { createPace } from '../cometbft/pace.ts'
import { isKeyDoubtful, prepareHome, rpcUrlOf, writeHome, writeHomeOnce } from '../cometbft/prepare.ts'
import { QUIET_BLOCKS, watchKey } from '../cometbft/put-key.ts'
import { rpcAnswers } from '../cometbft/rpc-answers.ts'
import { watchStuck } from '../cometbft/stuck.ts'
import { type Supervisor, supervise } from '../cometbft/supervisor.ts'
import { type IdleSlack, watchIdle } from '../cometbft/timer-slack.ts'
import type { EngineOptions } from './engine.ts'

/** The CometBFT beside this process: what it is started with, and what it has to begin anew for. With `consensus.external` an operator runs it. */
export interface CometRun {
  /** Whether this node votes, and nobody else does. */
  isAlone(): boolean
  /** Whether this node is one of those that propose blocks. */
  proposes(): boolean
  /**
   * Starts it, waits until it answers, and watches it from then on.
   *
   * @param broken - rejects where nothing is to be waited for any more
   * @throws CometBftKeepsEnding; what `broken` rejects with
   */
  start(broken: Promise<never>): Promise<void>
  /** Something happens: an idle CometBFT sleeps longer otherwise. */
  wake(): void
  /** Rejects with CometBftKeepsEnding; never resolves. */
  readonly failed: Promise<never>
  /** It is not begun anew any more; for a node that closes. */
  endWatches(): void
  /** Ends it. */
  stop(): Promise<void>
}

/** Closing a node takes at most five seconds; so long for CometBFT to end. */
const GRACE_MS = 1_500

/**
 * Writes the home of CometBFT.
 *
 * @param rpc - of this CometBFT
 * @throws CorruptData where the blocks of the state are not in CometBFT's data
 */
export function prepareComet(options: EngineOptions, rpc: LightRpc): CometRun {
  const { configuration, home, binary, committed, validators, stopping, logger } = options
  const { cometHome } = home
  const isExternal = configuration.values['consensus.external']
  let isGuest = !isExternal && isKeyDoubtful(configuration, home)
  const ownKey = publicKeyToText(publicKeyFromSeed(home.validatorSeed))
  const proposes = () => !isGuest && validators().some(({ publicKey }) => publicKey === ownKey)
  const isAlone = () => validators().length === 1 && proposes()
  const pace = createPace({ cometHome, isAlone, rpc })
  const { promise: failed, reject: fail } = Promise.withResolvers<never>()
  failed.catch(() => {})
  let supervisor: Supervisor | undefined
  let watches: readonly (() => void)[] = []
  let slack: IdleSlack | undefined

  if (isExternal) writeHomeOnce(configuration, home)
  else prepareHome(configuration, home, committed().height, { isGuest, isPaced: pace.isPaced() })

  async function start(broken: Promise<never>): Promise<void> {
    if (binary === undefined) return
    supervisor = supervise(() => startNoted(binary, cometHome, logger), logger)
    supervisor.failed.catch(fail)
    const waiting = new AbortController()
    try {
      const until = AbortSignal.any([waiting.signal, stopping])
      await Promise.race([rpcAnswers(rpcUrlOf(configuration), until), broken, failed])
    } finally {
      waiting.abort()
    }
    const words = 'CometBFT takes 2 % of a core more while nothing happens: this process lacks CAP_SYS_NICE'
    slack = watchIdle(supervisor.pid, (error) => logger.info({ error }, words))
    const powers = () => validators().map(({ power }) => power)
    watches = [
      watchStuck({ rpc, powers }, unstick),
      pace.watch(changePace),
      slack.end,
      ...(isGuest ? [followFirst(options, ownKey, vote)] : []),
    ]
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
    logger.error({ place }, 'CometBFT waits for votes though enough nodes may be there: it is started again')
    restart()
  }

  async function stop(): Promise<void> {
    await supervisor?.close(GRACE_MS)
    if (supervisor !== undefined) forgetPid(cometHome)
  }

  const endWatches = () => {
    for (const end of watches) end()
  }
  return { isAlone, proposes, start, wake: () => slack?.wake(), failed, endWatches, stop }
}

/** A key that was put into the folder: the node follows without it until others have made blocks without it, too. */
function followFirst(options: EngineOptions, publicKey: string, onQuiet: () => void): () => void {
  const { home, committed, block, validators, logger } = options
  const words = `this key was not made in this folder: the node follows, and votes once ${QUIET_BLOCKS} blocks have come without it`
  logger.warn({ publicKey }, words)
  const watched = { publicKey, height: () => committed().height, block, validators, logger }
  return watchKey(watched, () => {
    home.noteKeyUnused()
    logger.warn({ publicKey }, `${QUIET_BLOCKS} blocks have come without this key: the node begins with its votes`)
    onQuiet()
  })
}

function startNoted(binary: string, cometHome: string, logger: EngineOptions['logger']) {
  const child = startChild(binary, cometHome, logger)
  if (child.pid > 0) notePid(cometHome, child.pid)
  return child
}
