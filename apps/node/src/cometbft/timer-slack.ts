import { readFileSync, writeFileSync } from 'node:fs'

const FILE = '/proc/self/timerslack_ns'
/**
 * Linux may wake a sleeping thread so much later, and then several together. CometBFT's consensus looks at itself every
 * 0.1 ms whether or not anything happens; with 2 ms an idle one takes 2.1 % of a core instead of 3.8 %, and votes come no
 * later (docs/network-speed.md).
 */
const SLACK_NS = 2_000_000

/**
 * Runs something that starts a process, which inherits the slack; that of this process is the same afterwards. Where the
 * system knows no such setting, the process starts without it.
 *
 * @see proc_pid_timerslack_ns(5), PR_SET_TIMERSLACK in prctl(2)
 */
export function withTimerSlack<T>(start: () => T): T {
  const before = setSlack(String(SLACK_NS))
  try {
    return start()
  } finally {
    if (before !== undefined) setSlack(before)
  }
}

/** @returns what it was; `undefined` where it cannot be set */
function setSlack(value: string): string | undefined {
  try {
    const before = readFileSync(FILE, 'utf8').trim()
    writeFileSync(FILE, value)
    return before
  } catch {
    return undefined
  }
}
