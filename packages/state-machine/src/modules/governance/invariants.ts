import { encodeCanonical, toHex } from '@icn/crypto'
import { addBallot, type Ballot, emptyTotals, type Totals } from '@icn/tally'
import { assert, type State } from '../../kernel/index.ts'
import { countRules } from './count-rules.ts'
import { contentHash, OPEN, type Proposal } from './proposal.ts'
import {
  ballotBoxes,
  ballotGroups,
  countDeadlines,
  governanceDeadlines,
  proposals,
  proposers,
  votes,
} from './tables.ts'

const WAITING: Readonly<Record<string, string>> = {
  draft: 'draft-end',
  discussion: 'discussion-end',
  voting: 'voting-end',
  counting: 'count',
  queued: 'execute',
  exec_failed: 'execute',
}

/** Boxes agree with the ballots in force, every open phase has its one deadline, and open proposals are counted. */
export function checkGovernanceInvariants(state: State): void {
  const deadlines = new Map<string, string[]>()
  const wait = (id: string, kind: string) => deadlines.set(id, [...(deadlines.get(id) ?? []), kind])
  for (const { id, kind } of state.open(governanceDeadlines).scan([])) wait(id, kind)
  for (const { id } of state.open(countDeadlines).scan([])) wait(id, 'count')
  const open = new Map<string, number>()
  for (const proposal of state.open(proposals).scan([])) {
    const { id, org, author, status } = proposal
    const expected = WAITING[status]
    assert((deadlines.get(id) ?? []).join() === (expected ?? ''), `${id}: one deadline for the phase ${status}`)
    assert(contentHash(proposal) === proposal.contentHash, `${id}: what is voted on is what was proposed`)
    if (OPEN.includes(status)) open.set(`${org} ${author}`, (open.get(`${org} ${author}`) ?? 0) + 1)
    if (proposal.roll !== null) checkBox(state, proposal)
  }
  for (const { org, did, open: counted } of state.open(proposers).scan([])) {
    assert(counted === (open.get(`${org} ${did}`) ?? 0), `${did}: open proposals are counted`)
  }
}

function checkBox(state: State, proposal: Proposal): void {
  const { id, roll } = proposal
  const box = state.open(ballotBoxes).get({ proposal: id })
  const ballots = Array.from(state.open(votes).scan([id]), ({ ballot }) => ballot as Ballot)
  assert(box !== undefined && box.turnoutHeads === ballots.length, `${id}: the turnout counts the ballots`)
  assert(ballots.length <= (roll?.heads ?? 0), `${id}: turnout exceeds the roll`)
  assert(box.log.size >= ballots.length, `${id}: the log holds every ballot`)
  const rules = countRules(proposal, ballots.length)
  if (box.totals === null) checkGroups(state, id, ballots)
  else {
    let totals: Totals = emptyTotals(rules)
    for (const ballot of ballots) totals = addBallot(rules, totals, ballot, 1)
    assert(textOf(totals) === textOf(box.totals), `${id}: the totals are those of the ballots in force`)
  }
}

function checkGroups(state: State, id: string, ballots: readonly Ballot[]): void {
  const counts = new Map<string, number>()
  for (const ballot of ballots) counts.set(textOf(ballot), (counts.get(textOf(ballot)) ?? 0) + 1)
  let groups = 0
  for (const { ballot, count } of state.open(ballotGroups).scan([id])) {
    assert(counts.get(textOf(ballot)) === count, `${id}: the groups count equal ballots`)
    groups++
  }
  assert(groups === counts.size, `${id}: every ballot is in a group`)
}

function textOf(value: unknown): string {
  return toHex(encodeCanonical(value))
}
