import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { createClient } from '@icn/sdk'
import type { Polls } from './polls.ts'

const NODE = new URL('../../apps/node/bin/icn-node.js', import.meta.url).pathname
const DAY_MS = 86_400_000

/** A fresh node alone, whose block time is put forward to the end of voting. */
export async function openOneNode(home: string): Promise<Polls> {
  const args = [NODE, 'start', '--home', home, '--http-port', '0', '--dev-clock', '--log-level', 'warn']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const client = createClient({ url: await urlOf(child) })
  return {
    clients: [client],
    votingMs: () => DAY_MS / 2,
    onBallot: () => {},
    close: async () => void (await client.call('advanceClock', { body: { advanceMs: DAY_MS } })),
    report: async () => [],
    stop: () => stop(child),
  }
}

async function urlOf({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('the node has no output')
  for await (const line of createInterface({ input: stdout })) {
    const url = /^ready (\S+)/.exec(line)?.[1]
    if (url !== undefined) {
      stdout.resume()
      return url
    }
  }
  throw new Error('the node ended before it was ready')
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}
