import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { createLocalNode, type LocalNode, type NodePorts } from '@icn/testkit/network'

/** Several operators with their data folders on one machine, for the tests of a file; afterwards everything ends and is gone. */
export interface Operators {
  /** For their data folders and wallets. */
  readonly folder: string
  /** Starts the node of a data folder. */
  start(home: string): Promise<LocalNode>
  /** Nodes that somebody else started, to be ended too. */
  endAfter(nodes: readonly LocalNode[]): void
}

export function openOperators(name: string): Operators {
  const folder = mkdtempSync(join(tmpdir(), `icn-${name}-`))
  const started: LocalNode[] = []
  after(async () => {
    for (const node of started.reverse()) await node.end('SIGTERM')
    rmSync(folder, { recursive: true, force: true })
  })

  async function start(home: string): Promise<LocalNode> {
    const node = createLocalNode(home)
    started.push(node)
    await node.start()
    return node
  }

  return { folder, start, endAfter: (nodes) => started.push(...nodes) }
}

/** Flags of `icn network init` and `join` with which nodes of one machine keep out of each other's way. */
export function settingsOf({ http, p2p, rpc, metrics }: NodePorts): string[] {
  const ports = [`http.port=${http}`, `cometbft.p2pPort=${p2p}`, `cometbft.rpcPort=${rpc}`]
  const others = [`cometbft.metricsPort=${metrics}`, 'cometbft.p2pHost=127.0.0.1', 'cometbft.privateNetwork=true']
  const pace = ['consensus.idleMs=1000', 'log.level=warn']
  return ['--address', `127.0.0.1:${p2p}`, '--set', ...ports, ...others, ...pace]
}
