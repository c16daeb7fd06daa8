import { gcd, lcmUpTo, ratioText } from './ratio.ts'
import type { BallotGroup, CountResult, CountRound, CountRules } from './types.ts'

/** How many ways of breaking ties are followed before everybody left is declared tied. */
const MOST_WAYS = 64

/** Equal ballots on their way through the count: their value stands in the common unit of the state. */
interface Pile {
  readonly ranking: readonly (readonly number[])[]
  readonly value: bigint
}

interface State {
  readonly piles: readonly Pile[]
  /** All values are numbers of this part of a vote. */
  readonly unit: bigint
  readonly left: readonly number[]
  readonly elected: readonly number[]
  readonly eliminated: readonly (readonly number[])[]
  /** Votes of every option in the rounds so far, latest last, each as value and unit. */
  readonly history: readonly (readonly { readonly value: bigint; readonly unit: bigint }[])[]
  readonly rounds: readonly CountRound[]
}

interface Outcome {
  readonly elected: readonly number[]
  readonly order: readonly (readonly number[])[]
  readonly rounds: readonly CountRound[]
  readonly tied: boolean
}

/**
 * Instant run-off (one seat) and the single transferable vote. Droop quota floor(votes / (seats + 1)) + 1; surpluses go
 * on from all ballots of the elected at the same fraction of their value (weighted inclusive Gregory), in exact
 * fractions; who has fewest votes is eliminated, several at once where their votes together cannot matter. Equal
 * options on a ballot share its value. A tie is broken by the latest earlier round in which votes differed; what then
 * is still tied is followed in every way, and where the ways end differently, all who might win are declared tied.
 *
 * @see https://prfound.org/resources/reference/reference-wigm-rule/ for the transfer rule (without its rounding)
 */
export function countTransferable(rules: CountRules, groups: readonly BallotGroup[]): CountResult {
  const { method, options } = rules
  const seats = method === 'stv' ? rules.seats : 1
  let ballots = 0
  let mostTied = 1
  const piles: Pile[] = []
  for (const { ballot, count } of groups) {
    const ranking = ballot as readonly (readonly number[])[]
    ballots += count
    if (ranking.length > 0 && count > 0) piles.push({ ranking, value: BigInt(count) })
    for (const group of ranking) mostTied = Math.max(mostTied, group.length)
  }
  const shares = lcmUpTo(mostTied)
  const votes = piles.reduce((sum, { value }) => sum + value, 0n)
  const quota = votes / BigInt(seats + 1) + 1n
  const left = Array.from({ length: options }, (_, option) => option)
  const start: State = { piles, unit: 1n, left, elected: [], eliminated: [], history: [], rounds: [] }
  const none: Outcome = { elected: [], order: [left], rounds: [], tied: false }
  const ways = { left: MOST_WAYS }
  const { elected, order, rounds, tied } = votes === 0n ? none : follow(start, { seats, quota, shares, ways })
  return { method, ballots, winners: elected, tied, order, counts: { quota: Number(quota) }, rounds }
}

interface Terms {
  readonly seats: number
  readonly quota: bigint
  /** A value times this divides evenly among equal options of a ballot. */
  readonly shares: bigint
  readonly ways: { left: number }
}

function follow(start: State, terms: Terms): Outcome {
  let state = start
  for (;;) {
    const seatsLeft = terms.seats - state.elected.length
    if (seatsLeft === 0) return finish(state)
    if (state.left.length <= seatsLeft) return finish(electAll(state))
    const round = countRound(state, terms)
    state = round.state
    const reached = state.left.filter((option) => votesOf(round.votes, option) >= terms.quota * state.unit)
    if (reached.length > 0) {
      state = elect(state, reached, round.votes, terms)
      continue
    }
    const lowest = lowestOf(state, round.votes, seatsLeft)
    if (lowest.length === 1 || isSafe(state, lowest, round.votes, seatsLeft)) state = eliminate(state, lowest)
    else return branch(state, lowest, terms)
  }
}

/** Shares every pile among the best options that are left on it. */
function countRound(state: State, { shares }: Terms): { readonly state: State; readonly votes: readonly bigint[] } {
  const piles =
    shares === 1n ? state.piles : state.piles.map(({ ranking, value }) => ({ ranking, value: value * shares }))
  const unit = state.unit * shares
  const votes: bigint[] = []
  for (const { ranking, value } of piles) {
    const best = bestOf(ranking, state.left)
    const part = best.length > 1 ? value / BigInt(best.length) : value
    for (const option of best) votes[option] = (votes[option] ?? 0n) + part
  }
  const line = Object.fromEntries(state.left.map((option) => [String(option), ratioText(votes[option] ?? 0n, unit)]))
  const entry: { value: bigint; unit: bigint }[] = []
  for (const option of state.left) entry[option] = { value: votes[option] ?? 0n, unit }
  return {
    state: { ...state, piles, unit, history: [...state.history, entry], rounds: [...state.rounds, { votes: line }] },
    votes,
  }
}

function bestOf(ranking: readonly (readonly number[])[], left: readonly number[]): readonly number[] {
  for (const group of ranking) {
    const [only] = group
    if (group.length === 1 && only !== undefined) {
      if (left.includes(only)) return group
    } else {
      const best = group.filter((option) => left.includes(option))
      if (best.length > 0) return best
    }
  }
  return []
}

/** Elects all who reached the quota together, and passes on what each has over it. */
function elect(state: State, reached: readonly number[], votes: readonly bigint[], { quota }: Terms): State {
  let { piles, unit } = state
  const surpluses = new Map(
    reached.map((option) => [option, { over: votesOf(votes, option) - quota * unit, of: votesOf(votes, option) }]),
  )
  let scale = 1n
  for (const { of } of surpluses.values()) scale *= of
  piles = piles.map(({ ranking, value }) => {
    const best = bestOf(ranking, state.left)
    const part = best.length > 1 ? value / BigInt(best.length) : value
    let kept = 0n
    for (const option of best) {
      const surplus = surpluses.get(option)
      kept += surplus === undefined ? part * scale : (part * scale * surplus.over) / surplus.of
    }
    return { ranking, value: best.length === 0 ? value * scale : kept }
  })
  unit *= scale
  const byVotes = reached.toSorted((a, b) => compare(votesOf(votes, b), votesOf(votes, a)))
  const rounds = withNote(state.rounds, { elected: byVotes })
  const left = state.left.filter((option) => !reached.includes(option))
  return { ...state, ...inLowestTerms(piles, unit), left, elected: [...state.elected, ...byVotes], rounds }
}

function electAll(state: State): State {
  const last = state.history.at(-1)
  const inOrder = state.left.toSorted((a, b) => compare(last?.[b]?.value ?? 0n, last?.[a]?.value ?? 0n))
  const rounds = inOrder.length === 0 ? state.rounds : [...state.rounds, { elected: inOrder }]
  return { ...state, left: [], elected: [...state.elected, ...inOrder], rounds }
}

function eliminate(state: State, options: readonly number[]): State {
  const left = state.left.filter((option) => !options.includes(option))
  const rounds = withNote(state.rounds, { eliminated: options })
  return { ...state, left, eliminated: [...state.eliminated, options], rounds }
}

/** Those with fewest votes; among them those who had fewest in the latest earlier round in which they differed. */
function lowestOf(state: State, votes: readonly bigint[], seatsLeft: number): readonly number[] {
  let lowest = fewest(state.left, (option) => votesOf(votes, option))
  for (const round of state.history.toReversed().slice(1)) {
    if (lowest.length === 1 || isSafe(state, lowest, votes, seatsLeft)) break
    lowest = fewest(lowest, (option) => round[option]?.value ?? 0n)
  }
  return lowest
}

/** Whether options may go together: all their votes together are fewer than anybody else's, and enough remain. */
function isSafe({ left }: State, options: readonly number[], votes: readonly bigint[], seatsLeft: number): boolean {
  const others = left.filter((option) => !options.includes(option))
  const together = options.reduce((sum, option) => sum + votesOf(votes, option), 0n)
  return others.length >= seatsLeft && others.every((option) => votesOf(votes, option) > together)
}

/** Follows the elimination of each of those who are tied. */
function branch(state: State, tied: readonly number[], terms: Terms): Outcome {
  const noted = { ...state, rounds: withNote(state.rounds, { tied }) }
  const outcomes: Outcome[] = []
  for (const option of tied) {
    if (terms.ways.left-- <= 0) return undecided(noted, state.left)
    outcomes.push(follow(eliminate(noted, [option]), terms))
  }
  const [first] = outcomes
  const winners = (outcome: Outcome) => outcome.elected.toSorted((a, b) => a - b).join()
  if (first !== undefined && outcomes.every((outcome) => !outcome.tied && winners(outcome) === winners(first))) {
    return first
  }
  return undecided(noted, [...new Set(outcomes.flatMap(({ elected }) => elected))])
}

/** Nobody can say: all who might be elected are. */
function undecided(state: State, mayWin: readonly number[]): Outcome {
  const open = mayWin.filter((option) => !state.elected.includes(option)).toSorted((a, b) => a - b)
  const lost = state.left.filter((option) => !open.includes(option))
  const order = [
    ...state.elected.map((option) => [option]),
    open,
    ...(lost.length > 0 ? [lost] : []),
    ...state.eliminated.toReversed(),
  ]
  return { elected: [...state.elected, ...open], order, rounds: state.rounds, tied: true }
}

function finish(state: State): Outcome {
  const last = state.history.at(-1)
  const value = (option: number) => last?.[option]?.value ?? 0n
  const rest: number[][] = []
  for (const option of state.left.toSorted((a, b) => compare(value(b), value(a)))) {
    const group = rest.at(-1)
    if (group?.[0] !== undefined && value(group[0]) === value(option)) group.push(option)
    else rest.push([option])
  }
  const order = [...state.elected.map((option) => [option]), ...rest, ...state.eliminated.toReversed()]
  return { elected: state.elected, order, rounds: state.rounds, tied: false }
}

function fewest(options: readonly number[], value: (option: number) => bigint): readonly number[] {
  const values = options.map(value)
  let [least = 0n] = values
  for (const candidate of values) if (candidate < least) least = candidate
  return options.filter((_, index) => values[index] === least)
}

function withNote(rounds: readonly CountRound[], note: CountRound): readonly CountRound[] {
  return [...rounds.slice(0, -1), { ...rounds.at(-1), ...note }]
}

/** Exact fractions grow with every transfer; what all have in common is taken out. */
function inLowestTerms(
  piles: readonly Pile[],
  unit: bigint,
): { readonly piles: readonly Pile[]; readonly unit: bigint } {
  let common = unit
  for (const { value } of piles) {
    if (common === 1n) return { piles, unit }
    common = gcd(common, value)
  }
  return { piles: piles.map(({ ranking, value }) => ({ ranking, value: value / common })), unit: unit / common }
}

function votesOf(votes: readonly bigint[], option: number): bigint {
  return votes[option] ?? 0n
}

function compare(a: bigint, b: bigint): number {
  return a === b ? 0 : a > b ? 1 : -1
}
