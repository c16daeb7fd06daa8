import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type LocalNetwork, type LocalNode, startNetwork } from '@icn/testkit/network'
import { type Disk, mountDisk } from './disk.ts'
import { type Mesh, openMesh } from './mesh.ts'
import { openNamespaces } from './namespaces.ts'

/** A network to be harmed: real nodes with real CometBFTs, whose ways to each other can be cut. */
export interface Field {
  readonly folder: string
  readonly network: LocalNetwork
  readonly nodes: readonly LocalNode[]
  readonly mesh: Mesh
  /** A small disk of its own under the last node; `undefined` where this machine does not allow one. */
  readonly disk: Disk | undefined
  /** Nodes that a fault brought in: they end with the network. */
  readonly guests: LocalNode[]
  close(): Promise<void>
}

/** Voting goes on for years of blocks: no fault may be hidden by an allowance that is used up. */
const PLENTY = { burst: 1_000_000_000, perHour: 1_000_000_000 }
/** A clock that is an hour behind must not be behind the beginning of the network. */
const AGE_MS = 7_200_000
/** Blocks come this often without votes, so that whoever lags sees that it does. */
const IDLE_MS = 1_000

export interface FieldOptions {
  readonly folder: string
  readonly validators: number
  /** The real program; nodes run it through a script that can be told to break one start of it. */
  readonly cometBft: string
  /** Each node in a network namespace of its own, instead of proxies between them. */
  readonly withNamespaces: boolean
}

export async function openField({ folder, validators, cometBft, withNamespaces }: FieldOptions): Promise<Field> {
  const homeOf = (index: number) => join(folder, `node${index + 1}`)
  const open = withNamespaces ? openNamespaces : openMesh
  const mesh = await open(validators, (index) => portIn(homeOf(index)))
  const disk = mountDisk(homeOf(validators - 1))
  const wrapper = writeWrapper(folder, cometBft)
  const flags = ['--log-level', 'warn', '--consensus-idle-ms', String(IDLE_MS), '--cometbft-binary', wrapper]
  try {
    const network = await startNetwork({
      folder,
      validators,
      ageMs: AGE_MS,
      params: { memberAllowance: PLENTY, strangerAllowance: PLENTY },
      flags,
      flagsOf: (index) => [...mesh.flagsOf(index), ...waysOf(homeOf(index), index, mesh)],
      prefixOf: mesh.prefixOf,
    })
    const guests: LocalNode[] = []
    const close = async () => {
      for (const node of network.nodes) resume(node)
      await Promise.all(guests.map((node) => node.end('SIGKILL')))
      await network.stop()
      await mesh.close()
      disk?.unmount()
    }
    return { folder, network, nodes: network.nodes, mesh, disk, guests, close }
  } catch (error) {
    await mesh.close()
    disk?.unmount()
    throw error
  }
}

/** A stopped process takes no other signal than this one and SIGKILL. */
export function resume(node: LocalNode): void {
  for (const pid of [node.pid(), node.cometBftPid()]) if (pid !== undefined) signal(pid, 'SIGCONT')
}

/** It may be gone by now. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** What the next start of a node's CometBFT, and that one alone, gets as variables. */
export function breakNextCometBft(node: LocalNode, variables: Readonly<Record<string, string>>): void {
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${value}\n`)
  writeFileSync(join(node.home, 'cometbft', ONCE), lines.join(''))
}

const ONCE = 'chaos.env'

/** The node runs the real program by a script, since CometBFT reads FAIL_TEST_INDEX anew at each of its starts. */
function writeWrapper(folder: string, cometBft: string): string {
  const file = join(folder, 'cometbft.sh')
  const once = `if [ "$1" = start ] && [ -f "$3/${ONCE}" ]; then . "$3/${ONCE}"; rm "$3/${ONCE}"; fi`
  writeFileSync(file, `#!/bin/sh\n${once}\nexec "\${CHAOS_COMETBFT:-${cometBft}}" "$@"\n`)
  chmodSync(file, 0o755)
  return file
}

/** Every peer is dialled through the mesh, and no address is told by which others would reach this node past it. */
function waysOf(home: string, index: number, mesh: Mesh): string[] {
  const [, list = ''] = /^peers = "(.*)"$/m.exec(configOf(home)) ?? []
  const peers = list.split(',').filter((peer) => peer !== '')
  const ways = peers.map((peer, place) => {
    const other = place < index ? place : place + 1
    return `${peer.slice(0, peer.indexOf('@'))}@${mesh.addressOf(index, other)}`
  })
  return ['--cometbft-external-address', NOWHERE, ...(ways.length === 0 ? [] : ['--cometbft-peers', ways.join(',')])]
}

/** Nobody listens on the discard port. */
const NOWHERE = '127.0.0.1:9'

function portIn(home: string): number {
  return numberIn(home, 'p2pPort')
}

/** A port that the folder's configuration names. */
export function numberIn(home: string, key: 'p2pPort' | 'rpcPort'): number {
  return Number(new RegExp(`^${key} = (\\d+)$`, 'm').exec(configOf(home))?.[1])
}

function configOf(home: string): string {
  const file = join(home, 'config.toml')
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}
