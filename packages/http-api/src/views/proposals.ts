import {
  countRules,
  listBallotGroups,
  listSponsors,
  type ProposalFacts,
  quorumHeads,
} from '@icn/state-machine/governance'
import type { SqlReader } from '@icn/state-machine/kernel'
import { type CountResult, countTotals, countWithin } from '@icn/tally'
import type { AnswerOf } from '../contract/index.ts'
import { time, timeOrNull } from './times.ts'

/** Different ballots that a read counts while voting goes on, and units that this may take: everybody else waits. */
const MOST_GROUPS = 2_000
const MOST_UNITS = 10_000_000

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

/** The result, or what the ballots so far say; nothing while they are counted, and where a read would take too long. */
function resultView(sql: SqlReader, facts: ProposalFacts): Result | null {
  const { result, rules, roll, turnoutHeads } = facts
  if (result !== null)
    return named(
      facts,
      result.count as CountResult,
      { final: true, turnout: result.turnoutHeads, quorum: result.quorumHeads },
      result.winners,
    )
  if (rules === null || roll === null || facts.status !== 'voting') return null
  const counted = countNow(sql, facts)
  if (counted === undefined) return null
  return named(
    facts,
    counted,
    { final: false, turnout: turnoutHeads, quorum: quorumHeads(rules, roll.heads) },
    counted.winners,
  )
}

function countNow(sql: SqlReader, facts: ProposalFacts): CountResult | undefined {
  const rules = countRules(facts, facts.turnoutHeads)
  if (facts.totals !== null) return countTotals(rules, facts.totals)
  const groups = listBallotGroups(sql, facts.id, MOST_GROUPS + 1)
  return groups.length > MOST_GROUPS ? undefined : countWithin(rules, groups, MOST_UNITS)
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
