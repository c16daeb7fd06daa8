import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { fromHex, publicKeyFromSeed } from '@icn/crypto'
import { type Action, didFromPublicKey, type ProposalType, publicKeyToText } from '@icn/protocol'
import { type LocalNode, until } from '@icn/testkit/network'
import { act, expectResult, type Person } from './cooperative.ts'

/** Reads from a node what must be there. */
export async function ask<T>(node: LocalNode, path: string): Promise<T> {
  const answer = await fetch(`${node.url()}${path}`)
  assert.equal(answer.status, 200, path)
  return (await answer.json()) as T
}

export const heightOf = async (node: LocalNode) => (await ask<{ height: number }>(node, '/v1/network')).height

/** Who founded the federation of a local network. @param file - with the secret, `founder-key` of its folder */
export function founderIn(file: string): Person {
  return personWith(fromHex(readFileSync(file, 'utf8').trim()))
}

/** @param seed - secret of the key, 32 bytes */
export function personWith(seed: Uint8Array): Person {
  const publicKey = publicKeyFromSeed(seed)
  return { seed, did: didFromPublicKey(publicKey), keyId: publicKeyToText(publicKey), sequence: 0 }
}

/** The one member of the federation votes for a proposal of it. Resolves when it is carried out. */
export async function decideOn(node: LocalNode, chainId: string, founder: Person, proposal: string): Promise<boolean> {
  const { status } = await act(node.url(), chainId, founder, { kind: 'vote.cast', proposal, ballot: 'yes', reason: '' })
  if (status !== 200) return false
  const isDone = async () => (await ask<{ status: string }>(node, `/v1/proposals/${proposal}`)).status === 'executed'
  return until(`${proposal} to be executed`, isDone, 60_000)
}

/** The founder of the federation proposes something and votes for it. Resolves when it is carried out. */
export async function decide(
  node: LocalNode,
  chainId: string,
  founder: Person,
  action: Action,
  type: ProposalType = 'bylaw',
): Promise<void> {
  const { federation: org } = await ask<{ federation: string }>(node, '/v1/network/validators')
  const settings = { options: [], actions: [action], seats: 1, maxScore: 0, budgetMinor: 0, amends: null }
  const words = { type, title: 'Rules', text: '', method: 'yes-no', discussionMs: null } as const
  // A slow machine takes its time from the proposal to the ballot.
  for (let votingMs = 2_000, isDone = false; !isDone; votingMs *= 2) {
    assert.ok(votingMs < 120_000, 'a vote comes within a minute')
    const proposing = { kind: 'proposal.new', org, ...words, votingMs, ...settings } as const
    const proposal = expectResult(await act(node.url(), chainId, founder, proposing), 'proposal')
    isDone = await decideOn(node, chainId, founder, proposal)
  }
}
