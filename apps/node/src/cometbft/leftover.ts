import { execFile } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'

const GRACE_MS = 3_000
const LOOK_MS = 50

/** Notes which process is the CometBFT of this folder, for the next start. */
export function notePid(cometHome: string, pid: number): void {
  writeFileSync(pidFile(cometHome), `${pid}\n`)
}

export function forgetPid(cometHome: string): void {
  rmSync(pidFile(cometHome), { force: true })
}

/**
 * Ends a CometBFT that an earlier process of this node left behind. It ends by itself when its application is gone; this
 * is for one that was stopped or hangs. The folder must be locked, so that no node is using it. A process that merely has
 * the noted number is left alone: only one that was started on this very folder counts.
 *
 * @returns its number, or `undefined` where none was left
 */
export async function endLeftover(cometHome: string): Promise<number | undefined> {
  const pid = readPid(cometHome)
  if (pid === undefined || !(await isOurs(pid, cometHome))) return undefined
  send(pid, 'SIGTERM')
  // A stopped process takes no other signal.
  send(pid, 'SIGCONT')
  const killAtMs = performance.now() + GRACE_MS
  while (await isOurs(pid, cometHome)) {
    if (performance.now() > killAtMs) send(pid, 'SIGKILL')
    await pause(LOOK_MS)
  }
  forgetPid(cometHome)
  return pid
}

/** It may be gone by now. */
function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function readPid(cometHome: string): number | undefined {
  const file = pidFile(cometHome)
  const text = existsSync(file) ? readFileSync(file, 'utf8').trim() : ''
  return /^[1-9]\d{0,9}$/.test(text) ? Number(text) : undefined
}

async function isOurs(pid: number, cometHome: string): Promise<boolean> {
  const words = await commandLine(pid)
  const at = words.indexOf('--home')
  return words.includes('start') && at !== -1 && words[at + 1] === cometHome
}

/** Words of the command of a process; none where it is gone (a zombie has none either). */
async function commandLine(pid: number): Promise<string[]> {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    const { stdout } = await promisify(execFile)('ps', ['-o', 'args=', '-p', String(pid)])
    return stdout.trim().split(' ')
  } catch {
    return []
  }
}

function pidFile(cometHome: string): string {
  return join(cometHome, 'cometbft.pid')
}
