import { publicKeyFromSeed, sha256 } from '@icn/crypto'
import {
  type Bodies,
  type Body,
  defaultParams,
  didFromPublicKey,
  type Genesis,
  type NetworkParams,
  publicKeyToText,
  signTransaction,
  type Transaction,
} from '@icn/protocol'
import { SIMULATED_START_MS } from './simulator.ts'

/** A network before its first block, and the secret of its one validator. */
export interface GivenNetwork {
  readonly genesis: Genesis
  readonly validatorSeed: Uint8Array
}

/** Somebody who signs one transaction after the other. */
export interface Signer {
  readonly did: string
  readonly seed: Uint8Array
  /** Signs the next transaction; with a `sequence` of its own it does not count. */
  sign(body: Body, change?: Partial<Omit<Transaction, 'body'>>): Uint8Array
}

const CHAIN_ID = 'icn-given'

export function givenNetwork(params: Partial<NetworkParams> = {}): GivenNetwork {
  const validatorSeed = seedOf('validator')
  const validators = [{ name: 'given', publicKey: publicKeyToText(publicKeyFromSeed(validatorSeed)), power: 1 }]
  const start = { chainId: CHAIN_ID, name: 'Given', timeMs: SIMULATED_START_MS }
  return { genesis: { ...start, validators, params: { ...defaultParams, ...params } }, validatorSeed }
}

/** The same name is the same key, but a new count of transactions. */
export function givenSigner(name: string): Signer {
  const seed = seedOf(`signer ${name}`)
  const publicKey = publicKeyFromSeed(seed)
  const did = didFromPublicKey(publicKey)
  const envelope = { chainId: CHAIN_ID, signer: did, keyId: publicKeyToText(publicKey), expiryHeight: 1_000 }
  let next = 0
  return {
    did,
    seed,
    sign: (body, change = {}) => {
      const sequence = change.sequence ?? next++
      return signTransaction({ ...envelope, ...change, sequence, body }, seed)
    },
  }
}

/** What anybody may do, as often as they like. */
export function founding(name = 'Bakery', charter: Bodies['org.found']['charter'] = {}): Body {
  return { kind: 'org.found', name, orgKind: 'cooperative', founderName: 'Ana', charter }
}

/** A yes/no vote that begins at once. */
export function proposing(org: string, change: Partial<Bodies['proposal.new']> = {}): Body {
  const words = { type: 'standard', title: 'Oven', text: 'Now', method: 'yes-no' } as const
  const settings = { seats: 1, maxScore: 0, budgetMinor: 0, discussionMs: null, votingMs: null, amends: null }
  return { kind: 'proposal.new', org, ...words, options: [], actions: [], ...settings, ...change }
}

/** What passes every check before a block, and is refused in it with PROPOSAL_NOT_FOUND. */
export const HOPELESS: Body = { kind: 'proposal.open', proposal: 'p1-0-aaaaaa' }

function seedOf(name: string): Uint8Array {
  return sha256(new TextEncoder().encode(`icn given ${name}`))
}
