import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { sharesProblem } from '../src/equal-shares/problem.ts'
import { budgetGroups } from '../src/files/budget-ballots.ts'
import { parseProfile } from '../src/files/index.ts'
import { type BallotGroup, type CountRules, count } from '../src/index.ts'
import { rulesOf, type Vote } from './arbitraries.ts'
import { runExactly } from './exact-shares.ts'

/*
 * Raises are tried many at once, and only where they might differ by themselves: here is every one of them by itself, in
 * fractions.
 */

function raiseByRaise(rules: CountRules, groups: readonly BallotGroup[]) {
  const problem = sharesProblem(rules, groups)
  const { budget, voters, supports } = problem
  const run = (raises: number) =>
    runExactly(problem, BigInt(budget) + BigInt(raises * rules.shareStep) * BigInt(voters))
  const wanted = supports.filter(({ groups: supporters }) => supporters.length > 0).length
  let raises = 0
  let last = run(0)
  while (rules.completion !== 'none' && last.selected.length < wanted && raises < rules.mostRaises) {
    const next = run(raises + 1)
    if (next.spent > budget) break
    last = next
    raises++
  }
  return { winners: last.selected, raises, tied: last.tied }
}

function counted(rules: CountRules, groups: readonly BallotGroup[]) {
  const { winners, counts, tied } = count(rules, groups)
  return { winners, raises: counts.raises as number, tied }
}

/** Few ballots that name many of the same projects, so that voters run out of money and orders change from raise to raise. */
const arbitraryRaises: fc.Arbitrary<Vote> = fc
  .record({
    costs: fc.array(fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 1, max: 200 })), {
      minLength: 1,
      maxLength: 9,
    }),
    /** From amounts where every part of a unit matters to such that no number holds a small part of them. */
    scale: fc.constantFrom(1, 1, 1, 7, 1_000_003, 10 ** 12),
    mostPoints: fc.constantFrom(1, 3, 1_000),
    /** How much of what all projects cost together. */
    budget: fc.integer({ min: 1, max: 12 }),
    utility: fc.constantFrom('cost' as const, 'cardinality' as const),
    steps: fc.constantFrom(5, 20, 60, 150),
    mostRaises: fc.integer({ min: 0, max: 60 }),
    isTwin: fc.boolean(),
  })
  .chain(({ costs, scale, mostPoints, budget, steps, isTwin, ...rest }) => {
    const points = fc.array(fc.nat({ max: mostPoints }), { minLength: costs.length, maxLength: costs.length })
    const group = fc.record(
      { points, isAbstaining: fc.nat({ max: 9 }), count: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constant(999)) },
      { noNullPrototype: true },
    )
    return fc.array(group, { minLength: 1, maxLength: 12 }).map((drawn) => {
      const paid = isTwin ? costs.with(-1, costs[0] ?? 0) : costs
      const scaled = paid.map((cost) => cost * scale)
      const total = Math.max(1, Math.floor((scaled.reduce((sum, cost) => sum + cost, 0) * budget) / 10))
      const voters = drawn.reduce((sum, { count: number }) => sum + number, 0)
      const shareStep = Math.max(1, Math.floor(total / (voters * steps)))
      const rules = { ...rest, costs: scaled, budget: total, shareStep, completion: 'add1' as const }
      const groups = drawn.map(({ points: given, isAbstaining, count: number }) => {
        const own = isTwin ? given.with(-1, given[0] ?? 0) : given
        return { ballot: isAbstaining === 0 ? [] : own.map((of, project) => [project, of]), count: number }
      })
      return { rules: rulesOf('equal-shares', costs.length, rules), groups }
    })
  })

test('raises taken together come out as raises one by one', () => {
  let [raised, tied] = [0, 0]
  fc.assert(
    fc.property(arbitraryRaises, ({ rules, groups }) => {
      const found = counted(rules, groups)
      assert.deepEqual(found, raiseByRaise(rules, groups))
      raised += found.raises
      tied += Number(found.tied)
    }),
    { numRuns: 2_000 },
  )
  assert.ok(raised > 5_000 && tied > 100, `${raised} raises, ${tied} tied`)
})

for (const [name, steps] of [
  ['assen-2024', 1],
  ['wieliczka-2023', 40],
] as const) {
  for (const utility of ['cost', 'cardinality'] as const) {
    test(`${name} by ${utility}: raises taken together come out as raises one by one`, () => {
      const path = new URL(`../../../examples/budgets/${name}.pb`, import.meta.url)
      const profile = parseProfile(readFileSync(path, 'utf8'), `${name}.pb`)
      assert.equal(profile.kind, 'budget')
      const { budget, projects, decimals } = profile
      const costs = projects.map(({ cost }) => cost)
      const money = { budget, costs, utility, completion: 'add1', shareStep: steps * 10 ** decimals } as const
      const rules = rulesOf('equal-shares', costs.length, { ...money, mostRaises: 2_000 })
      const groups = budgetGroups(profile)
      assert.deepEqual(counted(rules, groups), raiseByRaise(rules, groups))
    })
  }
}
