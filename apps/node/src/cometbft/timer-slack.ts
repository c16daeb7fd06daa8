import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

const OWN = '/proc/self/timerslack_ns'
/**
 * Linux may wake a sleeping thread so much later, and then several together. CometBFT's consensus looks at itself every
 * 0.1 ms whether or not anything happens; with 2 ms an idle one takes 2.8 % of a core instead of 4.6 %, and votes come no
 * later (docs/network-speed.md).
 */
const BUSY_NS = 2_000_000
/** While nothing happens nobody waits for what comes later: 1.2 % of a core. */
const IDLE_NS = 20_000_000
const IDLE_AFTER_MS = 5_000
const LOOK_MS = 1_000

/**
 * Runs something that starts a process, which inherits the slack; that of this process is the same afterwards. Where the
 * system knows no such setting, the process starts without it.
 *
 * @see proc_pid_timerslack_ns(5), PR_SET_TIMERSLACK in prctl(2)
 */
export function withTimerSlack<T>(start: () => T): T {
  const before = setOwn(String(BUSY_NS))
  try {
    return start()
  } finally {
    if (before !== undefined) setOwn(before)
  }
}

/** @returns what it was; `undefined` where it cannot be set */
function setOwn(value: string): string | undefined {
  try {
    const before = readFileSync(OWN, 'utf8').trim()
    writeFileSync(OWN, value)
    return before
  } catch {
    return undefined
  }
}

export interface IdleSlack {
  /** Something happens: from this moment on it is woken as when it started. */
  wake(): void
  end(): void
}

/**
 * Lets CometBFT sleep longer where nothing has happened for five seconds.
 *
 * @param pid - of the CometBFT that runs now
 * @param onDenied - called once where this process may not (it takes `CAP_SYS_NICE`), and then nothing is done
 */
export function watchIdle(pid: () => number | undefined, onDenied: (error: unknown) => void): IdleSlack {
  let wokenMs = performance.now()
  /** Whose threads sleep longer now. */
  let idle: number | undefined

  function set(process: number, slackNs: number): void {
    try {
      for (const thread of readdirSync(`/proc/${process}/task`)) {
        writeFileSync(`/proc/${thread}/timerslack_ns`, String(slackNs))
      }
    } catch (error) {
      // One that has just ended has no threads; the next one starts busy.
      if ((error as NodeJS.ErrnoException).code !== 'EPERM') return
      clearInterval(timer)
      onDenied(error)
    }
  }

  function look(): void {
    const process = pid()
    if (process === undefined || process === idle || performance.now() - wokenMs < IDLE_AFTER_MS) return
    idle = process
    set(process, IDLE_NS)
  }

  function wake(): void {
    wokenMs = performance.now()
    if (idle === undefined) return
    set(idle, BUSY_NS)
    idle = undefined
  }

  const timer = setInterval(look, LOOK_MS)
  return { wake, end: () => clearInterval(timer) }
}
