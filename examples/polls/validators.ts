import { createClient } from '@icn/sdk'
import { type LocalNode, startNetwork, until } from '@icn/testkit/network'
import type { Polls } from './polls.ts'

/** Real time, since no clock of a network can be put forward: ballots take as long as joining did, or a little more. */
const LEAST_VOTING_MS = 10_000
const TIMES_JOINING = 3
const CLOSING_MS = 60_000

interface Facts {
  readonly height: number
  readonly appHash: string
}

/**
 * A network of real validators. In the middle of the ballots one node is killed with SIGKILL, and started again at once;
 * at the end every node must have the same root.
 */
export async function openValidators(folder: string, validators: number, ballots: number): Promise<Polls> {
  const network = await startNetwork({ folder, validators, flags: ['--log-level', 'error'] })
  const { nodes, stop } = network
  const clients = nodes.map((node) => createClient({ url: node.url() }))
  const victim = nodes.at(-1) as LocalNode
  let revived: Promise<void> | undefined
  let killedAt = 0
  let openMs = 0

  function onBallot(cast: number): void {
    if (revived !== undefined || validators === 1 || cast < ballots / 2) return
    killedAt = cast
    revived = victim.end('SIGKILL').then(() => victim.start())
    // Whoever waits for it learns of it.
    revived.catch(() => {})
  }

  async function close(proposal: string): Promise<void> {
    await revived
    const isClosed = async (client: (typeof clients)[number]) =>
      !['voting', 'discussion'].includes((await client.call('proposal', { params: { id: proposal } })).status)
    await Promise.all(clients.map((client) => until('the end of voting', () => isClosed(client), openMs + CLOSING_MS)))
  }

  async function report(): Promise<readonly string[]> {
    const height = Math.max(
      ...(await Promise.all(clients.map(async (client) => (await client.call('network', {})).height))),
    )
    await network.reach(height)
    const blocks: Facts[] = await Promise.all(clients.map((client) => client.call('block', { params: { height } })))
    const roots = new Set(blocks.map(({ appHash }) => appHash))
    if (roots.size !== 1) throw new Error(`the roots at height ${height} differ: ${[...roots].join(', ')}`)
    const fate =
      revived === undefined ? [] : [`node ${nodes.length} was killed after ${killedAt} ballots and caught up`]
    return [...fate, `all ${nodes.length} nodes have the root ${[...roots].join()} at height ${height}`]
  }

  function votingMs(joiningMs: number): number {
    openMs = Math.ceil(Math.max(LEAST_VOTING_MS, TIMES_JOINING * joiningMs))
    return openMs
  }

  return { clients, votingMs, onBallot, close, report, stop }
}
