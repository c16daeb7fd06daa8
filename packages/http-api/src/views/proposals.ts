import {
  countRules,
  listBallotGroups,
  listSponsors,
  type ProposalFacts,
  quorumHeads,
} from '@icn/state-machine/governance'
import type { SqlReader } from '@icn/state-machine/kernel'
import { addsUp, type CountResult, count, countTotals } from '@icn/tally'
import type { AnswerOf } from '../contract/index.ts'
import { time, timeOrNull } from './times.ts'

type Proposal = AnswerOf<'proposal'>
type Summary = AnswerOf<'proposals'>['items'][number]
type Result = NonNullable<Proposal['result']>

export function proposalSummary(facts: ProposalFacts): Summary {
  const { id, org, author, type, method, title, options, result, turnoutHeads } = facts
  return {
    id,
    org,
    author,
    type,
    method,
    status: facts.status as Summary['status'],
    title,
    created: time(facts.createdTimeMs),
    discussionEnd: timeOrNull(facts.discussionEndMs),
    votingStart: timeOrNull(facts.votingStartMs),
    votingEnd: timeOrNull(facts.votingEndMs),
    turnout: turnoutHeads,
    roll: facts.roll?.heads ?? null,
    winners: (result?.winners ?? []).map((winner) => options[winner]?.label ?? ''),
  }
}

/** @param sql - asked for sponsors, and for the ballots of a count that is not closed yet */
export function proposalView(sql: SqlReader, facts: ProposalFacts): Proposal {
  const { text, options, actions, seats, maxScore, budgetMinor, amends, contentHash, createdHeight, sponsorsNeeded } =
    facts
  const { rules, roll } = facts
  return {
    ...proposalSummary(facts),
    text,
    options: options.map(({ label, costMinor, actions: own }) => ({ label, cost: String(costMinor), actions: own })),
    actions: [...actions],
    seats,
    maxScore,
    budget: String(budgetMinor),
    amends,
    contentHash,
    createdHeight,
    sponsors: listSponsors(sql, facts.id),
    sponsorsNeeded,
    rules: rules === null ? null : { threshold: rules.threshold, quorum: rules.quorum, weights: rules.weights },
    frozenRoll: roll,
    result: resultView(sql, facts),
    executeAt: timeOrNull(facts.executeAtMs),
    failure: facts.failure,
    closedHeight: facts.closedHeight,
  }
}

/** The result, or what the ballots so far say. */
function resultView(sql: SqlReader, facts: ProposalFacts): Result | null {
  const { result, rules, roll, turnoutHeads } = facts
  if (result !== null)
    return named(
      facts,
      result.count as CountResult,
      { final: true, turnout: result.turnoutHeads, quorum: result.quorumHeads },
      result.winners,
    )
  if (rules === null || roll === null) return null
  const counted = countNow(sql, facts)
  return named(
    facts,
    counted,
    { final: false, turnout: turnoutHeads, quorum: quorumHeads(rules, roll.heads) },
    counted.winners,
  )
}

function countNow(sql: SqlReader, facts: ProposalFacts): CountResult {
  const rules = countRules(facts, facts.turnoutHeads)
  if (addsUp(rules.method) && facts.totals !== null) return countTotals(rules, facts.totals)
  return count(rules, listBallotGroups(sql, facts.id))
}

function named(
  { options }: ProposalFacts,
  counted: CountResult,
  how: Pick<Result, 'final' | 'turnout' | 'quorum'>,
  winners: readonly number[],
): Result {
  const label = (option: number) => options[option]?.label ?? ''
  const order = counted.order.map((group) => group.map(label))
  const { tied, counts, rounds } = counted
  return { ...how, winners: winners.map(label), tied, order, counts, rounds: [...rounds] }
}
