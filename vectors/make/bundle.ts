import {
  appendLog,
  compareBytes,
  emptyLog,
  encodeCanonical,
  type Log,
  logLeaf,
  logRoot,
  publicKeyFromSeed,
  rowPath,
  sha256,
  toHex,
} from '@icn/crypto'
import {
  type Body,
  type BundleProof,
  didFromPublicKey,
  encodeHeader,
  type Genesis,
  identityDid,
  publicKeyToText,
  type RollEntry,
  type SignedBundle,
  signHeader,
  signTransaction,
} from '@icn/protocol'
import { contentHash, countRules, decide } from '@icn/state-machine/governance'
import { encodeRow } from '@icn/state-machine/kernel'
import { count } from '@icn/tally'
import { type Entry, naiveProof, naiveRoot } from '../../packages/crypto/test/naive-tree.ts'
import { GENESIS, headerOf, VALIDATOR_SEEDS } from './blocks.ts'
import { CHAIN, ORG, PROPOSAL } from './bodies.ts'
import type { BundleElection } from './bundle-elections.ts'
import { seedOf } from './json.ts'
import { tableOf } from './state.ts'

/** Voter 4 has left the organization before the vote; voter 5 is a did:icn that changes its keys between two ballots. */
export const IDENTITY = 5
const IDENTITY_KEYS = [seedOf(105), seedOf(115)] as const
const registration = {
  kind: 'identity.register' as const,
  keys: [{ id: 'first', publicKey: publicKeyToText(publicKeyFromSeed(IDENTITY_KEYS[0])) }],
  services: [],
}
export const rotation = {
  kind: 'identity.rotate' as const,
  add: [{ id: 'second', publicKey: publicKeyToText(publicKeyFromSeed(IDENTITY_KEYS[1])) }],
  revoke: ['first'],
}

function didOf(voter: number): string {
  return voter === IDENTITY
    ? identityDid(CHAIN, registration)
    : didFromPublicKey(publicKeyFromSeed(seedOf(100 + voter)))
}

export function signedBy(voter: number, sequence: number, body: Body, identityKey: 0 | 1 = 0): Uint8Array {
  const seed = voter === IDENTITY ? IDENTITY_KEYS[identityKey] : seedOf(100 + voter)
  const keyId = voter === IDENTITY ? ['first', 'second'][identityKey] : publicKeyToText(publicKeyFromSeed(seed))
  const place = { chainId: CHAIN, signer: didOf(voter), keyId: keyId ?? '', sequence, expiryHeight: 1_000 }
  return signTransaction({ ...place, body }, seed)
}

/** Sequence 0 and, of the identity, 0 and 2 are no votes: an identity votes with 1, rotates with 2, votes with 3. */
function castVotes({ cast }: BundleElection): Uint8Array[] {
  const before = new Map<number, number>()
  return cast.map(([voter, ballot]) => {
    const nth = before.get(voter) ?? 0
    before.set(voter, nth + 1)
    const body = { kind: 'vote.cast' as const, proposal: PROPOSAL, ballot, reason: nth === 0 ? '' : 'Changed my mind.' }
    if (voter === IDENTITY) return signedBy(voter, nth === 0 ? 1 : 3, body, nth === 0 ? 0 : 1)
    return signedBy(voter, 1 + nth, body)
  })
}

const rollEntries: readonly RollEntry[] = [
  ...[0, 1, 2, 3, 4, 5].map((voter): RollEntry => [voter, didOf(voter), 'in']),
  [6, didOf(4), 'out'],
]

function logOf(leaves: readonly Uint8Array[]): Log {
  return leaves.map(logLeaf).reduce(appendLog, emptyLog())
}

/** Columns of the proposal that the validators put into the proven row against the rules. */
export type Lie = { readonly status?: unknown; readonly result?: unknown }

/** @param lie - what the proven row says instead of what the ballots give */
export function makeBundle(election: BundleElection, lie: Lie = {}): SignedBundle {
  const votes = castVotes(election)
  const proposal = { ...proposalOf(election), ...lie }
  const box = {
    proposal: PROPOSAL,
    turnoutHeads: turnoutOf(election),
    log: logOf(votes.map((vote) => sha256(vote))),
    totals: null,
  }
  const rows = [entryOf('proposal', PROPOSAL, proposal), entryOf('ballot_box', PROPOSAL, box)]
  const others = ['p1-0-aaaaaa', 'p2-0-bbbbbb', 'p3-0-cccccc'].map((id) =>
    entryOf('ballot_box', id, { ...box, proposal: id }),
  )
  const tree = [...rows, ...others].toSorted((a, b) => compareBytes(a.path, b.path))
  const moduleRoots = { governance: naiveRoot(tree), identity: seedOf(1), membership: seedOf(2) }
  const modules = Object.entries(moduleRoots)
    .map(([name, value]) => ({ path: rowPath('module', [name]), value }))
    .toSorted((a, b) => compareBytes(a.path, b.path))
  const proofOf = (table: string, index: 0 | 1): BundleProof => ({
    table,
    key: [PROPOSAL],
    module: 'governance',
    row: naiveProof(tree, rows[index] as Entry),
    moduleRoot: naiveProof(modules, modules.find(({ value }) => value === moduleRoots.governance) as Entry),
  })
  const header = encodeHeader(headerOf({ appHash: naiveRoot(modules), moduleRoots }, 40))
  return {
    format: 'icn-audit-bundle/1',
    chainId: CHAIN,
    proposal,
    rollEntries,
    votes,
    identities: election.cast.some(([voter]) => voter === IDENTITY)
      ? [
          [2, signedBy(IDENTITY, 0, registration)],
          [20, signedBy(IDENTITY, 2, rotation)],
        ]
      : [],
    result: proposal.result,
    proofs: { proposal: proofOf('proposal', 0), ballotBox: proofOf('ballot_box', 1) },
    header: signHeader(header, VALIDATOR_SEEDS.slice(0, 1)),
    genesis: ALONE,
  }
}

/** A node that makes its blocks by itself, as the first validator of the network. */
export const ALONE: Genesis = { ...GENESIS, validators: GENESIS.validators.slice(0, 1) }

function entryOf(name: string, key: string, row: Readonly<Record<string, unknown>>): Entry {
  return { path: rowPath(name, [key]), value: encodeRow(tableOf(name), row) }
}

function turnoutOf({ cast }: BundleElection): number {
  return new Set(cast.map(([voter]) => voter)).size
}

export function proposalOf(election: BundleElection): Readonly<Record<string, unknown>> {
  const content = {
    org: ORG,
    type: election.budgetMinor > 0 ? 'budget' : 'standard',
    title: 'Opening hours',
    text: 'When do we open?',
    method: election.method,
    options: election.options.map(({ label, costMinor }) => ({ label, actions: [], costMinor })),
    actions: [],
    seats: election.seats,
    maxScore: election.maxScore,
    budgetMinor: election.budgetMinor,
  }
  const share = (num: number, den: number) => ({ num, den })
  const rules = {
    threshold: share(51, 100),
    quorum: share(40, 100),
    weights: 'equal' as const,
    lateQuorumExtensionMs: 0,
    timeLockMs: 0,
    executionRetryMs: 0,
  }
  const log = logOf(rollEntries.map((entry) => encodeCanonical(entry)))
  const roll = { version: rollEntries.length, root: toHex(logRoot(log)), heads: 5, height: 10 }
  const inForce = [...new Map(election.cast).values()].map((ballot) => ({ ballot, count: 1 }))
  const turnout = turnoutOf(election)
  const counted = count(countRules(content, turnout), inForce)
  const { decision, result } = decide(counted, rules, roll, turnout)
  const status = decision === 'passed' ? (election.status ?? decision) : decision
  const startMs = 1_700_000_000_000
  return {
    id: PROPOSAL,
    author: didOf(0),
    status,
    ...content,
    discussionMs: 0,
    votingMs: 86_400_000,
    amends: null,
    contentHash: contentHash(content),
    createdHeight: 10,
    createdTimeMs: startMs,
    sponsorsNeeded: 0,
    sponsors: 0,
    discussionEndMs: null,
    votingStartMs: startMs,
    votingEndMs: startMs + 86_400_000,
    extended: false,
    outageMs: 0,
    rules,
    roll,
    result,
    closedHeight: 40,
    executeAtMs: null,
    retryUntilMs: null,
    failure: null,
  }
}
