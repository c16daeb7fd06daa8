import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type BallotGroup, type CountRules, count } from '../src/index.ts'
import { arbitraryBudgetVote, rulesOf } from './arbitraries.ts'
import { Fraction, ZERO } from './fraction.ts'
import { naiveRun, naiveShares, votersOf, votesFor } from './naive-shares.ts'

/** Few raises: the naive count takes its time. */
const arbitraryShares = arbitraryBudgetVote('equal-shares', 6).map(({ rules, groups }) => ({
  rules: { ...rules, mostRaises: 12 },
  groups,
}))
const anybody = (groups: readonly BallotGroup[]) => groups.length > 0

test('equal shares come out as a slow second count, voter by voter', () => {
  let [selected, raised] = [0, 0]
  fc.assert(
    fc.property(arbitraryShares, ({ rules, groups }) => {
      fc.pre(anybody(groups))
      const result = count(rules, groups)
      const { run, raises } = naiveShares(rules, groups)
      const bought = result.winners.slice(0, run.selected.length)
      assert.deepEqual([bought, result.counts.raises], [run.selected, raises])
      const voters = votersOf(groups)
      assert.deepEqual(
        result.counts.votes,
        rules.costs.map((_, project) => votesFor(voters, project)),
      )
      if (rules.completion !== 'add1u') assert.deepEqual(result.winners, run.selected)
      selected += bought.length
      raised += raises
    }),
    { numRuns: 600 },
  )
  assert.ok(selected > 100 && raised > 100)
})

test('what is bought is priceable, and nothing that its supporters could still pay is missing', () => {
  fc.assert(
    fc.property(arbitraryShares, ({ rules, groups }) => {
      fc.pre(anybody(groups))
      const { winners, counts } = count({ ...rules, completion: rules.completion === 'none' ? 'none' : 'add1' }, groups)
      const voters = votersOf(groups)
      const raised = BigInt((counts.raises as number) * rules.shareStep * voters.length)
      const share = new Fraction(BigInt(rules.budget) + raised, BigInt(voters.length))
      const { payments, purses, rates } = naiveRun(rules, voters, share)
      for (const paid of payments) {
        const total = [...paid.values()].reduce((sum, part) => sum.plus(part), ZERO)
        assert.ok(total.compare(share) <= 0, 'nobody pays more than the share')
      }
      for (const [project, cost] of rules.costs.entries()) {
        const supporters = voters.flatMap((points, voter) => (points.has(project) ? [voter] : []))
        const sumOver = (of: (voter: number) => Fraction) => supporters.reduce((sum, v) => sum.plus(of(v)), ZERO)
        const paid = sumOver((voter) => payments[voter]?.get(project) ?? ZERO)
        const everybody = payments.reduce((sum, all) => sum.plus(all.get(project) ?? ZERO), ZERO)
        assert.equal(paid.compare(everybody), 0, 'only supporters pay')
        const price = new Fraction(BigInt(cost))
        if (winners.includes(project)) assert.equal(paid.compare(price), 0, 'exactly the cost is paid')
        else assert.ok(sumOver((voter) => purses[voter] ?? ZERO).compare(price) < 0, 'nobody could buy more')
      }
      for (const [place, rate] of rates.entries()) assert.ok(place === 0 || rate.compare(rates[place - 1] ?? ZERO) >= 0)
    }),
    { numRuns: 400 },
  )
})

test('spending stays within the budget, and add1u adds what fits of the rest', () => {
  fc.assert(
    fc.property(arbitraryBudgetVote('equal-shares'), ({ rules, groups }) => {
      const result = count(rules, groups)
      const spent = result.winners.reduce((sum, project) => sum + (rules.costs[project] ?? 0), 0)
      assert.ok(spent <= rules.budget)
      const votes = result.counts.votes as number[]
      assert.ok(result.winners.every((project) => (votes[project] ?? 0) > 0))
      assert.equal(new Set(result.winners).size, result.winners.length)
      if (rules.completion !== 'add1u') return
      for (const [project, cost] of rules.costs.entries())
        if ((votes[project] ?? 0) > 0 && !result.winners.includes(project)) assert.ok(spent + cost > rules.budget)
      const shares = count({ ...rules, completion: 'add1' }, groups)
      assert.deepEqual(result.winners.slice(0, shares.winners.length), shares.winners)
    }),
    { numRuns: 1_000 },
  )
})

test('add1 goes on past a run that already leaves no project affordable, and stops before it overspends', () => {
  const rules = rulesOf('equal-shares', 3, {
    budget: 100,
    costs: [50, 30, 60],
    completion: 'add1',
    shareStep: 1,
    mostRaises: 1_000,
  })
  const groups = [
    { ballot: [0], count: 3 },
    { ballot: [1], count: 4 },
    { ballot: [2], count: 3 },
  ]
  // A share of 10 buys the second project; 50/3 buys the first; 20 would buy the third as well and overspend.
  const none = count({ ...rules, completion: 'none' }, groups)
  assert.deepEqual([none.winners, none.counts.raises], [[1], 0])
  const add1 = count(rules, groups)
  assert.deepEqual([add1.winners, add1.counts.raises], [[1, 0], 9])
  assert.deepEqual(count({ ...rules, mostRaises: 7 }, groups).winners, [1, 0])
  assert.deepEqual(count({ ...rules, mostRaises: 6 }, groups).winners, [1])
})

const equal = { budget: 12, completion: 'none', utility: 'cardinality' } as const
for (const [what, options, rules, groups, winners, tied] of [
  [
    'more votes first',
    2,
    { ...equal, costs: [4, 8] },
    [
      { ballot: [0, 1], count: 1 },
      { ballot: [1], count: 1 },
    ],
    [1],
    true,
  ],
  [
    'then the lower cost',
    2,
    { budget: 6, completion: 'none', utility: 'cost', costs: [6, 5] },
    [{ ballot: [0, 1], count: 2 }],
    [1],
    true,
  ],
  ['then the order', 2, { ...equal, costs: [7, 7] }, [{ ballot: [1, 0], count: 2 }], [0], true],
  ['no tie, no word of it', 2, { ...equal, costs: [7, 6] }, [{ ballot: [1, 0], count: 2 }], [1], false],
  ['no ballots', 2, { ...equal, costs: [1, 1] }, [], [], false],
  ['everybody abstains', 2, { ...equal, costs: [1, 1] }, [{ ballot: [], count: 4 }], [], false],
  ['no points', 1, { ...equal, costs: [1] }, [{ ballot: [[0, 0]], count: 4 }], [], false],
  ['one project', 1, { ...equal, costs: [12] }, [{ ballot: [0], count: 4 }], [0], false],
  ['one that is too dear by 1', 1, { ...equal, costs: [13] }, [{ ballot: [0], count: 4 }], [], false],
  [
    'who abstains keeps a share',
    1,
    { ...equal, costs: [9] },
    [
      { ballot: [0], count: 2 },
      { ballot: [], count: 1 },
    ],
    [],
    false,
  ],
  [
    'all the money there is',
    1,
    { ...equal, budget: Number.MAX_SAFE_INTEGER, costs: [Number.MAX_SAFE_INTEGER] },
    [{ ballot: [0], count: 7 }],
    [0],
    false,
  ],
] as const satisfies readonly [string, number, Partial<CountRules>, readonly BallotGroup[], number[], boolean][]) {
  test(`equal shares: ${what}`, () => {
    const result = count(rulesOf('equal-shares', options, rules), groups)
    assert.deepEqual([result.winners, result.tied], [winners, tied])
  })
}
