import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { signTransaction } from '@icn/protocol'
import { type LocalNetwork, startNetwork } from '@icn/testkit/network'
import { ORG } from '../votes/fixture.ts'
import { benchKey } from '../votes/keys.ts'
import type { Load } from './client.ts'
import { type BlockFigure, runLoad, type Target } from './load.ts'

const HOUR_MS = 3_600_000

export interface ArenaOptions {
  /** Is made. */
  readonly folder: string
  /** The database every node begins with. */
  readonly state: string
  readonly validators: number
  /** Members with keys. */
  readonly voters: number
  readonly flags?: readonly string[]
  /** Added to the environment of every node. */
  readonly env?: NodeJS.ProcessEnv
  /** Where each node writes a profile of its processor time when it ends. */
  readonly profile?: string | undefined
}

/** A network in which a proposal is open for votes. */
export interface Arena extends Target {
  readonly network: LocalNetwork
  readonly chainId: string
  readonly proposal: string
  readonly expiryHeight: number
  /** Voters who have not voted yet, of whom the first is answered. @throws where there are not so many */
  take(count: number): number
}

export async function openArena(options: ArenaOptions): Promise<Arena> {
  const { folder, state, validators, voters, flags = [], env = {}, profile } = options
  mkdirSync(folder, { recursive: true })
  const network = await startNetwork({
    folder,
    validators,
    params: { memberAllowance: { burst: 1_000_000, perHour: 1_000_000 } },
    flags: ['--log-level', 'warn', '--http-requests-per-second', '1000000', ...flags],
    onNewFolder: (home) => copyFileSync(state, join(home, 'state.db')),
    env: {
      ...env,
      ...(profile === undefined ? {} : { NODE_OPTIONS: `${profiling(profile)} ${env.NODE_OPTIONS ?? ''}` }),
    },
  })
  const { chainId } = network.genesis
  const urls = network.nodes.map((node) => node.url())
  const [url = ''] = urls
  const expiryHeight = 90_000
  const proposal = await propose(url, chainId, expiryHeight)
  // The author of the proposal has another sequence than the others.
  let next = 1

  function take(count: number): number {
    const first = next
    next += count
    if (next > voters) throw new RangeError(`${next} votes of ${voters} voters; make a larger fixture`)
    return first
  }

  const offer: Target['offer'] = (settings) => {
    const count = settings.count
    const pace = { tickMs: 50, wait: 'committed' as const, connections: 64, batch: 500 }
    const load: Load = {
      target: 'icn',
      urls,
      ...pace,
      chainId,
      proposal,
      expiryHeight,
      first: 0,
      bytes: 0,
      ...settings,
    }
    return runLoad({ ...load, first: take(count) })
  }

  return { network, chainId, proposal, expiryHeight, take, offer, blocks: (sinceMs) => blocksSince(url, sinceMs) }
}

function profiling(folder: string): string {
  return `--cpu-prof --cpu-prof-dir=${folder}`
}

async function propose(url: string, chainId: string, expiryHeight: number): Promise<string> {
  const { did, keyId, seed } = benchKey(0)
  const fixed = { discussionMs: null, amends: null, seats: 1, maxScore: 0, budgetMinor: 0, options: [], actions: [] }
  const words = { type: 'standard', title: 'Bench', text: '', method: 'yes-no' } as const
  const body = { kind: 'proposal.new', org: ORG, ...words, ...fixed, votingMs: 24 * HOUR_MS } as const
  const tx = signTransaction({ chainId, signer: did, keyId, sequence: 1, expiryHeight, body }, seed)
  const answer = await fetch(`${url}/v1/transactions`, { method: 'POST', body: new Uint8Array(tx) })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`no proposal: ${text}`)
  return (JSON.parse(text) as { result: { proposal: string } }).result.proposal
}

async function blocksSince(url: string, sinceMs: number): Promise<BlockFigure[]> {
  const found: BlockFigure[] = []
  for (let cursor = ''; ; ) {
    const answer = await fetch(`${url}/v1/blocks?limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`)
    const { items, nextCursor } = (await answer.json()) as {
      items: { height: number; time: string; transactions: number }[]
      nextCursor: string | null
    }
    const page = items.map(({ height, time, transactions }) => ({ height, timeMs: Date.parse(time), transactions }))
    found.push(...page.filter(({ timeMs }) => timeMs >= sinceMs))
    if (nextCursor === null || (page.at(-1)?.timeMs ?? 0) < sinceMs) return found.reverse()
    cursor = nextCursor
  }
}
