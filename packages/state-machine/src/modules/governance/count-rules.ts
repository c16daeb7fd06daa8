import type { Method } from '@icn/protocol'
import type { CountRules } from '@icn/tally'
import type { Proposal } from './proposal.ts'

/** In how many steps, at least, the share of a voter grows from nothing to the whole budget's share. */
const SHARE_STEPS = 1_000
/** A share grows to at most three times the equal one: each raise is a whole count, and a block has to end. */
const MOST_RAISES = 2_000

/**
 * What the ballots of a proposal are counted by.
 *
 * @param turnoutHeads - members who voted; only budgets need it, for the step by which shares are raised
 */
export function countRules(
  proposal: Pick<Proposal, 'method' | 'options' | 'seats' | 'maxScore' | 'budgetMinor'>,
  turnoutHeads: number,
): CountRules {
  const { options, seats, maxScore, budgetMinor } = proposal
  const method = proposal.method as Method
  return {
    method,
    options: options.length,
    seats,
    maxScore,
    budget: budgetMinor,
    costs: method === 'equal-shares' || method === 'greedy' ? options.map(({ costMinor }) => costMinor) : [],
    utility: 'cost',
    completion: method === 'equal-shares' ? 'add1' : 'none',
    shareStep: Math.max(1, Math.floor(budgetMinor / (Math.max(1, turnoutHeads) * SHARE_STEPS))),
    mostRaises: MOST_RAISES,
  }
}
