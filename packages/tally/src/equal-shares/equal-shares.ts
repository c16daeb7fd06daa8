import { takeGreedily } from '../greedy.ts'
import { groupsByValue } from '../order.ts'
import { Meter, type Steps } from '../steps.ts'
import type { BallotGroup, Counting, CountResult, CountRound, CountRules } from '../types.ts'
import { SharesBallots, type SharesRun } from './problem.ts'
import { type LastRun, lastWithinBudget } from './raises.ts'

/**
 * The method of equal shares. `add1` raises every voter's share by one step until the result would overspend the real
 * budget and keeps the last that does not, also past the point where it is exhaustive, at most `mostRaises` times; `add1u` then spends what is left
 * greedily. Ties go to more votes, then lower cost, then the order of the projects, and are reported.
 */
export class SharesCount implements Counting {
  readonly #rules: CountRules
  readonly #ballots: SharesBallots

  constructor(rules: CountRules) {
    this.#rules = rules
    this.#ballots = new SharesBallots(rules)
  }

  add(group: BallotGroup): number {
    return this.#ballots.add(group)
  }

  *steps(portion: number): Steps<CountResult> {
    const { method, completion } = this.#rules
    const problem = this.#ballots.problem()
    const { voters, votes, budget, costs } = problem
    const meter = new Meter(portion)
    const nothing: LastRun = { run: NOTHING, raises: 0 }
    const { run, raises } = voters === 0 ? nothing : yield* lastWithinBudget(problem, this.#rules, meter)
    const rounds: CountRound[] = run.selected.map((project) => ({ selected: project, cost: costs[project] ?? 0 }))
    const rest = completion === 'add1u' ? takeGreedily(this.#rules, votes, budget - run.spent, run.selected) : undefined
    yield meter.take()
    return {
      method,
      ballots: voters,
      winners: [...run.selected, ...(rest?.winners ?? [])],
      tied: run.tied || (rest?.tied ?? false),
      order: groupsByValue(votes),
      counts: { votes, raises },
      rounds: [...rounds, ...(rest?.rounds ?? [])],
    }
  }
}

const NOTHING: SharesRun = { selected: [], spent: 0, tied: false }
