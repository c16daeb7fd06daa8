import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import type { Mesh } from './mesh.ts'

/** Set in a process that has a network and mounts of its own. */
const INSIDE = 'CHAOS_INSIDE'
const [TOGETHER, APART, HARNESS] = ['together', 'apart', 'harness'] as const
/** `ip netns` keeps its names in /run, which belongs to the machine. */
const PREPARE = 'mount -t tmpfs none /run && ip link set lo up && exec "$@"'
/** Nodes reach each other in the one network, and the harness reaches all of them in the other, whatever is cut. */
const [NODES, HTTP] = ['10.77.0', '10.78.0'] as const
const OWN = 254

/** Why this machine has no network namespaces for this user; `undefined` where it has. */
export function lackOfNamespaces(): string | undefined {
  const tried = spawnSync('unshare', [...unshareFlags(), 'ip', 'link', 'add', TOGETHER, 'type', 'bridge'])
  return tried.status === 0 ? undefined : `no network namespaces here: ${tried.error?.message ?? tried.stderr}`
}

/** Runs this very command in a network and with mounts of its own: nothing of the machine's is touched. Answers its exit code. */
export async function runInside(): Promise<number> {
  const args = [...unshareFlags(), 'sh', '-c', PREPARE, 'sh', process.execPath, ...process.argv.slice(1)]
  const child = spawn('unshare', args, { stdio: 'inherit', env: { ...process.env, [INSIDE]: '1' } })
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
  const [code] = await once(child, 'exit')
  return (code as number | null) ?? 1
}

export function isInside(): boolean {
  return process.env[INSIDE] === '1'
}

/** Who is not root is so in a namespace of users. */
function unshareFlags(): string[] {
  return ['--net', '--mount', ...(process.getuid?.() === 0 ? [] : ['--map-root-user'])]
}

/**
 * Each node in a network namespace of its own, connected by a bridge; whoever is cut off is put at another one.
 *
 * @param targets - P2P port of each node, by its place
 */
export function openNamespaces(count: number, targets: (index: number) => number): Mesh {
  for (const bridge of [TOGETHER, APART, HARNESS]) {
    run('ip', 'link', 'add', bridge, 'type', 'bridge')
    run('ip', 'link', 'set', bridge, 'up')
  }
  run('ip', 'addr', 'add', `${HTTP}.${OWN}/24`, 'dev', HARNESS)
  for (let index = 0; index < count; index++) {
    run('ip', 'netns', 'add', spaceOf(index))
    run('ip', '-n', spaceOf(index), 'link', 'set', 'lo', 'up')
    connect(index, `n${index}`, TOGETHER, `${NODES}.${index + 1}`)
    connect(index, `h${index}`, HARNESS, `${HTTP}.${index + 1}`)
  }

  return {
    cuts: ['silent'],
    addressOf: (_, to) => `${NODES}.${to + 1}:${targets(to)}`,
    prefixOf: (index) => ['ip', 'netns', 'exec', spaceOf(index)],
    flagsOf: (index) => ['--http-host', `${HTTP}.${index + 1}`, '--cometbft-p2p-host', `${NODES}.${index + 1}`],
    part: (one) => {
      for (const index of one) run('ip', 'link', 'set', `n${index}`, 'master', APART)
    },
    heal: () => {
      for (let index = 0; index < count; index++) run('ip', 'link', 'set', `n${index}`, 'master', TOGETHER)
    },
    close: async () => {
      for (let index = 0; index < count; index++) run('ip', 'netns', 'delete', spaceOf(index))
      for (const bridge of [TOGETHER, APART, HARNESS]) run('ip', 'link', 'delete', bridge)
    },
  }
}

function spaceOf(index: number): string {
  return `node${index + 1}`
}

/** A cable from a bridge into the namespace of a node. */
function connect(index: number, name: string, bridge: string, address: string): void {
  const space = spaceOf(index)
  run('ip', 'link', 'add', name, 'type', 'veth', 'peer', 'name', 'cable', 'netns', space)
  run('ip', '-n', space, 'link', 'set', 'cable', 'name', bridge)
  run('ip', 'link', 'set', name, 'master', bridge)
  run('ip', 'link', 'set', name, 'up')
  run('ip', '-n', space, 'addr', 'add', `${address}/24`, 'dev', bridge)
  run('ip', '-n', space, 'link', 'set', bridge, 'up')
}

function run(program: string, ...args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed: ${error?.message ?? stderr}`)
}
