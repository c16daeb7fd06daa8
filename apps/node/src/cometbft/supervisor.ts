import type { Logger } from 'pino'
import type { CometBftEnd, CometBftProcess } from './child.ts'

/** Keeps one CometBFT process running beside this node. */
export interface Supervisor {
  /** Rejects with `CometBftKeepsEnding`; never resolves. */
  readonly failed: Promise<never>
  /** The process that runs now; `undefined` between two. */
  readonly pid: () => number | undefined
  /** How often it was started again. */
  readonly restarts: () => number
  /** Ends it and starts it again at once, at the latest after `graceMs` with SIGKILL. */
  restart(graceMs: number): Promise<void>
  /** Ends it for good, at the latest after `graceMs` with SIGKILL. */
  close(graceMs: number): Promise<void>
}

/** CometBFT ended by itself again and again; its last lines say why. The process ends with 69. */
export class CometBftKeepsEnding extends Error {
  override readonly name = 'CometBftKeepsEnding'
  readonly code = 'COMETBFT_KEEPS_ENDING'

  constructor(times: number, { code, lastLines }: CometBftEnd) {
    super(`CometBFT ended ${times} times soon after its start, the last time with ${code}:\n${lastLines.join('\n')}`)
  }
}

/** Whoever ends within this time of its start did not really run. */
const QUICK_MS = 10_000
const MOST_QUICK_ENDS = 5
const FIRST_PAUSE_MS = 200
const LONGEST_PAUSE_MS = 5_000

/**
 * Starts CometBFT, and starts it again when it ends: at once after a while of work, later and later after quick ends. The
 * application goes on listening meanwhile. Ends of its own that come soon after each start give up; a signal from outside
 * (an operator, a lack of memory) is no fault that a further start would repeat, and is only waited out.
 */
export function supervise(start: () => CometBftProcess, logger: Logger): Supervisor {
  const { promise: failed, reject: fail } = Promise.withResolvers<never>()
  failed.catch(() => {})
  let child: CometBftProcess | undefined
  let pause: NodeJS.Timeout | undefined
  let closing = false
  let isAsked = false
  let starts = 0
  /** Since the last time that it worked for a while. */
  let quickEnds = 0
  let ownQuickEnds = 0

  function run(): void {
    starts++
    child = start()
    logger.info({ cometBftPid: child.pid }, 'CometBFT started')
    void child.ended.then(onEnd)
  }

  function onEnd(end: CometBftEnd): void {
    child = undefined
    if (closing) return
    if (isAsked) {
      isAsked = false
      run()
      return
    }
    const isQuick = end.livedMs < QUICK_MS
    quickEnds = isQuick ? quickEnds + 1 : 0
    ownQuickEnds = isQuick ? ownQuickEnds + (end.isOwnFault ? 1 : 0) : 0
    if (ownQuickEnds >= MOST_QUICK_ENDS) {
      fail(new CometBftKeepsEnding(ownQuickEnds, end))
      return
    }
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** Math.max(0, quickEnds - 1), LONGEST_PAUSE_MS)
    logger.error({ ...end, pauseMs }, 'CometBFT ended; it is started again')
    pause = setTimeout(run, pauseMs)
  }

  async function restart(graceMs: number): Promise<void> {
    // One that has ended by itself is about to start.
    isAsked = child !== undefined
    await child?.stop(graceMs)
  }

  async function close(graceMs: number): Promise<void> {
    closing = true
    clearTimeout(pause)
    await child?.stop(graceMs)
  }

  run()
  return { failed, pid: () => child?.pid, restarts: () => starts - 1, restart, close }
}
