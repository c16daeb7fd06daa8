import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { cpuMs, residentMb } from '../process-figures.ts'

export interface NodeProcess {
  readonly url: string
  /** From spawn to the ready line. */
  readonly readyMs: number
  readonly residentMb: () => number
  /** User and system time of the process so far. */
  readonly cpuMs: () => number
  readonly stop: () => Promise<void>
}

/** Starts the real process on a data folder and waits for its ready line. */
export async function startNodeProcess(home: string): Promise<NodeProcess> {
  const startMs = performance.now()
  const main = new URL('../../apps/node/bin/icn-node.js', import.meta.url).pathname
  const args = [
    main,
    'start',
    '--home',
    home,
    '--http-port',
    '0',
    '--log-level',
    'warn',
    '--http-requests-per-second',
    '1000000',
  ]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const url = await readyUrl(child)
  const readyMs = performance.now() - startMs
  return {
    url,
    readyMs,
    residentMb: () => residentMb(child.pid ?? 0),
    cpuMs: () => cpuMs(child.pid ?? 0),
    stop: async () => {
      if (child.exitCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}

async function readyUrl(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('the node has no output')
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^ready (\S+)/.exec(line)?.[1]
    if (url !== undefined) {
      child.stdout.resume()
      return url
    }
  }
  throw new Error('the node ended before it was ready')
}
