import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { nodeId } from '@icn/consensus/cometbft'
import { publicKeyFromSeed } from '@icn/crypto'
import { keepFounderKey, makeKeys, makeNetworkFolder, newGenesis } from '@icn/node/setup'
import { type Genesis, type GenesisFederation, type NetworkParams, parseGenesis, publicKeyToText } from '@icn/protocol'
import { createLocalNode, type LocalNode } from './local-node.ts'
import { freePorts, type NodePorts, portsFrom } from './ports.ts'
import { until } from './until.ts'

export interface LocalNetworkOptions {
  /** Where the nodes' folders `node1`, `node2` … stand; a network that is there already goes on. */
  readonly folder: string
  readonly validators: number
  /** Nodes that follow without a vote; they come after the validators. */
  readonly observers?: number
  /** Ports as `portsFrom`; without it free ones are taken. */
  readonly basePort?: number
  readonly params?: Partial<NetworkParams>
  /** Who decides about validators; without it whoever holds the key in the file `founder-key` of the folder. */
  readonly federation?: GenesisFederation
  /** How long ago the network began; CometBFT waits where its clock is behind that. */
  readonly ageMs?: number
  /** Flags of every node at every start. */
  readonly flags?: readonly string[]
  /** Further flags of one node, by its place from 0. */
  readonly flagsOf?: (index: number) => readonly string[]
  /** What starts the process of a node, by its place, such as `ip netns exec NAME`; nothing where it is left out. */
  readonly prefixOf?: (index: number) => readonly string[]
  /** Added to the environment of every node, and so of its CometBFT. */
  readonly env?: NodeJS.ProcessEnv
  /** Called with each new folder before its node starts; every node must begin with the same state. */
  readonly onNewFolder?: (home: string) => void
}

/** Nodes and CometBFT processes on loopback that follow one genesis. */
export interface LocalNetwork {
  readonly genesis: Genesis
  readonly nodes: readonly LocalNode[]
  /** Waits until every node that runs has committed this height. */
  reach(height: number, timeoutMs?: number): Promise<void>
  /** Ends every node with SIGTERM and waits until it and its CometBFT are gone. */
  stop(): Promise<void>
}

const READY_MS = 60_000

/** Starts a network and waits for its first block. Whatever was started is ended where a later step fails. */
export async function startNetwork(options: LocalNetworkOptions): Promise<LocalNetwork> {
  const { folder, flags = [], flagsOf, prefixOf, env } = options
  const homes = existsSync(join(folder, 'node1', 'genesis.json')) ? foldersIn(folder) : await layOut(options)
  const genesis = parseGenesis(readFileSync(join(homes[0] ?? '', 'genesis.json'), 'utf8'))
  const nodes = homes.map((home, index) =>
    createLocalNode(home, [...flags, ...(flagsOf?.(index) ?? [])], env, prefixOf?.(index)),
  )

  async function reach(height: number, timeoutMs = READY_MS): Promise<void> {
    const running = nodes.filter((node) => node.pid() !== undefined)
    await Promise.all(
      running.map((node) =>
        until(`height ${height} in ${node.home}`, async () => (await heightOf(node)) >= height, timeoutMs),
      ),
    )
  }

  async function stop(): Promise<void> {
    await Promise.all(nodes.map((node) => node.end('SIGTERM')))
    for (const node of nodes) {
      const pid = node.cometBftPid()
      if (pid !== undefined) await until(`the end of process ${pid}`, async () => !isAlive(pid))
    }
  }

  try {
    await Promise.all(nodes.map((node) => node.start()))
    await reach(1)
    return { genesis, nodes, reach, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function foldersIn(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => /^node\d+$/.test(name))
  return names.sort((a, b) => Number(a.slice(4)) - Number(b.slice(4))).map((name) => join(folder, name))
}

const NAME = 'Local network'

async function layOut(options: LocalNetworkOptions): Promise<string[]> {
  const { folder, validators, observers = 0, basePort, params, onNewFolder } = options
  const count = validators + observers
  const homes = Array.from({ length: count }, (_, index) => join(folder, `node${index + 1}`))
  const ports = basePort === undefined ? await freePorts(count) : homes.map((_, index) => portsFrom(basePort, index))
  const keys = homes.map(makeKeys)
  const voters = keys.slice(0, validators).map(({ validatorSeed }, index) => {
    return { name: `Validator ${index + 1}`, publicKey: publicKeyToText(publicKeyFromSeed(validatorSeed)), power: 1 }
  })
  const federation = options.federation ?? { name: NAME, members: [keepFounderKey(join(folder, 'founder-key'))] }
  const drawn = newGenesis(NAME, Date.now() - (options.ageMs ?? 0), voters, federation)
  const genesis: Genesis = { ...drawn, params: { ...drawn.params, ...params } }
  const addresses = keys.map(({ nodeSeed }, index) => `${nodeId(nodeSeed)}@127.0.0.1:${ports[index]?.p2p}`)
  for (const [index, home] of homes.entries()) {
    const peers = addresses.filter((_, other) => other !== index)
    makeNetworkFolder(home, settingsOf(ports[index] as NodePorts, peers), () => genesis)
    onNewFolder?.(home)
  }
  return homes
}

function settingsOf({ http, p2p, rpc, metrics }: NodePorts, peers: readonly string[]) {
  return {
    'http.port': http,
    'cometbft.p2pHost': '127.0.0.1',
    'cometbft.p2pPort': p2p,
    'cometbft.externalAddress': `127.0.0.1:${p2p}`,
    'cometbft.rpcPort': rpc,
    'cometbft.metricsPort': metrics,
    'cometbft.privateNetwork': true,
    'cometbft.peers': peers.join(','),
  }
}

async function heightOf(node: LocalNode): Promise<number> {
  const answer = await fetch(`${node.url()}/v1/network`)
  return ((await answer.json()) as { height: number }).height
}

/** A signal of 0 reaches whoever is there, and does nothing. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
