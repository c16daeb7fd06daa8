import { commonOrder, groupsBy } from './order.ts'
import { type Piles, pilesOf, type Votes, votesIn, withoutThem, withSurplusOnly } from './piles.ts'
import { Layout } from './rankings.ts'
import { ratioText } from './ratio.ts'
import { Meter, type Steps, wordsOf } from './steps.ts'
import type { BallotGroup, Counting, CountResult, CountRound, CountRules } from './types.ts'

/** How many ways out of ties are followed before everybody left at the first tie is declared tied. */
const MOST_WAYS = 256
/** Comparing two options who are left, in a round. */
const PAIR_UNITS = 20
/** Writing down the votes of an option, for each word by each word: the fraction is reduced. */
const NOTE_UNITS = 20

interface State {
  readonly piles: Piles
  readonly left: readonly number[]
  readonly seatsLeft: number
  /** Those left, fewest votes first: by the latest round, where equal there by the one before it, and so on. */
  readonly byVotes: readonly (readonly number[])[]
  /** What was elected and eliminated in what order; what order eliminations had among each other does not matter. */
  readonly past: string
  readonly eliminated: readonly number[]
}

/** What becomes of those left in a state: best first; the first `winners` of them are elected. */
interface Outcome {
  readonly order: readonly (readonly number[])[]
  readonly winners: number
  readonly tied: boolean
}

interface Terms {
  readonly options: number
  readonly quota: bigint
  /** Of one way through all ties that make no difference. */
  readonly rounds: CountRound[]
  isShown: boolean
  /** Ways out of ties so far, and the outcomes of states that several of them may lead to. */
  ways: number
  readonly known: Map<string, Outcome>
  readonly meter: Meter
}

/**
 * Instant run-off (one seat) and the single transferable vote. Droop quota floor(votes / (seats + 1)) + 1; surpluses go
 * on from all ballots of the elected at the same fraction of their value (weighted inclusive Gregory), in exact
 * fractions; who has fewest votes is eliminated, several at once where their votes together cannot matter. Equal
 * options on a ballot share its value. A tie is broken by the latest earlier round in which votes differed; what then
 * is still tied is followed in every way, and where the ways end differently, all who might win are declared tied.
 * The rules in full are in docs/protocol.md.
 *
 * @see https://prfound.org/resources/reference/reference-wigm-rule/ for the transfer rule (without its rounding)
 */
export class TransferableCount implements Counting {
  readonly #rules: CountRules
  readonly #layout: Layout
  #ballots = 0
  #votes = 0

  constructor(rules: CountRules, most: number) {
    this.#rules = rules
    this.#layout = new Layout(most, rules.options)
  }

  /** Who ranks nobody is counted, and laid aside. */
  add({ ballot, count }: BallotGroup): number {
    this.#ballots += count
    if ((ballot as readonly unknown[]).length === 0 || count === 0) return 0
    this.#votes += count
    return this.#layout.add(ballot, count)
  }

  *steps(portion: number): Steps<CountResult> {
    const { method, options } = this.#rules
    const seats = method === 'stv' ? this.#rules.seats : 1
    const quota = BigInt(this.#votes) / BigInt(seats + 1) + 1n
    const left = Array.from({ length: options }, (_, option) => option)
    const meter = new Meter(portion)
    const piles = yield* pilesOf(this.#layout.rankings(), options, meter)
    const terms: Terms = { options, quota, rounds: [], isShown: true, ways: 0, known: new Map(), meter }
    const start: State = { piles, left, seatsLeft: seats, byVotes: [left], past: '', eliminated: [] }
    const nobody: Outcome = { order: [left], winners: 0, tied: false }
    const { order, winners, tied } = this.#votes === 0 ? nobody : yield* follow(start, terms)
    yield meter.take()
    return {
      method,
      ballots: this.#ballots,
      winners: order.flat().slice(0, winners),
      tied,
      order,
      counts: { quota: Number(quota) },
      rounds: terms.rounds,
    }
  }
}

function* follow(state: State, terms: Terms): Steps<Outcome> {
  const { left, seatsLeft } = state
  const { meter } = terms
  const bestFirst = state.byVotes.toReversed()
  if (seatsLeft === 0) return { order: bestFirst, winners: 0, tied: false }
  if (left.length <= seatsLeft) {
    if (left.length > 0) note(terms, { elected: bestFirst.flat() })
    return { order: bestFirst, winners: left.length, tied: false }
  }
  const votes = yield* votesIn(state.piles, terms.options, meter)
  meter.spend(PAIR_UNITS * left.length ** 2)
  const counted = { ...state, byVotes: byVotesNow(state, votes) }
  if (terms.isShown) {
    meter.spend(NOTE_UNITS * left.length * wordsOf(votes.unit) ** 2)
    note(terms, {
      votes: Object.fromEntries(left.map((option) => [String(option), ratioText(of(votes, option), votes.unit)])),
    })
  }
  if (meter.isDue) yield meter.take()
  if (terms.ways === 0) return yield* act(counted, votes, terms)
  const key = keyOf(counted)
  const outcome = terms.known.get(key) ?? (yield* act(counted, votes, terms))
  terms.known.set(key, outcome)
  return outcome
}

/** The same for two states exactly where the same follows from them. */
function keyOf({ past, eliminated, byVotes }: State): string {
  return [past, eliminated.toSorted((a, b) => a - b).join(), byVotes.map(String).join('<')].join(';')
}

/** One step, then whatever follows from it. */
function* act(state: State, votes: Votes, terms: Terms): Steps<Outcome> {
  const { left, seatsLeft, byVotes } = state
  const reached = left.filter((option) => of(votes, option) >= terms.quota * votes.unit)
  if (reached.length > 0) return yield* elect(state, reached, votes, terms)
  const lowest = fewest(left, votes)
  if (isSafe(left, lowest, votes, seatsLeft)) return yield* eliminate(state, lowest, terms)
  const [last = []] = byVotes
  return yield* last.length === 1 ? eliminate(state, last, terms) : followAll(state, last, terms)
}

/** Elects all who reached the quota together, and passes on what each has over it. */
function* elect(state: State, reached: readonly number[], votes: Votes, terms: Terms): Steps<Outcome> {
  const groups = without(state.byVotes, (option) => !reached.includes(option)).toReversed()
  note(terms, { elected: groups.flat() })
  const left = state.left.filter((option) => !reached.includes(option))
  const rest = yield* withSurplusOnly(state.piles, reached, votes, terms.quota, terms.meter)
  const piles = yield* withoutThem(rest, left, terms.options, terms.meter)
  const { order, winners, tied } = yield* follow(
    {
      piles,
      left,
      seatsLeft: state.seatsLeft - reached.length,
      byVotes: without(state.byVotes, (option) => reached.includes(option)),
      past: `${state.past};${state.eliminated.toSorted((a, b) => a - b)}+${groups.map(String).join('>')}`,
      eliminated: [],
    },
    terms,
  )
  return { order: [...groups, ...order], winners: reached.length + winners, tied }
}

function* eliminate(state: State, options: readonly number[], terms: Terms): Steps<Outcome> {
  note(terms, { eliminated: options })
  const left = state.left.filter((option) => !options.includes(option))
  const piles = yield* withoutThem(state.piles, left, terms.options, terms.meter)
  const { order, winners, tied } = yield* follow(
    {
      ...state,
      piles,
      left,
      byVotes: without(state.byVotes, (option) => options.includes(option)),
      eliminated: [...state.eliminated, ...options],
    },
    terms,
  )
  return { order: [...order, options], winners, tied }
}

/**
 * Follows the elimination of each of those who are tied. Which of them is followed first makes no difference to the
 * outcome: all ways are counted, and where there are too many, everybody left at the first tie is tied.
 */
function* followAll(state: State, tied: readonly number[], terms: Terms): Steps<Outcome> {
  const { rounds, isShown } = terms
  note(terms, { tied })
  const shown = rounds.slice()
  const outcomes: Outcome[] = []
  for (const option of tied) {
    if (++terms.ways <= MOST_WAYS) outcomes.push(yield* eliminate(state, [option], terms))
    terms.isShown = false
  }
  const all: Outcome = { order: [state.left], winners: state.left.length, tied: true }
  const merged = terms.ways <= MOST_WAYS ? mergeWays(state, outcomes) : all
  if (isShown && merged.tied) rounds.splice(0, rounds.length, ...shown)
  return merged
}

function mergeWays({ left }: State, outcomes: readonly Outcome[]): Outcome {
  const winnersOf = ({ order, winners }: Outcome) => order.flat().slice(0, winners)
  const mayWin = left.filter((option) => outcomes.some((outcome) => winnersOf(outcome).includes(option)))
  const agree = outcomes.every((outcome) => !outcome.tied && outcome.winners === mayWin.length)
  if (agree) return { order: commonOrder(outcomes.map(({ order }) => order)), winners: mayWin.length, tied: false }
  const lost = left.filter((option) => !mayWin.includes(option))
  return { order: lost.length > 0 ? [mayWin, lost] : [mayWin], winners: mayWin.length, tied: true }
}

/** Whether options may go together: all their votes together are fewer than anybody else's, and enough remain. */
function isSafe(left: readonly number[], options: readonly number[], votes: Votes, seatsLeft: number): boolean {
  const others = left.filter((option) => !options.includes(option))
  if (options.length === 1) return true
  const together = options.reduce((sum, option) => sum + of(votes, option), 0n)
  return others.length >= seatsLeft && others.every((option) => of(votes, option) > together)
}

function byVotesNow({ left, byVotes }: State, votes: Votes): number[][] {
  const before: number[] = []
  for (const [place, group] of byVotes.entries()) for (const option of group) before[option] = place
  return groupsBy(left, (a, b) => compare(of(votes, a), of(votes, b)) || (before[a] ?? 0) - (before[b] ?? 0))
}

function fewest(left: readonly number[], votes: Votes): readonly number[] {
  const least = left.reduce(
    (low, option) => (compare(of(votes, option), low) < 0 ? of(votes, option) : low),
    of(votes, left[0] ?? 0),
  )
  return left.filter((option) => of(votes, option) === least)
}

function without(groups: readonly (readonly number[])[], leaves: (option: number) => boolean): number[][] {
  return groups.map((group) => group.filter((option) => !leaves(option))).filter((group) => group.length > 0)
}

/** Votes begin a round; what happens in it is added to the same entry. */
function note({ rounds, isShown }: Terms, entry: CountRound): void {
  if (!isShown) return
  const last = rounds.at(-1)
  const isOver = last === undefined || 'elected' in last || 'eliminated' in last
  if (isOver || 'votes' in entry) rounds.push(entry)
  else rounds[rounds.length - 1] = { ...last, ...entry }
}

function of(votes: Votes, option: number): bigint {
  return votes.of[option] ?? 0n
}

function compare(a: bigint, b: bigint): number {
  return a === b ? 0 : a > b ? 1 : -1
}
