import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { addBallot, type BallotGroup, count, countTotals, emptyTotals } from '../src/index.ts'
import { arbitraryBudgetVote, arbitraryVote, rulesOf } from './arbitraries.ts'

const sumMethods = arbitraryVote.filter(({ rules }) => ['plurality', 'approval', 'score'].includes(rules.method))

/** Points that `option` gets from all ballots together, and how many ballots name it; straight from the ballots. */
function naiveSums(groups: readonly BallotGroup[], option: number): { points: number; voters: number } {
  let [points, voters] = [0, 0]
  for (const { ballot, count: times } of groups) {
    for (const item of typeof ballot === 'number' ? [ballot] : (ballot as readonly (number | readonly number[])[])) {
      const [named, given] = typeof item === 'number' ? [item, 1] : [item[0], item[1] ?? 0]
      if (named !== option) continue
      points += given * times
      voters += times
    }
  }
  return { points, voters }
}

test('plurality, approval and score are sums, and the most wins', () => {
  fc.assert(
    fc.property(sumMethods, ({ rules, groups }) => {
      const sums = Array.from({ length: rules.options }, (_, option) => naiveSums(groups, option))
      const points = sums.map((sum) => sum.points)
      const result = count(rules, groups)
      const counts = { sums: points, voters: sums.map(({ voters }) => voters) }
      assert.deepEqual(result.counts, rules.method === 'score' ? counts : { votes: points })
      const most = Math.max(...points)
      const best = points.flatMap((sum, option) => (sum === most && most > 0 ? [option] : []))
      assert.deepEqual([result.winners, result.tied], [best, best.length > 1])
      const values = result.order.map((group) => [...new Set(group.map((option) => points[option]))])
      assert.deepEqual(
        values,
        [...new Set(points)].toSorted((a, b) => b - a).map((value) => [value]),
      )
      assert.equal(
        result.ballots,
        groups.reduce((sum, group) => sum + group.count, 0),
      )
    }),
    { numRuns: 1_000 },
  )
})

test('yes-no and consent count every word, and elect nobody', () => {
  const words = arbitraryVote.filter(({ rules }) => rules.method === 'yes-no' || rules.method === 'consent')
  fc.assert(
    fc.property(words, ({ rules, groups }) => {
      const { counts, winners, tied, ballots } = count(rules, groups)
      const named = { 'yes-no': ['yes', 'no', 'abstain'], consent: ['consent', 'stand-aside', 'object', 'abstain'] }
      const expected = named[rules.method as 'yes-no'].map((word) => [
        word,
        groups.filter(({ ballot }) => ballot === word).reduce((sum, group) => sum + group.count, 0),
      ])
      assert.deepEqual(counts, Object.fromEntries(expected))
      assert.deepEqual(
        [winners, tied, ballots],
        [[], false, Object.values(counts).reduce((a, b) => Number(a) + Number(b), 0)],
      )
    }),
  )
})

test('greedy takes what fits, best first', () => {
  let taken = 0
  fc.assert(
    fc.property(arbitraryBudgetVote('greedy'), ({ rules, groups }) => {
      const { costs, budget, utility } = rules
      const votes = costs.map((_, option) => naiveSums(groups, option).points)
      const better = (a: number, b: number) => {
        const [votesA = 0, votesB = 0, costA = 1, costB = 1] = [votes[a], votes[b], costs[a], costs[b]]
        const worth = utility === 'cost' ? votesB - votesA : votesB * costA - votesA * costB
        return worth || votesB - votesA || costA - costB || a - b
      }
      const waiting = costs.map((_, option) => option).filter((option) => (votes[option] ?? 0) > 0)
      const selected: number[] = []
      let left = budget
      while (waiting.length > 0) {
        const best = waiting.reduce((a, b) => (better(a, b) <= 0 ? a : b))
        waiting.splice(waiting.indexOf(best), 1)
        if ((costs[best] ?? 0) > left) continue
        left -= costs[best] ?? 0
        selected.push(best)
      }
      taken += selected.length
      const result = count(rules, groups)
      assert.deepEqual([result.winners, result.counts], [selected, { votes }])
      assert.deepEqual(result.rounds.at(-1)?.left, selected.length === 0 ? undefined : left)
    }),
    { numRuns: 1_500 },
  )
  assert.ok(taken > 500)
})

test('greedy says where equal projects had to be told apart, and only there', () => {
  const rules = (budget: number, costs: number[]) => rulesOf('greedy', costs.length, { budget, costs })
  const both = [{ ballot: [0, 1], count: 3 }]
  assert.deepEqual([count(rules(10, [6, 6]), both).winners, count(rules(10, [6, 6]), both).tied], [[0], true])
  assert.deepEqual([count(rules(10, [6, 5]), both).winners, count(rules(10, [6, 5]), both).tied], [[1], true])
  assert.deepEqual([count(rules(12, [6, 6]), both).winners, count(rules(12, [6, 6]), both).tied], [[0, 1], false])
  assert.deepEqual([count(rules(6, [6, 7]), both).winners, count(rules(6, [6, 7]), both).tied], [[0], false])
})

/** Votes for each unit of cost differ by less than a number can tell: 1 / (2^53 − 1) and 1 / (2^53 − 2). */
test('greedy by votes for each unit of cost compares exactly', () => {
  const costs = [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER - 1]
  const rules = rulesOf('greedy', 2, { budget: Number.MAX_SAFE_INTEGER, costs, utility: 'cardinality' })
  const { winners, tied } = count(rules, [{ ballot: [0, 1], count: 3 }])
  assert.deepEqual([winners, tied], [[1], false])
})

for (const [what, method, groups, winners, counts] of [
  ['no ballots', 'plurality', [], [], { votes: [0, 0] }],
  ['everybody abstains', 'plurality', [{ ballot: [], count: 3 }], [], { votes: [0, 0] }],
  ['everybody abstains', 'approval', [{ ballot: [], count: 3 }], [], { votes: [0, 0] }],
  ['everybody abstains', 'score', [{ ballot: [], count: 3 }], [], { sums: [0, 0], voters: [0, 0] }],
  ['only zeros', 'score', [{ ballot: [[1, 0]], count: 3 }], [], { sums: [0, 0], voters: [0, 3] }],
  ['a tie', 'approval', [{ ballot: [1, 0], count: 3 }], [0, 1], { votes: [3, 3] }],
  [
    'the largest number',
    'plurality',
    [{ ballot: 1, count: Number.MAX_SAFE_INTEGER }],
    [1],
    { votes: [0, Number.MAX_SAFE_INTEGER] },
  ],
  [
    'the largest sum',
    'score',
    [{ ballot: [[0, 9]], count: 1_000_799_917_193_443 }],
    [0],
    { sums: [9_007_199_254_740_987, 0], voters: [1_000_799_917_193_443, 0] },
  ],
] as const) {
  test(`${method}: ${what}`, () => {
    const result = count(rulesOf(method, 2, { maxScore: 9 }), groups)
    assert.deepEqual([result.winners, result.tied, result.counts], [winners, winners.length > 1, counts])
  })
}

test('totals of one ballot are a copy: those before stay as they were', () => {
  const rules = rulesOf('schulze', 3)
  const none = emptyTotals(rules)
  const one = addBallot(rules, none, [[2], [0, 1]], 1)
  assert.deepEqual(none, emptyTotals(rules))
  assert.deepEqual(countTotals(rules, one).winners, [2])
  assert.deepEqual(addBallot(rules, one, [[2], [0, 1]], -1), none)
})
