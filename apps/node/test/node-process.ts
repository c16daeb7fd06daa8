import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

const MAIN = new URL('../bin/icn-node.js', import.meta.url).pathname

export interface NodeProcess {
  readonly url: string
  readonly network: string
  readonly height: number
  readonly child: ChildProcess
  /** Ends it with a signal; answers the exit code, `null` where the signal ended it. */
  readonly end: (signal: NodeJS.Signals) => Promise<number | null>
}

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs `icn-node` until it ends by itself. @param main - another program with its commands */
export async function runNode(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  main = MAIN,
): Promise<Ended> {
  const child = spawn(process.execPath, [main, ...args], { env: { ...process.env, ...environment } })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (text) => (stdout += text))
  child.stderr.on('data', (text) => (stderr += text))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout, stderr }
}

/** Starts a node and waits for its ready line. @throws where the process ends before */
export async function startProcess(home: string, flags: readonly string[] = []): Promise<NodeProcess> {
  const args = [MAIN, 'start', '--home', home, '--http-port', '0', '--log-level', 'warn', ...flags]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let stderr = ''
  child.stderr.on('data', (text) => (stderr += text))
  const exited = once(child, 'exit') as Promise<[number | null]>
  for await (const line of createInterface({ input: child.stdout })) {
    const [, url, network, height] = /^ready (\S+) network=(\S+) height=(\d+)$/.exec(line) ?? []
    if (url === undefined || network === undefined) continue
    child.stdout.resume()
    const end = async (signal: NodeJS.Signals) => {
      child.kill(signal)
      const [code] = await exited
      return code
    }
    return { url, network, height: Number(height), child, end }
  }
  const [code] = await exited
  throw new Error(`the node ended with ${code} before it was ready: ${stderr}`)
}
