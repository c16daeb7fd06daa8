import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  addBallot,
  addsUp,
  type BallotGroup,
  beginCount,
  type CountResult,
  type CountRules,
  count,
  countTotalsInSteps,
  emptyTotals,
  type Steps,
} from '../src/index.ts'
import { arbitraryVote, rulesOf } from './arbitraries.ts'

/** Units after which the ledger lets a count stop; no step may pass it by much. */
const PORTION = 50_000

function stepsOf(
  rules: CountRules,
  groups: readonly BallotGroup[],
  { portion = PORTION, more = 0 } = {},
): Steps<CountResult> {
  if (addsUp(rules.method)) {
    let totals = emptyTotals(rules)
    // Equal ballots came one by one, and so they are added: few, for a test.
    for (const { ballot, count: number } of groups)
      for (let i = 0; i < number; i++) totals = addBallot(rules, totals, ballot, 1)
    return countTotalsInSteps(rules, totals)
  }
  const counting = beginCount(rules, groups.length + more)
  for (const group of groups) counting.add(group)
  return counting.steps(portion)
}

function drive(steps: Steps<CountResult>): { readonly result: CountResult; readonly units: number[] } {
  const units: number[] = []
  for (;;) {
    const step = steps.next()
    if (step.done === true) return { result: step.value, units }
    units.push(step.value)
  }
}

const few = (groups: readonly BallotGroup[]) =>
  groups.map(({ ballot, count: number }) => ({ ballot, count: (number % 7) + 1 }))

test('a count in steps says what a count at once says, and takes the same steps every time', () => {
  fc.assert(
    fc.property(
      arbitraryVote,
      fc.nat({ max: 3 }),
      fc.constantFrom(1, 30, 1_000),
      ({ rules, groups }, more, portion) => {
        const ballots = few(groups)
        const { result, units } = drive(stepsOf(rules, ballots, { more, portion }))
        assert.deepEqual(result, count(rules, ballots))
        assert.deepEqual(drive(stepsOf(rules, ballots, { portion })).units, units)
        assert.ok(units.every((step) => Number.isSafeInteger(step) && step >= 0))
      },
    ),
  )
})

test('two counts that take turns do not disturb each other', () => {
  fc.assert(
    fc.property(fc.array(arbitraryVote, { minLength: 2, maxLength: 4 }), (votes) => {
      const running = votes.map(({ rules, groups }) => stepsOf(rules, few(groups), { portion: 1 }))
      const results: (CountResult | undefined)[] = votes.map(() => undefined)
      while (results.some((result) => result === undefined)) {
        for (const [index, steps] of running.entries()) {
          if (results[index] !== undefined) continue
          const step = steps.next()
          if (step.done === true) results[index] = step.value
        }
      }
      assert.deepEqual(
        results,
        votes.map(({ rules, groups }) => count(rules, few(groups))),
      )
    }),
  )
})

/** Numbers below a bound, the same in every run. */
function randomNumbers(): (bound: number) => number {
  let state = 1
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
}

/** Rankings of some of the options, tied now and then. */
function rankings(ballots: number, options: number): BallotGroup[] {
  const below = randomNumbers()
  return Array.from({ length: ballots }, () => {
    const order = Array.from({ length: options }, (_, option) => option)
    for (let i = options - 1; i > 0; i--) {
      const j = below(i + 1)
      const moved = order[i] as number
      order[i] = order[j] as number
      order[j] = moved
    }
    const groups: number[][] = []
    for (const option of order.slice(0, 1 + below(options))) {
      const last = groups.at(-1)
      if (last !== undefined && below(5) === 0) last.push(option)
      else groups.push([option])
    }
    return { ballot: groups, count: 1 + below(3) }
  })
}

/** Points for some of the projects. */
function points(ballots: number, projects: number): BallotGroup[] {
  const below = randomNumbers()
  return Array.from({ length: ballots }, () => ({
    ballot: Array.from({ length: projects }, (_, project) => [project, below(4)]).filter(() => below(2) === 0),
    count: 1 + below(3),
  }))
}

/** All options with the same votes, so that every way out of the tie is followed. */
function allTied(options: number): BallotGroup[] {
  return Array.from({ length: options }, (_, by) => ({
    ballot: Array.from({ length: options }, (__, place) => [(place + by) % options]),
    count: 1,
  }))
}

const money = { budget: 9_000_000, costs: Array.from({ length: 12 }, (_, project) => 1_000_000 + project * 70_001) }
const add1 = { ...money, completion: 'add1', shareStep: 3, mostRaises: 500 } as const
/** Costs that no small number of parts holds, and equal ones: prices are exact fractions. */
const exact = {
  ...add1,
  budget: 2 ** 53 - 1,
  costs: money.costs.map((_, project) => 2 ** 50 + (project % 3)),
  shareStep: 2 ** 33,
}

/*
 * In which block a count ends follows from what it says it does, so these numbers are consensus data: whoever changes
 * one changes when votes are decided, which takes an upgrade of the network.
 */
const COSTS: readonly (readonly [name: string, CountRules, readonly BallotGroup[], units: number, steps: number])[] = [
  ['irv', rulesOf('irv', 9), rankings(20_000, 9), 1_981_632, 31],
  ['stv', rulesOf('stv', 12, { seats: 5 }), rankings(4_000, 12), 646_111, 12],
  ['stv, long fractions', rulesOf('stv', 24, { seats: 16 }), rankings(300, 24), 727_660, 15],
  ['irv, all tied', rulesOf('irv', 12), allTied(12), 989_267, 20],
  ['equal shares', rulesOf('equal-shares', 12, add1), points(3_000, 12), 10_409_256, 197],
  ['equal shares, exact', rulesOf('equal-shares', 12, exact), points(1_000, 12), 2_275_230, 45],
]

for (const [name, rules, groups, units, steps] of COSTS) {
  test(`${name}: costs what it always did, in small steps`, () => {
    const taken = drive(stepsOf(rules, groups))
    assert.deepEqual(taken.result, count(rules, groups))
    assert.deepEqual([taken.units.reduce((sum, step) => sum + step, 0), taken.units.length], [units, steps])
    assert.ok(Math.max(...taken.units) < 10 * PORTION, `a step of ${Math.max(...taken.units)} units`)
  })
}

test('totals cost as much as their options, whatever the ballots', () => {
  const schulze = rulesOf('schulze', 10)
  const approval = rulesOf('approval', 10)
  assert.deepEqual(drive(countTotalsInSteps(schulze, emptyTotals(schulze))).units, [4_000])
  assert.deepEqual(drive(countTotalsInSteps(approval, emptyTotals(approval))).units, [100])
})
