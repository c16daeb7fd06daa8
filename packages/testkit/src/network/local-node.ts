import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('./icn-node.js', import.meta.resolve('@icn/node/launch')))
/** What a node said last, for the error of one that ends. */
const KEPT_BYTES = 8_192

/** What is other at one start of a process. */
export interface StartOptions {
  /** Variables beside those of this process. */
  readonly environment?: NodeJS.ProcessEnv
  /** Options of the Node runtime, before the script. */
  readonly runtime?: readonly string[]
  /** Path of another program than `icn-node`, with its commands. */
  readonly main?: string
}

/** One node of a network on this machine, as a process that can be ended in every way. */
export interface LocalNode {
  readonly home: string
  /** `http://127.0.0.1:7420`; the same after every start. @throws before the first one */
  readonly url: () => string
  /** Of the process; `undefined` while it does not run. */
  readonly pid: () => number | undefined
  /** Of its CometBFT; `undefined` where none is noted in the folder. */
  readonly cometBftPid: () => number | undefined
  /** Its log so far, the end of it. */
  readonly log: () => string
  /** Starts it, and waits for its ready line. @throws where it ends before */
  start(flags?: readonly string[], options?: StartOptions): Promise<void>
  /** Sends a signal and waits for the end. Answers the exit code, `null` where the signal ended it. */
  end(signal: NodeJS.Signals): Promise<number | null>
  /** Resolves with the exit code when it ends. */
  ended(): Promise<number | null>
}

/**
 * @param fixed - flags of every start
 * @param env - added to this process's environment
 * @param prefix - a program that becomes the node's process, with its arguments
 */
export function createLocalNode(
  home: string,
  fixed: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
  prefix: readonly string[] = [],
): LocalNode {
  let child: ChildProcess | undefined
  let exit: Promise<number | null> = Promise.resolve(null)
  let address: string | undefined
  let log = ''

  async function start(flags: readonly string[] = [], options: StartOptions = {}): Promise<void> {
    const { environment = {}, runtime = [], main = MAIN } = options
    // In a group of its own: Ctrl-C reaches whoever started the network, and that one ends its nodes in order.
    const command = [process.execPath, ...runtime, main, 'start', '--home', home, ...fixed, ...flags]
    const [program = process.execPath, ...args] = [...prefix, ...command]
    const own = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: { ...process.env, ...env, ...environment },
    })
    child = own
    exit = once(own, 'exit').then(([code]) => {
      child = undefined
      return code as number | null
    })
    own.stderr.on('data', (text) => (log = (log + text).slice(-KEPT_BYTES)))
    for await (const line of createInterface({ input: own.stdout })) {
      const [, url] = /^ready (\S+) network=\S+ height=\d+$/.exec(line) ?? []
      if (url === undefined) continue
      address = url
      own.stdout.resume()
      return
    }
    throw new Error(`the node in ${home} ended with ${await exit} before it was ready:\n${log}`)
  }

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    child?.kill(signal)
    return exit
  }

  return {
    home,
    url: () => {
      if (address === undefined) throw new Error(`the node in ${home} was never started`)
      return address
    },
    pid: () => child?.pid,
    cometBftPid: () => readPid(join(home, 'cometbft', 'cometbft.pid')),
    log: () => log,
    start,
    end,
    ended: () => exit,
  }
}

/** The node may be writing it at this moment. */
function readPid(file: string): number | undefined {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  return text.endsWith('\n') ? Number(text) : undefined
}
