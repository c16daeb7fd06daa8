import type { Steps } from './steps.ts'

export type Method =
  | 'yes-no'
  | 'consent'
  | 'plurality'
  | 'approval'
  | 'score'
  | 'schulze'
  | 'irv'
  | 'stv'
  | 'equal-shares'
  | 'greedy'

/**
 * One voter's ballot, by method:
 * `yes-no` a word (`yes`, `no`, `abstain`); `consent` a word (`consent`, `stand-aside`, `object`, `abstain`);
 * `plurality` an option; `approval` options; `score` pairs `[option, score]`;
 * `schulze`, `irv`, `stv` groups of options, best first, a group of two or more being a tie, unranked options last together;
 * `equal-shares`, `greedy` options approved, or pairs `[option, points]`. Options by index from 0. An empty list abstains.
 */
export type Ballot = string | number | readonly number[] | readonly (readonly number[])[]

/** Equal ballots, counted once: what a count costs grows with the number of groups, not of voters. */
export interface BallotGroup {
  readonly ballot: Ballot
  readonly count: number
}

/** What a ballot is counted by. All integers; fields that a method does not use are 0, empty or the first value. */
export interface CountRules {
  readonly method: Method
  /** Number of options; 0 for `yes-no` and `consent`. */
  readonly options: number
  /** Winners to find (`stv`; else 1). */
  readonly seats: number
  /** Highest score of a ballot (`score`, else 0). */
  readonly maxScore: number
  /** Budgets only: what may be spent, and what each option costs, in the same integer unit. */
  readonly budget: number
  readonly costs: readonly number[]
  readonly utility: 'cost' | 'cardinality'
  readonly completion: 'none' | 'add1' | 'add1u'
  /** By how much `add1` raises every voter's share, in the unit of `budget`. */
  readonly shareStep: number
  /** How often `add1` raises the share at most: a count has to end, whatever the budget. */
  readonly mostRaises: number
}

/** One step of a count, for people to follow: plain texts, integers, booleans, lists and maps. Fractions are texts `7/3`. */
export type CountRound = Readonly<Record<string, unknown>>

/** What a count says; options by index. Plain integers, booleans and texts only, so it can be hashed. */
export interface CountResult {
  readonly method: Method
  /** Ballots counted, abstentions included. */
  readonly ballots: number
  /** Elected or selected; where the rules leave a tie, all who are tied, and `tied` is true. */
  readonly winners: readonly number[]
  readonly tied: boolean
  /** All options, best first; a group holds those whom the rules leave equal. */
  readonly order: readonly (readonly number[])[]
  /** Counts by name: `{ yes: 3, no: 1, abstain: 0 }`, or per option `{ votes: [..] }`. */
  readonly counts: Readonly<Record<string, number | readonly number[]>>
  readonly rounds: readonly CountRound[]
}

/** Running counts of a method that adds up: a flat list whose layout belongs to the method. */
export interface Totals {
  readonly ballots: number
  readonly values: readonly number[]
}

/** A count in the making: it takes all ballots, and is then done in steps. */
export interface Counting {
  /**
   * Takes equal ballots. Cost grows with the ballot.
   *
   * @param group - a ballot that `isBallot` accepts
   * @returns how many of its entries were looked at
   */
  add(group: BallotGroup): number
  /**
   * Once, after the last ballot.
   *
   * @param portion - units after which to stop
   */
  steps(portion: number): Steps<CountResult>
}
