import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { LocalNode } from '@icn/testkit/network'
import type { Setup } from '../setup-cometbft.ts'
import { numberIn } from './field.ts'
import type { EntryGroup } from './hostile-entries.ts'

const SOURCE = fileURLToPath(new URL('./hostile-peer/', import.meta.url))
const BUILT = fileURLToPath(new URL('../../.cache/hostile-peer/', import.meta.url))

/** Where it is, or would be: each state of its source has a place of its own. */
function hostilePeerBinary(): string {
  const hash = createHash('sha256')
  for (const name of readdirSync(SOURCE).sort()) hash.update(name).update(readFileSync(join(SOURCE, name)))
  return join(BUILT, hash.digest('hex').slice(0, 16), 'hostile-peer')
}

/** Builds the peer with Go against the pinned CometBFT; one that is there already is kept. */
export function setUpHostilePeer(): Setup {
  const path = hostilePeerBinary()
  if (existsSync(path)) return { ok: true, path }
  if (spawnSync('go', ['version']).status !== 0)
    return { ok: false, reason: 'the peer is built with Go, and there is no go on the PATH' }
  mkdirSync(dirname(path), { recursive: true })
  const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-trimpath' }
  const { status, stderr } = spawnSync('go', ['build', '-o', path, '.'], { cwd: SOURCE, env, encoding: 'utf8' })
  return status === 0 ? { ok: true, path } : { ok: false, reason: `go build in ${SOURCE} failed:\n${stderr}` }
}

export function lackOfHostilePeer(): string | undefined {
  return existsSync(hostilePeerBinary()) ? undefined : 'there is no such peer: it is built with Go'
}

export function peerAddress({ home }: LocalNode): string {
  return `127.0.0.1:${numberIn(home, 'p2pPort')}`
}

/** What it is told to do; `main.go` has it from the standard input. */
export interface HostileTask {
  /** Chain id. */
  readonly network: string
  readonly seed: number
  /** Where nodes listen for peers, `host:port`; they are visited in turns, and every attack is made at least once. */
  readonly addresses: readonly string[]
  readonly groups: readonly EntryGroup[]
  /** Where strangers take every place for peers, and stay. */
  readonly crowded: readonly string[]
}

/** What became of one attack, as the peer prints it. */
interface Attack {
  readonly name: string
  readonly connections: number
  /** Messages with which the node ended the connection. */
  readonly thrownOut: number
  readonly messages: number
  readonly bytes: number
  /** Why no connection came about; empty where one did. */
  readonly refused: string
}

export interface HostileReport {
  /** Ways to be no good peer that were tried, each once or more often. */
  readonly attacks: number
  readonly connections: number
  readonly thrownOut: number
  readonly messages: number
  readonly bytes: number
  /** Attacks that were not let in. */
  readonly refused: number
  /** What came last, in words, for somebody who looks for what broke something. */
  readonly last: readonly string[]
}

const LAST = 24

export interface HostilePeer {
  /** Tells it to end, and waits until every attack was made. @throws where it ends with anything but 0 */
  end(): Promise<HostileReport>
  /** Ends it at once; it may have ended. */
  kill(): void
}

export function startHostilePeer({ groups, ...task }: HostileTask): HostilePeer {
  const child = spawn(hostilePeerBinary(), { stdio: ['pipe', 'pipe', 'pipe'] })
  const ended = once(child, 'close')
  let trouble = ''
  child.stderr.on('data', (text) => (trouble = (trouble + text).slice(-4_096)))
  child.stdin.on('error', () => {})
  child.stdin.write(`${JSON.stringify({ ...task, groups: groups.map(inBase64) })}\n`)
  const lines: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line))

  async function end(): Promise<HostileReport> {
    child.stdin.end()
    const [code] = await ended
    if (code !== 0) throw new Error(`the hostile peer ended with ${code}: ${trouble}`)
    return reportOf(lines)
  }

  return { end, kill: () => child.kill('SIGKILL') }
}

function inBase64({ name, entries }: EntryGroup) {
  return { name, entries: entries.map((entry) => Buffer.from(entry).toString('base64')) }
}

function reportOf(lines: readonly string[]): HostileReport {
  const results = lines.map((line) => JSON.parse(line) as Attack)
  const sum = (key: 'connections' | 'thrownOut' | 'messages' | 'bytes') =>
    results.reduce((total, result) => total + result[key], 0)
  return {
    attacks: new Set(results.map(({ name }) => name)).size,
    connections: sum('connections'),
    thrownOut: sum('thrownOut'),
    messages: sum('messages'),
    bytes: sum('bytes'),
    refused: results.filter(({ refused }) => refused !== '').length,
    last: lines.slice(-LAST),
  }
}
