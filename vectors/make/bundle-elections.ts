import type { Ballot } from '@icn/protocol'
import type { Election } from './elections.ts'

/** An election on the ledger: who votes what, in order; a later ballot of the same voter replaces the earlier one. */
export interface BundleElection extends Omit<Election, 'ballots' | 'options'> {
  readonly name: string
  readonly options: readonly { readonly label: string; readonly costMinor: number }[]
  readonly cast: readonly (readonly [voter: number, ballot: Ballot])[]
  /** What became of a passed proposal. */
  readonly status?: string
  /** A ballot that this method cannot count. */
  readonly unfit?: Ballot
}

type Parts = Partial<BundleElection> & Pick<BundleElection, 'name' | 'method' | 'cast'>

function electionOf(parts: Parts, labels: readonly string[] = [], costs: readonly number[] = []): BundleElection {
  const options = labels.map((label, option) => ({ label, costMinor: costs[option] ?? 0 }))
  return { options, seats: 1, maxScore: 0, budgetMinor: 0, ...parts }
}

export const YES_NO: BundleElection = electionOf({
  name: 'yes-no',
  method: 'yes-no',
  cast: [
    [0, 'no'],
    [1, 'yes'],
    [2, 'yes'],
    [0, 'yes'],
    [3, 'abstain'],
    [5, 'no'],
    [5, 'yes'],
  ],
  unfit: 'consent',
})

const ABC = ['A', 'B', 'C']
const ABCD = [...ABC, 'D']

/** Each method with its own kind of ballots; then every way in which a vote may end. */
export const bundleElections: readonly BundleElection[] = [
  YES_NO,
  electionOf(
    {
      name: 'schulze',
      method: 'schulze',
      // A cycle: A beats B, B beats C, C beats A, by different margins; and D, whom most leave unranked.
      cast: [
        [0, [[0], [1], [2], [3]]],
        [1, [[0], [1], [2]]],
        [2, [[1], [2], [0]]],
        [3, [[2], [0, 1]]],
        [5, []],
        [5, [[1], [2], [0], [3]]],
      ],
      unfit: [[0], [0]],
    },
    ABCD,
  ),
  electionOf({
    name: 'consent',
    method: 'consent',
    cast: [
      [0, 'object'],
      [1, 'stand-aside'],
      [2, 'consent'],
      [0, 'consent'],
    ],
    unfit: 'yes',
    status: 'executed',
  }),
  electionOf(
    {
      name: 'plurality',
      method: 'plurality',
      cast: [
        [0, 1],
        [1, 1],
        [2, 0],
        [3, []],
      ],
      unfit: 3,
    },
    ABC,
  ),
  electionOf(
    {
      name: 'approval',
      method: 'approval',
      cast: [
        [0, [0, 2]],
        [1, [2]],
        [2, [1, 2]],
        [3, []],
      ],
      unfit: [1, 1],
    },
    ABC,
  ),
  electionOf(
    {
      name: 'score',
      method: 'score',
      maxScore: 9,
      cast: [
        [
          0,
          [
            [0, 9],
            [1, 8],
          ],
        ],
        [1, [[1, 7]]],
        [
          2,
          [
            [2, 0],
            [0, 4],
          ],
        ],
      ],
      unfit: [[0, 10]],
    },
    ABC,
  ),
  electionOf(
    {
      name: 'irv',
      method: 'irv',
      cast: [
        [0, [[0]]],
        [1, [[0], [2]]],
        [2, [[1], [2]]],
        [3, [[2], [1]]],
        [5, [[2, 1]]],
      ],
      unfit: [[3]],
    },
    ABC,
  ),
  electionOf(
    {
      name: 'stv',
      method: 'stv',
      seats: 2,
      cast: [
        [0, [[0], [1]]],
        [1, [[0], [1]]],
        [2, [[0], [1, 2]]],
        [3, [[2]]],
        [5, [[3], [2]]],
      ],
      unfit: [[1], [2, 1]],
    },
    ABCD,
  ),
  electionOf(
    {
      name: 'equal-shares',
      method: 'equal-shares',
      budgetMinor: 10_000,
      cast: [
        [0, [0, 1]],
        [
          1,
          [
            [0, 2],
            [2, 1],
          ],
        ],
        [2, [1]],
        [3, [[3, 1_000]]],
        [5, [3, 2]],
      ],
      unfit: [
        [0, 1_000],
        [0, 1],
      ],
    },
    ABCD,
    [4_000, 3_500, 2_500, 6_000],
  ),
  electionOf(
    {
      name: 'greedy',
      method: 'greedy',
      budgetMinor: 10_000,
      cast: [
        [0, [0, 1]],
        [1, [0]],
        [
          2,
          [
            [1, 3],
            [2, 1],
          ],
        ],
        [3, [2]],
      ],
      unfit: [4],
    },
    ABCD,
    [5_000, 5_000, 4_000, 1],
  ),
  electionOf(
    {
      name: 'tied',
      method: 'irv',
      cast: [
        [0, [[0]]],
        [1, [[1]]],
      ],
    },
    ABC,
  ),
  electionOf({
    name: 'rejected',
    method: 'yes-no',
    cast: [
      [0, 'yes'],
      [1, 'no'],
    ],
  }),
  electionOf({ name: 'no quorum', method: 'yes-no', cast: [[0, 'yes']] }),
]
