import { appendLog, emptyLog, encodeCanonical, logLeaf, toHex } from '@icn/crypto'
import { type AuditBundle, chainIdsOf, type ParsedTransaction } from '@icn/protocol'
import { countRules, type Decision, type DecisionResult, decide, type Proposal } from '@icn/state-machine/governance'
import { type Ballot, type BallotGroup, count, isBallot } from '@icn/tally'
import { demand } from './check.ts'
import type { Identities } from './identities.ts'
import { parsedOf } from './identities.ts'
import type { BallotBox } from './proofs.ts'

/** All votes, in order. @throws AuditFailure unless they are exactly those that the ballot box's log holds */
export function checkCompleteness({ votes, genesis }: AuditBundle, box: BallotBox): readonly ParsedTransaction[] {
  const chainIds = chainIdsOf(genesis)
  const parsed = votes.map((bytes) => parsedOf(bytes, chainIds))
  let log = emptyLog()
  for (const { hash } of parsed) log = appendLog(log, logLeaf(hash))
  demand(log.size === box.log.size, `the ballot box holds ${box.log.size} votes, the bundle ${log.size}`)
  demand(log.peaks === box.log.peaks, 'the votes are those of the ballot box, in its order')
  return parsed
}

/** @throws AuditFailure unless every vote is its signer's own, for this proposal */
export function checkSignatures(votes: readonly ParsedTransaction[], id: string, identities: Identities): void {
  for (const vote of votes) {
    const { body, signer } = vote.tx
    demand(body.kind === 'vote.cast' && body.proposal === id, 'every vote is a ballot for this proposal')
    demand(identities.isSigned(vote), `the vote of ${signer} is signed by that member`)
  }
}

/** The ballots in force, equal ones together. @throws AuditFailure unless voters are on the roll and ballots fit */
export function checkBallots(
  votes: readonly ParsedTransaction[],
  voices: ReadonlySet<string>,
  proposal: Proposal,
): BallotGroup[] {
  const rules = countRules(proposal, 0)
  const inForce = new Map<string, Ballot>()
  for (const { tx } of votes) {
    demand(voices.has(tx.signer), `${tx.signer} was on the roll when voting began`)
    const ballot = tx.body.kind === 'vote.cast' ? tx.body.ballot : undefined
    demand(isBallot(rules, ballot), `the ballot of ${tx.signer} fits the method`)
    inForce.set(tx.signer, ballot)
  }
  const groups = new Map<string, { ballot: Ballot; count: number }>()
  for (const ballot of inForce.values()) {
    const id = toHex(encodeCanonical(ballot))
    const group = groups.get(id)
    if (group === undefined) groups.set(id, { ballot, count: 1 })
    else group.count++
  }
  return [...groups.values()]
}

/** What became of decisions that passed. */
const AFTER_PASSING = ['passed', 'queued', 'executed', 'exec_failed', 'vetoed', 'expired']

/** Counts again. @throws AuditFailure unless the count, the decision and the status are those of the ledger */
export function recount(
  groups: readonly BallotGroup[],
  proposal: Proposal,
  box: BallotBox,
  shown: unknown,
): { readonly decision: Decision; readonly result: DecisionResult } {
  const { rules, roll, result: stored, status } = proposal
  demand(rules !== null && roll !== null && stored !== null, 'the proposal was voted on and counted')
  const heads = groups.reduce((sum, group) => sum + group.count, 0)
  demand(heads === box.turnoutHeads, `${box.turnoutHeads} members voted, ${heads} ballots are in force`)
  const outcome = decide(count(countRules(proposal, heads), groups), rules, roll, heads)
  const same = (a: unknown, b: unknown) => toHex(encodeCanonical(a)) === toHex(encodeCanonical(b))
  demand(same(outcome.result, stored), 'counting again gives the result of the ledger')
  demand(same(shown, stored), 'the result shown is the one proven')
  const follows = outcome.decision === 'passed' ? AFTER_PASSING : [outcome.decision]
  demand(follows.includes(status), `${status} follows from ${outcome.decision}`)
  return outcome
}
