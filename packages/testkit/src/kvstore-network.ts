import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { CometBftMissing, cometBftBinary } from '@icn/consensus/cometbft'
import { takePorts } from './network/take-ports.ts'

/** Why this machine cannot run CometBFT; `false` where it can. For the `skip` of a test. */
export const withoutCometbft: string | false = reasonWithout()

function reasonWithout(): string | false {
  try {
    cometBftBinary()
    return false
  } catch (error) {
    if (error instanceof CometBftMissing) return error.message
    throw error
  }
}

export interface KvstoreNode {
  readonly rpcUrl: string
  /** Base64, as the kvstore names validators. */
  readonly publicKey: string
  /** Kills the process of this node alone. */
  stop(): Promise<void>
}

export interface KvstoreNetwork {
  readonly nodes: readonly KvstoreNode[]
  /** Sets the power of a node by a transaction of the kvstore; effective two heights after the block that holds it. */
  setPower(node: number, power: number): Promise<void>
  height(): Promise<number>
  /** @throws Error where the height is not reached in 60 s */
  reach(height: number): Promise<void>
  close(): Promise<void>
}

/**
 * A network of CometBFT alone on loopback, with the kvstore that is part of it: real blocks with real signatures.
 *
 * @param options.validators - how many are validators at first, with power 1 each; the nodes after them are none
 * @param options.commitMs - pause between blocks
 */
export async function startKvstoreNetwork(options: {
  readonly validators: number
  readonly others?: number
  readonly commitMs: number
}): Promise<KvstoreNetwork> {
  const { validators, others = 0, commitMs } = options
  const folder = mkdtempSync(join(tmpdir(), 'icn-kvstore-'))
  const made = spawnSync(cometBftBinary(), ['testnet', '--v', `${validators}`, '--n', `${others}`, '--o', folder])
  if (made.status !== 0) throw new Error(`cometbft testnet: ${made.stderr}`)
  const homes = Array.from({ length: validators + others }, (_, index) => join(folder, `node${index}`))
  const places = await Promise.all(
    homes.map(async (home) => {
      const [p2p, rpc] = await takePorts(2)
      return { home, p2p, rpc }
    }),
  )
  const peers = places.map(({ home, p2p }) => `${nodeId(home)}@127.0.0.1:${p2p}`).join(',')
  const nodes = places.map(({ home, p2p, rpc }) => startNode(home, `${p2p}`, `${rpc}`, peers, commitMs))
  const [first] = nodes
  if (first === undefined) throw new Error('a network has a node')

  async function height(): Promise<number> {
    const answer = await fetch(`${first?.rpcUrl}/status`).catch(() => undefined)
    const { result } = ((await answer?.json()) ?? {}) as { result?: { sync_info: { latest_block_height: string } } }
    return Number(result?.sync_info.latest_block_height ?? 0)
  }

  return {
    nodes,
    height,
    setPower: async (node, power) => {
      const tx = `"val=ed25519!${nodes[node]?.publicKey}!${power}"`
      const answer = await fetch(`${first.rpcUrl}/broadcast_tx_commit?tx=${encodeURIComponent(tx)}`)
      const { error } = (await answer.json()) as { error?: unknown }
      if (error !== undefined) throw new Error(JSON.stringify(error))
    },
    reach: async (wanted) => {
      for (let waitedMs = 0; (await height()) < wanted; waitedMs += 100) {
        if (waitedMs > 60_000) throw new Error(`height ${wanted} is not reached; logs in ${folder}`)
        await pause(100)
      }
    },
    close: async () => {
      await Promise.all(nodes.map((node) => node.stop()))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function startNode(home: string, p2p: string, rpc: string, peers: string, commitMs: number): KvstoreNode {
  const config = join(home, 'config', 'config.toml')
  const text = readFileSync(config, 'utf8')
    .replace(/^timeout_commit = .*$/m, `timeout_commit = "${commitMs}ms"`)
    .replace(/^persistent_peers = .*$/m, `persistent_peers = "${peers}"`)
    .replace(/^pex = .*$/m, 'pex = false')
    .replace(/^indexer = .*$/m, 'indexer = "null"')
  writeFileSync(config, text)
  const log = openSync(join(home, 'log'), 'a')
  const listen = ['--p2p.laddr', `tcp://127.0.0.1:${p2p}`, '--rpc.laddr', `tcp://127.0.0.1:${rpc}`]
  const args = ['node', '--home', home, '--proxy_app', 'kvstore', '--log_level', 'error', ...listen]
  const child = spawn(cometBftBinary(), args, { stdio: ['ignore', log, log] })
  const key = JSON.parse(readFileSync(join(home, 'config', 'priv_validator_key.json'), 'utf8')) as {
    pub_key: { value: string }
  }
  return { rpcUrl: `http://127.0.0.1:${rpc}`, publicKey: key.pub_key.value, stop: () => stop(child) }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}

/** The address of the key that a node speaks with. */
function nodeId(home: string): string {
  const { priv_key } = JSON.parse(readFileSync(join(home, 'config', 'node_key.json'), 'utf8')) as {
    priv_key: { value: string }
  }
  const publicKey = Buffer.from(priv_key.value, 'base64').subarray(32)
  return createHash('sha256').update(publicKey).digest('hex').slice(0, 40)
}
