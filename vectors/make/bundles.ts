import { decodeCanonical, encodeCanonical, innerHash, publicKeyFromSeed, toHex } from '@icn/crypto'
import {
  type AuditBundle,
  type Ballot,
  type BundleProof,
  decodeSignedHeader,
  encodeBundle,
  publicKeyToText,
  signHeader,
} from '@icn/protocol'
import type { DecisionResult } from '@icn/state-machine/governance'
import { GENESIS, VALIDATOR_SEEDS } from './blocks.ts'
import { PROPOSAL } from './bodies.ts'
import { IDENTITY, type Lie, makeBundle, proposalOf, rotation, signedBy } from './bundle.ts'
import { type BundleElection, bundleElections, YES_NO } from './bundle-elections.ts'
import { committedBundles, tamperedCommits } from './committed-bundles.ts'
import { seedOf } from './json.ts'

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
  [
    'a vote with a key that was revoked before',
    'vote signatures',
    (b) => ({ ...b, votes: b.votes.with(-1, lateVote()) }),
  ],
  [
    'a rotation signed by the key that it adds',
    'vote signatures',
    (b) => ({ ...b, identities: [...b.identities.slice(0, 1), [20, signedBy(IDENTITY, 2, rotation, 1)]] }),
  ],
  ['another network', 'header', (b) => ({ ...b, chainId: 'other' })],
  ['a validator added to the genesis', 'validator signatures', (b) => ({ ...b, genesis: withMorePower(b) })],
  ['a header signed by a stranger', 'validator signatures', (b) => ({ ...b, header: resigned(b, seedOf(99)) })],
  [
    'a header that the sole validator of a network signed alone',
    'validator signatures',
    (b) => ({ ...b, genesis: { ...b.genesis, params: { ...b.genesis.params, maxValidators: 100 } } }),
  ],
  [
    'a header that all validators of a network signed',
    'validator signatures',
    (b) => ({ ...b, genesis: GENESIS, header: resigned(b, ...VALIDATOR_SEEDS) }),
  ],
  [
    'a step of a proof turned',
    'proposal proof',
    (b) => ({ ...b, proofs: { ...b.proofs, proposal: turned(b.proofs.proposal) } }),
  ],
]

export function makeBundles(): unknown {
  const valid = bundleElections.map((election) => {
    const bundle = makeBundle(election)
    const { status, result } = bundle.proposal
    return { name: election.name, ok: true, status, result, bytes: toHex(encodeBundle(bundle)) }
  })
  const committed = committedBundles.map(([name, bundle]) => {
    const { status, result } = bundle.proposal
    return { name: `a network: ${name}`, ok: true, status, result, bytes: toHex(encodeBundle(bundle)) }
  })
  const original = makeBundle(YES_NO)
  const tampered = [
    ...changes.map(([name, failing, change]) => ({ name, failing, bundle: change(original) })),
    ...bundleElections.flatMap((election) => (election.unfit === undefined ? [] : lies(election, election.unfit))),
    ...tamperedCommits.map(([name, failing, bundle]) => ({ name: `a network: ${name}`, failing, bundle })),
  ]
  return {
    valid: [...valid, ...committed],
    tampered: tampered.map(({ name, failing, bundle }) => ({
      name,
      ok: false,
      failing,
      bytes: toHex(encodeBundle(bundle)),
    })),
  }
}

/** What only a recount finds: everything in these bundles is signed and proven, and the decision is not what was voted. */
function lies(election: BundleElection, unfit: Ballot): { name: string; failing: string; bundle: AuditBundle }[] {
  const { name, cast } = election
  const { status, result } = proposalOf(election)
  const [[first] = [0]] = cast
  const withUnfit = { ...election, cast: [[first, unfit] as const, ...cast] }
  return [
    { name: `${name}: another outcome`, failing: 'result', bundle: makeBundle(election, otherOutcome(status, result)) },
    {
      name: `${name}: a ballot that does not fit`,
      failing: 'ballots',
      bundle: makeBundle(withUnfit, { status, result }),
    },
  ]
}

function otherOutcome(status: unknown, result: unknown): Lie {
  const { winners, ...rest } = result as DecisionResult
  const [winner] = winners
  if (winner === undefined) return { status: status === 'rejected' ? 'passed' : 'rejected', result }
  const others = [winner === 0 ? 1 : 0, ...winners.slice(1).filter((other) => other > 1)]
  return { status, result: { ...rest, winners: others, count: { ...(rest.count as object), winners: others } } }
}

function strangerVote(): Uint8Array {
  return signedBy(4, 1, { kind: 'vote.cast', proposal: PROPOSAL, ballot: 'no', reason: '' })
}

function lateVote(): Uint8Array {
  return signedBy(IDENTITY, 3, { kind: 'vote.cast', proposal: PROPOSAL, ballot: 'yes', reason: 'Changed my mind.' })
}

function forged(vote: Uint8Array | undefined): Uint8Array {
  const [payload] = decodeCanonical(vote ?? new Uint8Array()) as [Uint8Array]
  return encodeCanonical([payload, new Uint8Array(64)])
}

function resigned(bundle: AuditBundle, ...seeds: readonly Uint8Array[]): Uint8Array {
  if (bundle.format !== 'icn-audit-bundle/1') throw new TypeError('there is no header in it')
  return signHeader(decodeSignedHeader(bundle.header).headerBytes, seeds)
}

function withMorePower({ genesis }: AuditBundle): AuditBundle['genesis'] {
  const publicKey = publicKeyToText(publicKeyFromSeed(seedOf(99)))
  return { ...genesis, validators: [...genesis.validators, { name: 'Somebody', publicKey, power: 1_000 }] }
}

function turned(proof: BundleProof): BundleProof {
  const hash = innerHash(proof.row.path, proof.row.path)
  return { ...proof, row: { ...proof.row, steps: [...proof.row.steps.slice(0, -1), { side: 'left', hash }] } }
}
