import fc from 'fast-check'
import type { BallotGroup, CountRules, Method } from '../src/index.ts'

/** Rules that a method needs no more of. */
export function rulesOf(method: Method, options: number, more: Partial<CountRules> = {}): CountRules {
  const money = { budget: 0, costs: [], utility: 'cost', completion: 'none', shareStep: 0, mostRaises: 0 } as const
  return { method, options, seats: 1, maxScore: 0, ...money, ...more }
}

export interface Vote {
  readonly rules: CountRules
  readonly groups: readonly BallotGroup[]
}

const counts = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 4 }) },
  fc.integer({ min: 1, max: 1_000_000 }),
)

/** Partial rankings, tied where `ties` says so; empty ones and no ballots at all too. */
export function arbitraryRankings(options: number, ties: boolean, ballots = 10): fc.Arbitrary<BallotGroup[]> {
  const all = Array.from({ length: options }, (_, option) => option)
  const tied = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: options, maxLength: options })
  const ballot = fc.tuple(fc.shuffledSubarray(all), tied).map(([ranked, coins]) => {
    const groups: number[][] = []
    for (const [index, option] of ranked.entries()) {
      const last = groups.at(-1)
      if (ties && last !== undefined && coins[index] === 0) last.push(option)
      else groups.push([option])
    }
    return groups
  })
  return fc.array(fc.record({ ballot, count: counts }, { noNullPrototype: true }), { maxLength: ballots })
}

function arbitrarySets(options: number): fc.Arbitrary<BallotGroup[]> {
  const ballot = fc.subarray(Array.from({ length: options }, (_, option) => option))
  return fc.array(fc.record({ ballot, count: counts }, { noNullPrototype: true }), { maxLength: 10 })
}

function arbitraryPoints(options: number, most: number): fc.Arbitrary<BallotGroup[]> {
  const all = Array.from({ length: options }, (_, option) => option)
  const points = fc.array(fc.nat({ max: most }), { minLength: options, maxLength: options })
  const ballot = fc
    .tuple(fc.shuffledSubarray(all), points)
    .map(([chosen, given]) => chosen.map((option) => [option, given[option] ?? 0]))
  return fc.array(fc.record({ ballot, count: counts }, { noNullPrototype: true }), { maxLength: 10 })
}

function arbitraryChoices(options: number): fc.Arbitrary<BallotGroup[]> {
  const ballot = fc.oneof(fc.nat({ max: options - 1 }), fc.constant([]))
  return fc.array(fc.record({ ballot, count: counts }, { noNullPrototype: true }), { maxLength: 10 })
}

const words = { 'yes-no': ['yes', 'no', 'abstain'], consent: ['consent', 'stand-aside', 'object', 'abstain'] } as const

function arbitraryWords(method: 'yes-no' | 'consent'): fc.Arbitrary<BallotGroup[]> {
  const ballot = fc.constantFrom(...words[method])
  return fc.array(fc.record({ ballot, count: counts }, { noNullPrototype: true }), { maxLength: 10 })
}

/** Costs small and alike, so that ties and overspending are common. */
export function arbitraryBudgetVote(method: 'equal-shares' | 'greedy', most = 8): fc.Arbitrary<Vote> {
  return fc
    .record({
      costs: fc.array(fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 1_000 })), {
        minLength: 1,
        maxLength: most,
      }),
      budget: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 3_000 })),
      utility: fc.constantFrom('cost' as const, 'cardinality' as const),
      completion: fc.constantFrom('none' as const, 'add1' as const, 'add1u' as const),
      shareStep: fc.integer({ min: 1, max: 3 }),
      hasPoints: fc.boolean(),
    })
    .chain(({ hasPoints, ...money }) => {
      const options = money.costs.length
      const groups = hasPoints ? arbitraryPoints(options, 9) : arbitrarySets(options)
      const completion = method === 'greedy' ? 'none' : money.completion
      const rules = rulesOf(method, options, { ...money, completion, mostRaises: 2_000 })
      return groups.map((found) => ({ rules, groups: small(found) }))
    })
}

/** Shares of few voters, so that raising them by one unit changes something. */
function small(groups: readonly BallotGroup[]): BallotGroup[] {
  return groups.map(({ ballot, count }) => ({ ballot, count: ((count - 1) % 4) + 1 }))
}

/** Any vote by any method. */
export const arbitraryVote: fc.Arbitrary<Vote> = fc
  .record({
    method: fc.constantFrom<Method>(
      ...(['yes-no', 'consent', 'plurality', 'approval', 'score', 'schulze'] as const),
      ...(['irv', 'stv', 'equal-shares', 'greedy'] as const),
    ),
    options: fc.integer({ min: 1, max: 6 }),
    seats: fc.integer({ min: 1, max: 4 }),
  })
  .chain(({ method, options, seats }) => {
    if (method === 'equal-shares' || method === 'greedy') return arbitraryBudgetVote(method)
    const rules = rulesOf(method, options, {
      seats: method === 'stv' ? seats : 1,
      maxScore: method === 'score' ? 9 : 0,
    })
    return groupsFor(rules).map((groups) => ({ rules, groups }))
  })

function groupsFor({ method, options }: CountRules): fc.Arbitrary<BallotGroup[]> {
  switch (method) {
    case 'yes-no':
    case 'consent':
      return arbitraryWords(method)
    case 'plurality':
      return arbitraryChoices(options)
    case 'approval':
      return arbitrarySets(options)
    case 'score':
      return arbitraryPoints(options, 9)
    default:
      return arbitraryRankings(options, true)
  }
}
