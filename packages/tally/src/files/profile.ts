/** Ballots that were cast alike. `order`: groups of alternatives by index, best first, unranked ones last together. */
export interface RankedBallots {
  readonly count: number
  readonly order: readonly (readonly number[])[]
}

/** An election by rankings: what PrefLib, BLT and most CSV files hold. */
export interface RankedProfile {
  readonly kind: 'ranked'
  readonly title: string
  readonly candidates: readonly string[]
  /** What the file itself says (BLT), else 1. */
  readonly seats: number
  readonly ballots: readonly RankedBallots[]
}

/** Rows of a table with one cell a candidate. A cell is a rank or a score: the method decides, see `rankingsOf`. */
export interface TableProfile {
  readonly kind: 'table'
  readonly candidates: readonly string[]
  readonly ballots: readonly { readonly count: number; readonly cells: readonly (number | undefined)[] }[]
}

export type VoteType = 'approval' | 'choose-1' | 'cumulative' | 'scoring' | 'ordinal'

export interface BudgetProject {
  readonly id: string
  readonly name: string
  /** In units of 10^−decimals of the currency. */
  readonly cost: number
  /** The outcome that was published, where the file tells. */
  readonly selected: boolean | undefined
}

export interface BudgetBallot {
  readonly voter: string
  /** Projects by index, in the order of the file. */
  readonly projects: readonly number[]
  /** One for each of `projects` (`cumulative`, `scoring`), else empty. */
  readonly points: readonly number[]
}

/** A participatory budget: what Pabulib files hold. Amounts are exact: integers in units of 10^−decimals. */
export interface BudgetProfile {
  readonly kind: 'budget'
  /** Every key and value of the section META, in its order. */
  readonly meta: readonly (readonly [key: string, value: string])[]
  readonly voteType: VoteType
  readonly decimals: number
  readonly budget: number
  readonly projects: readonly BudgetProject[]
  readonly ballots: readonly BudgetBallot[]
}

export type Profile = RankedProfile | TableProfile | BudgetProfile

/** The same ranking with nobody left out: the unranked, if any, as a last group. */
export function completeOrder(
  order: readonly (readonly number[])[],
  candidates: number,
): readonly (readonly number[])[] {
  const ranked = new Set(order.flat())
  if (ranked.size === candidates) return order
  const rest = Array.from({ length: candidates }, (_, option) => option).filter((option) => !ranked.has(option))
  return [...order, rest]
}

/** A table read as ranks: 1 is best, equal numbers tie, an empty cell is unranked. Gaps do not matter. */
export function rankingsOf(profile: TableProfile): RankedProfile {
  const ballots = profile.ballots.map(({ count, cells }) => ({ count, order: orderOf(cells) }))
  return { kind: 'ranked', title: '', candidates: profile.candidates, seats: 1, ballots }
}

function orderOf(cells: readonly (number | undefined)[]): number[][] {
  const groups = new Map<number, number[]>()
  for (const [option, rank] of cells.entries()) {
    if (rank === undefined) continue
    const group = groups.get(rank)
    if (group === undefined) groups.set(rank, [option])
    else group.push(option)
  }
  return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group)
}
