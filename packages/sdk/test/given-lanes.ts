import type { Consensus } from '@icn/consensus'
import { defaultParams } from '@icn/protocol'
import { encodeLightBlock } from '@icn/protocol/light'
import { CHAIN, newPerson, type Person, plainProposal, startApi, type TestApi } from '../../http-api/test/harness.ts'
import { signBlock, validatorOf } from '../../protocol/test/light/signer.ts'
import { type Client, createClient, type FollowLaneOptions, followLane, type LaneBlock } from '../src/index.ts'

/** A node with something in lanes 0 and 1, as if votes belonged to the marketplace. */
export interface GivenLanes {
  readonly api: TestApi
  readonly ana: Person
  readonly org: string
  readonly proposal: string
  /** Ana votes again: one more block, with one event of lane 1. */
  vote(): Promise<void>
}

const MARKETPLACE = 1

/** @param kind - whether blocks are proved by signed headers, or by commits as CometBFT has them */
export async function givenLanes(
  kind: 'solo' | 'cometbft' = 'solo',
  readAccess: 'public' | 'members' = 'public',
): Promise<GivenLanes> {
  const engineOf = kind === 'solo' ? undefined : withCommits
  const api = await startApi(defaultParams.strangerAllowance, {}, engineOf, undefined, (machine) => ({
    ...machine,
    laneOf: (name) => (name === 'vote.cast' ? MARKETPLACE : machine.laneOf(name)),
  }))
  const ana = newPerson()
  const charter = { readAccess }
  const founding = { kind: 'org.found', orgKind: 'cooperative', founderName: 'Ana', name: 'Shop', charter } as const
  const org = String((await api.act(ana, founding)).org)
  const proposal = String((await api.act(ana, plainProposal(org))).proposal)
  const vote = async () => {
    await api.act(ana, { kind: 'vote.cast', proposal, ballot: 'yes', reason: '' })
  }
  for (let votes = 0; votes < 5; votes++) await vote()
  return { api, ana, org, proposal, vote }
}

/** Whether `withCommits` signs with somebody else's key. */
export const forgery = { isOn: false }

/** Solo blocks with commits as a network of CometBFT has them: a header names the app hash of the block before. */
function withCommits(solo: Consensus, seed: Uint8Array): Consensus {
  const appHashes = new Map<number, Uint8Array>()
  solo.onCommit(({ height, appHash }) => appHashes.set(height, appHash))
  const lightBlock = async (height: number) => {
    const appHash = appHashes.get(height - 1)
    if (appHash === undefined && height > 1) return undefined
    const validators = forgery.isOn ? [validatorOf(7)] : [{ seed, power: 1 }]
    return encodeLightBlock(signBlock({ height, validators, ...(appHash === undefined ? {} : { appHash }) }, CHAIN))
  }
  return { ...solo, lightBlock, status: () => ({ ...solo.status(), kind: 'cometbft' }) }
}

/** Changes the parsed answer of a node, whatever it is. */
// biome-ignore lint/suspicious/noExplicitAny: a liar changes whatever it likes
export type Lie = (path: string, json: any) => void

/** @param redirect - asks the node for something else than the client did */
export function clientOf(
  { api }: GivenLanes,
  lie: Lie = () => {},
  redirect: (url: URL) => void = () => {},
  token?: string,
): Client {
  const lying: typeof fetch = async (input, init) => {
    const url = new URL(String(input))
    redirect(url)
    const response = await fetch(url, init)
    const json = await response.json()
    if (response.ok) lie(url.pathname, json)
    const type = response.headers.get('content-type') ?? ''
    return new Response(JSON.stringify(json), { status: response.status, headers: { 'content-type': type } })
  }
  return createClient({ url: api.url, fetch: lying, ...(token === undefined ? {} : { token }) })
}

/** The first blocks that a follower gets; it ends by itself. */
export async function take(count: number, options: Omit<FollowLaneOptions, 'signal' | 'pollMs'>): Promise<LaneBlock[]> {
  const control = new AbortController()
  const blocks: LaneBlock[] = []
  for await (const block of followLane({ ...options, signal: control.signal, pollMs: 5 })) {
    blocks.push(block)
    if (blocks.length === count) control.abort()
  }
  return blocks
}
