import { type ChildProcess, spawn } from 'node:child_process'
import { signTransaction } from '@icn/protocol'
import type { Load } from './client.ts'
import { ORG } from './fixture.ts'
import { benchKey } from './keys.ts'

/** A decision of the cooperative of the fixture, in voting for a day. */
export interface BenchProposal {
  readonly chainId: string
  readonly id: string
  readonly expiryHeight: number
}

/** Proposed by the first member, whose second transaction it is. */
export async function openBenchProposal(url: string): Promise<BenchProposal> {
  const { network: chainId, height } = (await (await fetch(`${url}/v1/network`)).json()) as {
    readonly network: string
    readonly height: number
  }
  const { did, keyId, seed } = benchKey(0)
  const expiryHeight = height + 90_000
  const fixed = { discussionMs: null, amends: null, seats: 1, maxScore: 0, budgetMinor: 0, options: [], actions: [] }
  const words = { type: 'standard', title: 'Bench', text: '', method: 'yes-no' } as const
  const body = { kind: 'proposal.new', org: ORG, ...words, ...fixed, votingMs: 86_400_000 } as const
  const tx = signTransaction({ chainId, signer: did, keyId, sequence: 1, expiryHeight, body }, seed)
  const answer = await fetch(`${url}/v1/transactions`, { method: 'POST', body: new Uint8Array(tx) })
  const { result } = (await answer.json()) as { readonly result: { readonly proposal: string } }
  return { chainId, id: result.proposal, expiryHeight }
}

/** Ballots of the members from the second on, one each, at a steady rate, by a process of its own. */
export function offerVotes(
  url: string,
  { chainId, id, expiryHeight }: BenchProposal,
  { perSecond, votes }: { readonly perSecond: number; readonly votes: number },
): ChildProcess {
  const order: Load = {
    ...{ url, chainId, proposal: id, mode: 'latency', first: 1, votes, sequence: 1 },
    ...{ expiryHeight, connections: 64, batch: 1, perSecond },
  }
  return spawn(process.execPath, ['bench/votes/client.ts', JSON.stringify(order)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}
