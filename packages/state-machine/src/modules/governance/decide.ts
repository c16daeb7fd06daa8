import type { CountResult } from '@icn/tally'
import type { DecisionResult, FrozenRoll, FrozenRules } from './tables.ts'

export type Decision = 'passed' | 'rejected' | 'no_quorum' | 'tied'

/** Heads that must take part: the quorum's share of the roll, rounded up. */
export function quorumHeads({ quorum }: Pick<FrozenRules, 'quorum'>, heads: number): number {
  return Math.ceil((quorum.num * heads) / quorum.den)
}

/**
 * What a count means under the rules that the vote froze. The quorum counts heads, abstentions included. A plain question
 * passes when yes·den ≥ num·(yes + no), yes > 0 and yes ≠ no; consent when somebody consents and nobody objects; other
 * methods when somebody wins: a threshold says nothing about a ranking.
 */
export function decide(
  count: CountResult,
  rules: FrozenRules,
  roll: FrozenRoll,
  turnoutHeads: number,
): { readonly decision: Decision; readonly result: DecisionResult } {
  const quorum = quorumHeads(rules, roll.heads)
  const decision = turnoutHeads < quorum ? 'no_quorum' : decisionOf(count, rules)
  const winners = decision === 'passed' || decision === 'tied' ? count.winners : []
  return { decision, result: { turnoutHeads, quorumHeads: quorum, winners, count } }
}

function decisionOf(count: CountResult, { threshold }: FrozenRules): Decision {
  const heads = (word: string) => Number(count.counts[word] ?? 0)
  switch (count.method) {
    case 'yes-no': {
      const yes = heads('yes')
      const no = heads('no')
      return yes > 0 && yes !== no && yes * threshold.den >= threshold.num * (yes + no) ? 'passed' : 'rejected'
    }
    case 'consent':
      return heads('consent') > 0 && heads('object') === 0 ? 'passed' : 'rejected'
    case 'equal-shares':
    case 'greedy':
      // Their rule breaks every tie: more votes, lower cost, order.
      return count.winners.length > 0 ? 'passed' : 'rejected'
    default:
      if (count.winners.length === 0) return 'rejected'
      return count.tied ? 'tied' : 'passed'
  }
}
