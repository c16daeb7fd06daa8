import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  addBallot,
  addsUp,
  type Ballot,
  type CountResult,
  count,
  countTotals,
  emptyTotals,
  isBallot,
} from '../src/index.ts'
import { arbitraryRankings, arbitraryVote, rulesOf, type Vote } from './arbitraries.ts'

const RUNS = { numRuns: 1_500 }

/** What each ballot becomes where option `i` is called `names[i]`. */
function renamed(ballot: Ballot, names: readonly number[], isPairs: boolean): Ballot {
  const name = (option: number) => names[option] ?? 0
  if (typeof ballot === 'string') return ballot
  if (typeof ballot === 'number') return name(ballot)
  const items = ballot as readonly (number | readonly number[])[]
  return items.map((item) => {
    if (typeof item === 'number') return name(item)
    return isPairs ? [name(item[0] ?? 0), item[1] ?? 0] : item.map(name)
  }) as Ballot
}

function renameVote({ rules, groups }: Vote, names: readonly number[]): Vote {
  const isPairs = ['score', 'equal-shares', 'greedy'].includes(rules.method)
  const costs = rules.costs.slice()
  for (const [option, cost] of rules.costs.entries()) costs[names[option] ?? 0] = cost
  return {
    rules: { ...rules, costs },
    groups: groups.map(({ ballot, count: times }) => ({ ballot: renamed(ballot, names, isPairs), count: times })),
  }
}

/** Everything of a result that speaks of options, as sets: who is named first within a group says nothing. */
function outcomeOf({ winners, order, tied, counts }: CountResult, names?: readonly number[]) {
  const name = (option: number) => names?.[option] ?? option
  const sorted = (options: readonly number[]) => options.map(name).toSorted((a, b) => a - b)
  const byName = Object.entries(counts).map(([key, value]) => {
    if (typeof value === 'number') return [key, value]
    const moved: number[] = []
    for (const [option, amount] of value.entries()) moved[name(option)] = amount
    return [key, moved]
  })
  return { winners: sorted(winners), order: order.map(sorted), tied, counts: byName }
}

test('neutral: other names or numbers of options give the same result under the other names', () => {
  const vote = arbitraryVote.chain((found) => {
    const options = Array.from({ length: found.rules.options }, (_, option) => option)
    return fc.tuple(fc.constant(found), fc.shuffledSubarray(options, { minLength: options.length }))
  })
  fc.assert(
    fc.property(vote, ([found, names]) => {
      const result = count(found.rules, found.groups)
      const other = renameVote(found, names)
      const again = count(other.rules, other.groups)
      // A budget may break a tie by order as the last resort, and says so.
      if (found.rules.costs.length > 0 && (result.tied || again.tied)) return
      assert.deepEqual(outcomeOf(again), outcomeOf(result, names))
    }),
    RUNS,
  )
})

/** Few votes, so that most counts meet ties. */
const arbitraryTies: fc.Arbitrary<Vote> = fc.integer({ min: 3, max: 6 }).chain((options) =>
  fc.tuple(arbitraryRankings(options, true), fc.integer({ min: 1, max: 3 })).map(([groups, seats]) => ({
    rules: rulesOf(seats === 1 ? 'irv' : 'stv', options, { seats }),
    groups: groups.map(({ ballot }) => ({ ballot, count: 1 })),
  })),
)

test('neutral: which of several ways out of a tie is followed first changes nothing but the rounds that are shown', () => {
  let [met, told] = [0, 0]
  fc.assert(
    fc.property(arbitraryTies, fc.infiniteStream(fc.nat()), (vote, keys) => {
      const options = Array.from({ length: vote.rules.options }, (_, option) => option)
      const drawn = options.map(() => keys.next().value)
      const names = options.toSorted((a, b) => (drawn[a] ?? 0) - (drawn[b] ?? 0))
      const result = count(vote.rules, vote.groups)
      const other = renameVote(vote, names)
      const again = count(other.rules, other.groups)
      assert.deepEqual(outcomeOf(again), outcomeOf(result, names))
      if (result.tied || !result.rounds.some((round) => 'tied' in round)) return
      met++
      if (shownBy(again) !== shownBy(result, names)) told++
    }),
    { numRuns: 2_000 },
  )
  assert.ok(met > 100 && told > 20, `${met} ties without a consequence, ${told} told by another way`)
})

/** Who left in which round, under other names. */
function shownBy({ rounds }: CountResult, names?: readonly number[]): string {
  const sorted = (options: unknown) =>
    ((options ?? []) as readonly number[]).map((option) => names?.[option] ?? option).toSorted((a, b) => a - b)
  return JSON.stringify(rounds.map(({ elected, eliminated }) => [sorted(elected), sorted(eliminated)]))
}

test('anonymous: neither the order of ballots nor how they are grouped matters', () => {
  fc.assert(
    fc.property(arbitraryVote, fc.infiniteStream(fc.nat({ max: 1_000 })), ({ rules, groups }, random) => {
      const next = () => random.next().value as number
      const split = groups.flatMap(({ ballot, count: times }) => {
        const part = times > 1 ? 1 + (next() % (times - 1)) : times
        return part === times
          ? [{ ballot, count: times }]
          : [
              { ballot, count: part },
              { ballot, count: times - part },
            ]
      })
      const shuffled = split
        .map((group) => ({ group, at: next() }))
        .toSorted((a, b) => a.at - b.at)
        .map(({ group }) => group)
      assert.deepEqual(count(rules, shuffled), count(rules, groups))
    }),
    RUNS,
  )
})

test('totals to which ballots were added and from which others were taken equal a count of what is left', () => {
  const vote = arbitraryVote.filter(({ rules }) => addsUp(rules.method))
  fc.assert(
    fc.property(vote, vote, ({ rules, groups }, { groups: strangers }) => {
      const taken = strangers.filter(({ ballot }) => isBallot(rules, ballot)).slice(0, 5)
      const kept = groups.map(({ ballot }) => ballot)
      let totals = emptyTotals(rules)
      for (const { ballot } of taken) totals = addBallot(rules, totals, ballot, 1)
      for (const ballot of kept) totals = addBallot(rules, totals, ballot, 1)
      for (const { ballot } of taken) totals = addBallot(rules, totals, ballot, -1)
      const recounted = count(
        rules,
        kept.map((ballot) => ({ ballot, count: 1 })),
      )
      assert.deepEqual(countTotals(rules, totals), recounted)
      assert.deepEqual(
        [...totals.values].some((value) => Object.is(value, -0)),
        false,
      )
    }),
    RUNS,
  )
})

test('ballots that a count accepts are ballots', () => {
  fc.assert(
    fc.property(arbitraryVote, ({ rules, groups }) => {
      for (const { ballot } of groups) assert.equal(isBallot(rules, ballot), true)
    }),
  )
})

test('whatever is no ballot is refused without an exception', () => {
  const method = arbitraryVote.map(({ rules }) => rules)
  fc.assert(
    fc.property(
      method,
      fc.anything({ withBigInt: true, withSparseArray: true, withNullPrototype: true }),
      (rules, value) => {
        if (!isBallot(rules, value)) return
        // It took it, so it must be countable: totals of safe, whole numbers.
        const result = count(rules, [{ ballot: value, count: 1 }])
        assert.ok(Object.values(result.counts).flat().every(Number.isSafeInteger))
        assert.equal(result.ballots, 1)
      },
    ),
    { numRuns: 5_000 },
  )
})

for (const [what, method, ballot] of [
  ['a hole', 'approval', Array.from({ 1: 0, length: 2 }) as unknown],
  // biome-ignore lint/suspicious/noSparseArray: it is what must not pass
  ['a real hole', 'approval', [, 0]],
  // biome-ignore lint/suspicious/noSparseArray: it is what must not pass
  ['a hole among groups', 'schulze', [, [0]]],
  ['an option twice', 'approval', [1, 1]],
  ['an option twice in a group', 'irv', [[1, 1]]],
  ['an option in two groups', 'stv', [[1], [0, 1]]],
  ['an empty group', 'schulze', [[], [1]]],
  ['an option too high', 'plurality', 3],
  ['a negative option', 'plurality', -1],
  ['half an option', 'plurality', 0.5],
  ['not a number', 'plurality', Number.NaN],
  ['two choices', 'plurality', [0, 1]],
  ['a score too high', 'score', [[0, 10]]],
  ['a negative score', 'score', [[0, -1]]],
  ['half a score', 'score', [[0, 0.5]]],
  [
    'a score twice',
    'score',
    [
      [0, 1],
      [0, 1],
    ],
  ],
  ['a score without a number', 'score', [[0]]],
  ['too many points', 'greedy', [[0, 1_001]]],
  ['choices and points mixed', 'equal-shares', [0, [1, 2]]],
  ['another word', 'yes-no', 'maybe'],
  ['a word of another method', 'consent', 'yes'],
  ['a word in a list', 'yes-no', ['yes']],
  ['a property of every object', 'yes-no', 'constructor'],
] as const) {
  test(`no ballot: ${what} (${method})`, () => {
    const costs = [1, 1, 1]
    assert.equal(isBallot(rulesOf(method, 3, { maxScore: 9, costs }), ballot), false)
  })
}
