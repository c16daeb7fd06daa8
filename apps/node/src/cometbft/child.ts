import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Logger } from 'pino'
import { createLogLines } from './log-lines.ts'
import { withTimerSlack } from './timer-slack.ts'

/** How a CometBFT process came to its end. */
export interface CometBftEnd {
  /** `null` where a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly livedMs: number
  /** It ended by itself, or its consensus did; not where a signal from outside ended it. */
  readonly isOwnFault: boolean
  readonly lastLines: readonly string[]
}

export interface CometBftProcess {
  readonly pid: number
  /** Resolves when it is gone; never rejects. */
  readonly ended: Promise<CometBftEnd>
  /** Asks it to end, and ends it with SIGKILL after `graceMs`. */
  stop(graceMs: number): Promise<void>
}

/** What was written before the end is read in less. */
const OUTPUT_MS = 300

/**
 * CometBFT says so when it cannot go on (a full disk, a state that is not the others'); its process stays, takes transactions
 * and makes no block any more, also when the disk has room again.
 */
const CONSENSUS_ENDED = 'CONSENSUS FAILURE!!!'
const ENDED_GRACE_MS = 1_000

/**
 * Starts `cometbft start` on a home of its own, in a process group of its own: Ctrl-C in a terminal reaches the node alone,
 * which finishes the block before it stops CometBFT. When this process is gone, however, CometBFT loses its application
 * and ends by itself. Where its consensus has ended and its process has not, it is ended.
 */
export function startChild(binary: string, cometHome: string, logger: Logger): CometBftProcess {
  const startedMs = performance.now()
  const lines = createLogLines(logger)
  const child = withTimerSlack(() =>
    spawn(binary, ['start', '--home', cometHome], { stdio: ['ignore', 'pipe', 'pipe'], detached: true }),
  )
  let hasFailed = false
  for (const input of [child.stdout, child.stderr]) createInterface({ input }).on('line', take)
  const { promise: ended, resolve } = Promise.withResolvers<CometBftEnd>()
  const end = (code: number | null, signal: NodeJS.Signals | null) =>
    resolve({
      code,
      signal,
      livedMs: Math.round(performance.now() - startedMs),
      isOwnFault: hasFailed || signal === null,
      lastLines: lines.last(),
    })
  child.once('error', (error) => {
    lines.take(error.message)
    if (child.pid === undefined) end(127, null)
  })
  // 'close' and not 'exit': the last lines are those that say why. A process that it started may hold its output open.
  child.once('close', end)
  child.once('exit', () => {
    const timer = setTimeout(() => [child.stdout, child.stderr].map((output) => output.destroy()), OUTPUT_MS)
    child.once('close', () => clearTimeout(timer))
  })

  function take(line: string): void {
    lines.take(line)
    if (hasFailed || !line.includes(CONSENSUS_ENDED)) return
    hasFailed = true
    void stop(ENDED_GRACE_MS)
  }

  async function stop(graceMs: number): Promise<void> {
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), graceMs)
    await ended
    clearTimeout(timer)
  }

  return { pid: child.pid ?? 0, ended, stop }
}
