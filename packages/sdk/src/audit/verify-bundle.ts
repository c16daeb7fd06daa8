import { toHex } from '@icn/crypto'
import { type AuditBundle, chainIdsOf, decodeBundle, genesisHash } from '@icn/protocol'
import type { Decision, Proposal } from '@icn/state-machine/governance'
import type { AuditCheck, Step } from './check.ts'
import { checkFinality } from './finality.ts'
import { checkIdentities } from './identities.ts'
import { checkContent, checkProofs } from './proofs.ts'
import { checkRoll } from './roll.ts'
import { checkBallots, checkCompleteness, checkSignatures, recount } from './votes.ts'

/** What a bundle proves. */
export interface BundleVerdict {
  /** Every check passed. */
  readonly ok: boolean
  /** `null` where it is not proved. */
  readonly result: BundleResult | null
  /** In the order in which they were made; the first that fails is the last. */
  readonly checks: readonly AuditCheck[]
}

export interface BundleResult {
  readonly network: string
  /** Hex; who knows the network compares it with the hash that they trust. */
  readonly genesisHash: string
  readonly proposal: string
  readonly title: string
  readonly method: string
  readonly decision: Decision
  readonly status: string
  readonly turnout: number
  readonly roll: number
  /** Labels. */
  readonly winners: readonly string[]
  readonly counts: unknown
}

/**
 * Checks an audit bundle and counts again, with nothing but its bytes. Never throws, whatever they are; memory and time
 * grow with the votes, 70 µs each on node.
 *
 * @see docs/protocol.md, Audit bundles
 */
export function verifyBundle(bytes: Uint8Array): BundleVerdict {
  const checks: AuditCheck[] = []
  let current = 'format'
  const step: Step = (name, work, detail) => {
    current = name
    const value = work()
    checks.push({ name, ok: true, detail: detail(value) })
    return value
  }
  try {
    const result = checkAll(bytes, step)
    return { ok: true, result, checks }
  } catch (error) {
    checks.push({ name: current, ok: false, detail: error instanceof Error ? error.message : 'unknown' })
    return { ok: false, result: null, checks }
  }
}

function checkAll(bytes: Uint8Array, step: Step): BundleResult {
  const bundle = step(
    'format',
    () => decodeBundle(bytes),
    ({ format }) => format,
  )
  const hash = step(
    'genesis',
    () => toHex(genesisHash(bundle.genesis)),
    (text) => `${bundle.chainId}, hash ${text}`,
  )
  const final = checkFinality(bundle, step)
  const box = step(
    'proofs',
    () => checkProofs(bundle, final),
    () => 'proposal and ballot box stand under the app hash of the block',
  )
  const proposal = step(
    'proposal',
    () => checkContent(bundle.proposal),
    ({ title }) => JSON.stringify(title),
  )
  const voices = step(
    'roll',
    () => checkRoll(bundle.rollEntries, rollOf(proposal)),
    ({ size }) => `${size} members have voice`,
  )
  const votes = step(
    'completeness',
    () => checkCompleteness(bundle, box),
    ({ length }) => `${length} votes, changed ones included; none is missing`,
  )
  const identities = step(
    'identities',
    () => checkIdentities(chainIdsOf(bundle.genesis), bundle.identities),
    () => `${bundle.identities.length} records`,
  )
  step(
    'signatures',
    () => checkSignatures(votes, proposal.id, identities),
    () => 'every vote is signed by its voter',
  )
  const groups = step(
    'ballots',
    () => checkBallots(votes, voices, proposal),
    () => 'every voter is on the roll, every ballot fits',
  )
  const { decision, result } = step(
    'recount',
    () => recount(groups, proposal, box, bundle.result),
    (outcome) => `${outcome.decision}, as the ledger says`,
  )
  return resultOf(bundle, proposal, hash, decision, result)
}

function rollOf({ roll }: Proposal): NonNullable<Proposal['roll']> {
  if (roll === null) throw new Error('the proposal was not voted on')
  return roll
}

function resultOf(
  { chainId }: AuditBundle,
  proposal: Proposal,
  hash: string,
  decision: Decision,
  result: NonNullable<Proposal['result']>,
): BundleResult {
  const { id, title, method, status, options, roll } = proposal
  const winners = result.winners.map((winner) => options[winner]?.label ?? '')
  const { counts } = result.count as { counts: unknown }
  const heads = { turnout: result.turnoutHeads, roll: roll?.heads ?? 0 }
  return {
    network: chainId,
    genesisHash: hash,
    proposal: id,
    title,
    method,
    decision,
    status,
    ...heads,
    winners,
    counts,
  }
}
