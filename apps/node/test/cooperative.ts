import { generateSeed, publicKeyFromSeed } from '@icn/crypto'
import {
  type Body,
  didFromPublicKey,
  organizationDid,
  proveInvitation,
  publicKeyToText,
  signTransaction,
} from '@icn/protocol'

/** A person with a key, who counts their own transactions. */
export interface Person {
  readonly seed: Uint8Array
  readonly did: string
  readonly keyId: string
  sequence: number
}

export interface Answer {
  readonly status: number
  readonly hash: string
  readonly name: string
  readonly result: Readonly<Record<string, string>>
}

export function newPerson(): Person {
  const seed = generateSeed()
  const publicKey = publicKeyFromSeed(seed)
  return { seed, did: didFromPublicKey(publicKey), keyId: publicKeyToText(publicKey), sequence: 0 }
}

/** Signs and sends the person's next transaction; the sequence advances where it was committed. */
export async function act(url: string, chainId: string, person: Person, body: Body): Promise<Answer> {
  const { did: signer, keyId, sequence, seed } = person
  const bytes = signTransaction({ chainId, signer, keyId, sequence, expiryHeight: 90_000, body }, seed)
  const answer = await fetch(`${url}/v1/transactions`, { method: 'POST', body: new Uint8Array(bytes) })
  if (answer.status === 200) person.sequence++
  return { ...((await answer.json()) as Omit<Answer, 'status'>), status: answer.status }
}

/** A cooperative of `count` people who joined by invitation; the first founded it. */
export async function foundCooperative(
  url: string,
  chainId: string,
  count: number,
): Promise<{ org: string; people: Person[] }> {
  const people = Array.from({ length: count }, newPerson)
  const [founder, ...others] = people as [Person, ...Person[]]
  const founding: Body = {
    kind: 'org.found',
    name: 'Harbour Bakery',
    orgKind: 'cooperative',
    founderName: 'Ana',
    charter: {},
  }
  const org = orgOf(chainId, await act(url, chainId, founder, founding))
  const secret = generateSeed()
  const invitationKey = publicKeyToText(publicKeyFromSeed(secret))
  const expiresTimeMs = Date.now() + 86_400_000
  const invite: Body = { kind: 'member.invite', org, invitationKey, uses: count, expiresTimeMs, roles: [] }
  const id = expectResult(await act(url, chainId, founder, invite), 'invitation')
  await Promise.all(
    others.map(async (person, index) => {
      const invitation = { id, proof: proveInvitation(chainId, id, person.did, secret) }
      const name = `Member ${index}`
      expectCommitted(await act(url, chainId, person, { kind: 'member.apply', org, name, statement: '', invitation }))
    }),
  )
  return { org, people }
}

/** A yes-no proposal in voting for a day. */
export async function openProposal(url: string, chainId: string, author: Person, org: string): Promise<string> {
  const settings = { options: [], actions: [], seats: 1, maxScore: 0, budgetMinor: 0, discussionMs: null, amends: null }
  const words = {
    type: 'standard',
    title: 'Open on Sundays',
    text: '',
    method: 'yes-no',
    votingMs: 86_400_000,
  } as const
  return expectResult(await act(url, chainId, author, { kind: 'proposal.new', org, ...words, ...settings }), 'proposal')
}

export function expectResult(answer: Answer, name: string): string {
  expectCommitted(answer)
  const value = answer.result[name]
  if (value === undefined) throw new Error(`expected a result ${name}, got ${JSON.stringify(answer.result)}`)
  return value
}

function expectCommitted(answer: Answer): void {
  if (answer.status !== 200) throw new Error(`refused with ${answer.status}: ${JSON.stringify(answer)}`)
}

function orgOf(chainId: string, answer: Answer): string {
  const org = expectResult(answer, 'org')
  return org.startsWith('did:') ? org : organizationDid(chainId, org)
}
