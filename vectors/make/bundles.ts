import {
  appendLog,
  compareBytes,
  decodeCanonical,
  emptyLog,
  encodeCanonical,
  innerHash,
  type Log,
  logLeaf,
  logRoot,
  publicKeyFromSeed,
  rowPath,
  sha256,
  toHex,
} from '@icn/crypto'
import {
  type AuditBundle,
  type Ballot,
  type Body,
  type BundleProof,
  didFromPublicKey,
  encodeBundle,
  encodeHeader,
  identityDid,
  publicKeyToText,
  type RollEntry,
  signHeader,
  signTransaction,
} from '@icn/protocol'
import { contentHash, countRules, decide } from '@icn/state-machine/governance'
import { encodeRow } from '@icn/state-machine/kernel'
import { count } from '@icn/tally'
import { type Entry, naiveProof, naiveRoot } from '../../packages/crypto/test/naive-tree.ts'
import { GENESIS, headerOf, VALIDATOR_SEEDS } from './blocks.ts'
import { CHAIN, ORG, PROPOSAL } from './bodies.ts'
import { seedOf } from './json.ts'
import { tableOf } from './state.ts'

/** Who votes what, in order; a later ballot of the same voter replaces the earlier one. */
interface Election {
  readonly method: 'yes-no' | 'schulze'
  readonly options: readonly string[]
  readonly cast: readonly (readonly [voter: number, ballot: Ballot])[]
}

const YES_NO: Election = {
  method: 'yes-no',
  options: [],
  cast: [
    [0, 'no'],
    [1, 'yes'],
    [2, 'yes'],
    [0, 'yes'],
    [3, 'abstain'],
    [5, 'no'],
    [5, 'yes'],
  ],
}

/** A cycle: A beats B, B beats C, C beats A, by different margins; and D, whom most leave unranked. */
const SCHULZE: Election = {
  method: 'schulze',
  options: ['A', 'B', 'C', 'D'],
  cast: [
    [0, [[0], [1], [2], [3]]],
    [1, [[0], [1], [2]]],
    [2, [[1], [2], [0]]],
    [3, [[2], [0, 1]]],
    [5, []],
    [5, [[1], [2], [0], [3]]],
  ],
}

/** Voter 4 has left the organization before the vote; voter 5 is a did:icn that changes its keys between two ballots. */
const IDENTITY = 5
const IDENTITY_KEYS = [seedOf(105), seedOf(115)] as const
const registration = {
  kind: 'identity.register' as const,
  keys: [{ id: 'first', publicKey: publicKeyToText(publicKeyFromSeed(IDENTITY_KEYS[0])) }],
  services: [],
}
const rotation = {
  kind: 'identity.rotate' as const,
  add: [{ id: 'second', publicKey: publicKeyToText(publicKeyFromSeed(IDENTITY_KEYS[1])) }],
  revoke: ['first'],
}

function didOf(voter: number): string {
  return voter === IDENTITY
    ? identityDid(CHAIN, registration)
    : didFromPublicKey(publicKeyFromSeed(seedOf(100 + voter)))
}

function signedBy(voter: number, sequence: number, body: Body, identityKey: 0 | 1 = 0): Uint8Array {
  const seed = voter === IDENTITY ? IDENTITY_KEYS[identityKey] : seedOf(100 + voter)
  const keyId = voter === IDENTITY ? ['first', 'second'][identityKey] : publicKeyToText(publicKeyFromSeed(seed))
  const place = { chainId: CHAIN, signer: didOf(voter), keyId: keyId ?? '', sequence, expiryHeight: 1_000 }
  return signTransaction({ ...place, body }, seed)
}

/** Sequence 0 and, of the identity, 0 and 2 are no votes: an identity votes with 1, rotates with 2, votes with 3. */
function castVotes({ cast }: Election): Uint8Array[] {
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

function makeBundle(election: Election): AuditBundle {
  const votes = castVotes(election)
  const proposal = proposalOf(election)
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
    identities: [
      [2, signedBy(IDENTITY, 0, registration)],
      [20, signedBy(IDENTITY, 2, rotation)],
    ],
    result: proposal.result,
    proofs: { proposal: proofOf('proposal', 0), ballotBox: proofOf('ballot_box', 1) },
    header: signHeader(header, VALIDATOR_SEEDS.slice(0, 3)),
    genesis: GENESIS,
  }
}

function entryOf(name: string, key: string, row: Readonly<Record<string, unknown>>): Entry {
  return { path: rowPath(name, [key]), value: encodeRow(tableOf(name), row) }
}

function turnoutOf({ cast }: Election): number {
  return new Set(cast.map(([voter]) => voter)).size
}

function proposalOf(election: Election): Readonly<Record<string, unknown>> {
  const content = {
    org: ORG,
    type: 'standard',
    title: 'Opening hours',
    text: 'When do we open?',
    method: election.method,
    options: election.options.map((label) => ({ label, actions: [], costMinor: 0 })),
    actions: [],
    seats: 1,
    maxScore: 0,
    budgetMinor: 0,
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
  const startMs = 1_700_000_000_000
  return {
    id: PROPOSAL,
    author: didOf(0),
    status: decision,
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

type Change = (bundle: AuditBundle) => AuditBundle

/** What somebody might try, and which check must notice. */
const changes: readonly (readonly [name: string, check: string, change: Change])[] = [
  ['a vote left out', 'vote log', (b) => ({ ...b, votes: b.votes.slice(1) })],
  [
    'two votes in another order',
    'vote log',
    (b) => ({ ...b, votes: b.votes.toSpliced(0, 2, ...b.votes.slice(0, 2).reverse()) }),
  ],
  ['a vote by somebody who had left', 'roll membership', (b) => ({ ...b, votes: [...b.votes, strangerVote()] })],
  [
    'a vote with a wrong signature',
    'vote signatures',
    (b) => ({ ...b, votes: [forged(b.votes[0]), ...b.votes.slice(1)] }),
  ],
  ['a roll entry left out', 'roll', (b) => ({ ...b, rollEntries: b.rollEntries.slice(0, -1) })],
  ['another status', 'proposal', (b) => ({ ...b, proposal: { ...b.proposal, status: 'rejected' } })],
  ['another result', 'result', (b) => ({ ...b, result: { ...(b.result as object), turnoutHeads: 6 } })],
  ['keys of the identity left out', 'vote signatures', (b) => ({ ...b, identities: [] })],
  ['another network', 'header', (b) => ({ ...b, chainId: 'other' })],
  ['a validator added to the genesis', 'validator signatures', (b) => ({ ...b, genesis: withMorePower(b) })],
  [
    'a step of a proof turned',
    'proposal proof',
    (b) => ({ ...b, proofs: { ...b.proofs, proposal: turned(b.proofs.proposal) } }),
  ],
]

export function makeBundles(): unknown {
  const bundles = [YES_NO, SCHULZE].map((election) => {
    const bundle = makeBundle(election)
    const { status, result } = bundle.proposal
    return { name: election.method, ok: true, status, result, bytes: toHex(encodeBundle(bundle)) }
  })
  const original = makeBundle(YES_NO)
  const tampered = changes.map(([name, check, change]) => {
    return { name, ok: false, failing: check, bytes: toHex(encodeBundle(change(original))) }
  })
  return { valid: bundles, tampered }
}

function strangerVote(): Uint8Array {
  return signedBy(4, 1, { kind: 'vote.cast', proposal: PROPOSAL, ballot: 'no', reason: '' })
}

function forged(vote: Uint8Array | undefined): Uint8Array {
  const [payload] = decodeCanonical(vote ?? new Uint8Array()) as [Uint8Array]
  return encodeCanonical([payload, new Uint8Array(64)])
}

function withMorePower({ genesis }: AuditBundle): AuditBundle['genesis'] {
  const publicKey = publicKeyToText(publicKeyFromSeed(seedOf(99)))
  return { ...genesis, validators: [...genesis.validators, { name: 'Somebody', publicKey, power: 1_000 }] }
}

function turned(proof: BundleProof): BundleProof {
  const hash = innerHash(proof.row.path, proof.row.path)
  return { ...proof, row: { ...proof.row, steps: [...proof.row.steps.slice(0, -1), { side: 'left', hash }] } }
}
