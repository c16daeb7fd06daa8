import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sharesProblem } from '../src/equal-shares/problem.ts'
import { type BallotGroup, type CountRules, count } from '../src/index.ts'
import { rulesOf } from './arbitraries.ts'
import { runExactly } from './exact-shares.ts'

/*
 * Prices that differ by less than the parts in which money is counted: a random budget hardly ever has them, and each of
 * these goes wrong where bounds are taken for more than they are.
 */

interface Case {
  readonly money: number
  readonly costs: readonly number[]
  readonly utility?: CountRules['utility']
  /** Points for projects, and how many voters give them. */
  readonly voters: readonly (readonly [
    points: readonly (readonly [project: number, points: number])[],
    count: number,
  ])[]
}

function selected({ money, costs, utility = 'cardinality', voters }: Case) {
  const groups: BallotGroup[] = voters.map(([ballot, number]) => ({ ballot, count: number }))
  const rules = rulesOf('equal-shares', costs.length, { budget: money, costs, utility })
  const exact = runExactly(sharesProblem(rules, groups), BigInt(money))
  const { winners, tied } = count(rules, groups)
  return { found: [winners, tied], exact: [exact.selected, exact.tied] }
}

const open: readonly (readonly [what: string, found: Case])[] = [
  [
    'one supporter lacks less than a part of the common price',
    {
      money: 319_200_000_617,
      costs: [50_655_000_098, 50_655_000_099, 50_655_000_098],
      voters: [
        [[[0, 1]], 1_465],
        [[[0, 4]], 478],
        [
          [
            [1, 1],
            [2, 1],
          ],
          3_377,
        ],
      ],
    },
  ],
  [
    'only at most could all pay alike',
    {
      money: 487_320_002_277,
      costs: [84_720_000_396, 84_720_000_396],
      voters: [
        [[[0, 1]], 1_416],
        [[[0, 4]], 1_058],
        [[[1, 1]], 5_648],
      ],
    },
  ],
  [
    'only at the lower bound of the price could all pay alike',
    {
      money: 809_040_000_602,
      costs: [218_400_000_163, 218_400_000_163],
      voters: [
        [[[0, 1]], 1_282],
        [[[0, 2]], 269],
        [[[1, 1]], 1_820],
      ],
    },
  ],
]
for (const [what, given] of open) {
  test(`not equal: ${what}`, () => {
    const { found, exact } = selected(given)
    assert.equal(exact[1], false)
    assert.deepEqual(found, exact)
  })
}

const decided: readonly (readonly [what: string, found: Case, selected: readonly number[], tied: boolean])[] = [
  [
    'equal prices of equal votes',
    {
      money: 100,
      costs: [70, 70],
      voters: [
        [
          [
            [0, 1],
            [1, 1],
          ],
          7,
        ],
      ],
    },
    [0],
    true,
  ],
  [
    'two equal, and a third that is cheaper by less than a part',
    {
      money: 1_254_240_004_610,
      costs: [627_120_002_304, 627_120_002_304, 627_120_002_303],
      voters: [
        [[[0, 1]], 2_613],
        [
          [
            [1, 1],
            [2, 1],
          ],
          2_613,
        ],
      ],
    },
    [2, 0],
    false,
  ],
  [
    'three within a part of each other, the cheapest before the next',
    {
      money: 1_254_240_004_610,
      costs: [627_120_000_005, 627_120_000_003, 627_120_000_004],
      voters: [
        [[[0, 1]], 2_613],
        [
          [
            [1, 1],
            [2, 1],
          ],
          2_613,
        ],
      ],
    },
    [1, 0],
    false,
  ],
  [
    'a dearer one that not all can pay alike is no tie',
    {
      money: 90,
      costs: [9, 50],
      voters: [
        [[[0, 1]], 3],
        [[[1, 1]], 3],
        [[[1, 9]], 3],
      ],
    },
    [0, 1],
    false,
  ],
]
for (const [what, given, winners, tied] of decided) {
  test(`told apart: ${what}`, () => {
    const { found, exact } = selected(given)
    assert.deepEqual(
      [found, exact],
      [
        [winners, tied],
        [winners, tied],
      ],
    )
  })
}
