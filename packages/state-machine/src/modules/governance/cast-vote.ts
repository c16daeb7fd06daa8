import { appendLog, encodeCanonical, logLeaf, sha256, toHex } from '@icn/crypto'
import { type Bodies, GovernanceReject, type Transaction } from '@icn/protocol'
import { addBallot, type Ballot, type CountRules, isBallot, type Totals } from '@icn/tally'
import {
  accept,
  assert,
  type BlockContext,
  cancel,
  type Outcome,
  reject,
  type State,
  schedule,
} from '../../kernel/index.ts'
import { getMember, hasVoiceAt } from '../membership/index.ts'
import { countRules } from './count-rules.ts'
import { quorumHeads } from './decide.ts'
import { outageTotalMs, votingEndMs } from './outage.ts'
import { getProposal, type Proposal, putProposal } from './proposal.ts'
import { ballotBoxes, ballotGroups, governanceDeadlines, votes } from './tables.ts'

/**
 * Records one member's ballot; a later ballot of the same member replaces it.
 * Reads 5 rows, writes 2 (the box is hashed once a block): the cost does not grow with the electorate.
 */
export function castVote(tx: Transaction, block: BlockContext, state: State): Outcome<GovernanceReject> {
  const { proposal: id, ballot } = tx.body as Bodies['vote.cast']
  const proposal = getProposal(state, id)
  if (proposal === undefined) return reject(GovernanceReject.PROPOSAL_NOT_FOUND)
  const { roll, org } = proposal
  if (roll === null || proposal.status !== 'voting' || block.timeMs >= votingEndMs(state, block, proposal)) {
    return reject(GovernanceReject.VOTING_NOT_OPEN)
  }
  const member = getMember(state, org, tx.signer)
  if (member === undefined || !hasVoiceAt(member, roll.version)) return reject(GovernanceReject.NOT_ON_ROLL)
  const rules = countRules(proposal, 0)
  if (!isBallot(rules, ballot)) return reject(GovernanceReject.BALLOT_INVALID)

  const box = state.open(ballotBoxes).get({ proposal: id })
  assert(box !== undefined, 'a proposal in voting has a ballot box')
  const previous = state.open(votes).get({ proposal: id, voter: tx.signer })
  const turnoutHeads = box.turnoutHeads + (previous === undefined ? 1 : 0)
  assert(turnoutHeads <= roll.heads, 'turnout exceeds the roll')

  const replaced = previous?.ballot as Ballot | undefined
  const totals =
    box.totals === null
      ? countInGroups(state, id, ballot, replaced)
      : exchange(rules, box.totals as Totals, ballot, replaced)
  const log = appendLog(box.log, logLeaf(block.seed))
  state.open(ballotBoxes).put({ proposal: id, turnoutHeads, log, totals })
  state.open(votes).put({ proposal: id, voter: tx.signer, ballot, position: box.log.size, height: block.height })
  if (previous === undefined) extendForLateQuorum(state, block, proposal, turnoutHeads)
  return accept({ topic: 'vote.cast', org, subject: id, data: { voter: tx.signer, changed: previous !== undefined } })
}

function exchange(rules: CountRules, totals: Totals, ballot: Ballot, replaced: Ballot | undefined): Totals {
  const without = replaced === undefined ? totals : addBallot(rules, totals, replaced, -1)
  return addBallot(rules, without, ballot, 1)
}

/** For methods whose totals do not add up: equal ballots share a row with their number. */
function countInGroups(state: State, proposal: string, ballot: Ballot, replaced: Ballot | undefined): null {
  if (replaced !== undefined) addToGroup(state, proposal, replaced, -1)
  addToGroup(state, proposal, ballot, 1)
  return null
}

function addToGroup(state: State, proposal: string, ballot: Ballot, by: 1 | -1): void {
  const rows = state.open(ballotGroups)
  const key = { proposal, ballotHash: toHex(sha256(encodeCanonical(ballot))) }
  const count = (rows.get(key)?.count ?? 0) + by
  assert(count >= 0, 'no ballot is taken out that was not put in')
  if (count === 0) rows.delete(key)
  else rows.put({ ...key, ballot: ballot as Bodies['vote.cast']['ballot'], count })
}

/** Whoever completes the quorum at the last moment gives the others time to answer; once. */
function extendForLateQuorum(state: State, block: BlockContext, proposal: Proposal, turnoutHeads: number): void {
  const { rules, roll, id } = proposal
  if (rules === null || roll === null || proposal.extended || rules.lateQuorumExtensionMs === 0) return
  if (turnoutHeads !== quorumHeads(rules, roll.heads)) return
  const endMs = votingEndMs(state, block, proposal)
  if (block.timeMs < endMs - rules.lateQuorumExtensionMs) return
  const later = endMs + rules.lateQuorumExtensionMs
  cancel(state, governanceDeadlines, { dueMs: proposal.votingEndMs ?? 0, id })
  schedule(state, governanceDeadlines, { dueMs: later, id, kind: 'voting-end' })
  putProposal(state, { ...proposal, votingEndMs: later, outageMs: outageTotalMs(state, block), extended: true })
}
