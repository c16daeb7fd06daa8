import { type ChildProcess, spawn } from 'node:child_process'

export interface StartCometBftOptions {
  /** Path of the program, see `cometBftBinary`. */
  readonly binary: string
  /** Its home folder, with the files of `cometHome`. */
  readonly home: string
  /** What it says, line by line as it comes; nothing is kept here. */
  readonly onOutput?: (chunk: Buffer) => void
  readonly env?: NodeJS.ProcessEnv
}

export interface RunningCometBft {
  readonly pid: number
  readonly process: ChildProcess
  /** Resolves when the process is gone. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
  /** Ends it (SIGTERM; SIGKILL after `graceMs`, default 5,000) and waits until it is gone. */
  stop(graceMs?: number): Promise<void>
}

/** Starts the process, which goes on until it is stopped or loses its application. Nobody restarts it here. */
export function startCometBft({ binary, home, onOutput, env }: StartCometBftOptions): RunningCometBft {
  const child = spawn(binary, ['start', '--home', home], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  child.stdout.on('data', (chunk: Buffer) => onOutput?.(chunk))
  child.stderr.on('data', (chunk: Buffer) => onOutput?.(chunk))
  const { promise: ended, resolve, reject } = Promise.withResolvers<Awaited<RunningCometBft['ended']>>()
  child.once('exit', (code, signal) => resolve({ code, signal }))
  child.once('error', reject)
  ended.catch(() => {})

  async function stop(graceMs = 5_000): Promise<void> {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    const timeout = setTimeout(() => child.kill('SIGKILL'), graceMs)
    await ended.finally(() => clearTimeout(timeout))
  }

  return { pid: child.pid ?? 0, process: child, ended, stop }
}
