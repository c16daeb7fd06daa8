import { METHODS } from '@icn/protocol'
import { type Ballot, type CountRules, isBallot } from '@icn/tally'
import { createRandom } from '@icn/testkit'
import { countElection, type Election, randomElection, surplusElection } from './elections.ts'

const SEED = 20_261_125
const RANDOM_EACH = 16
const LONG = 3

const ranked = (method: 'irv' | 'stv' | 'schulze', options: number, seats: number, ballots: readonly Ballot[]) =>
  electionOf({ method, seats, ballots, options: Array.from({ length: options }, () => ({ costMinor: 0 })) })
const budget = (
  method: 'equal-shares' | 'greedy',
  budgetMinor: number,
  costs: readonly number[],
  ballots: readonly Ballot[],
) => electionOf({ method, budgetMinor, ballots, options: costs.map((costMinor) => ({ costMinor })) })

function electionOf(parts: Partial<Election> & Pick<Election, 'method' | 'ballots'>): Election {
  return { options: [], seats: 1, maxScore: 0, budgetMinor: 0, ...parts }
}

function times(ballot: Ballot, count: number): Ballot[] {
  return new Array<Ballot>(count).fill(ballot)
}

/** Groups of options with equal votes, one group after the other tied for the last place; the last option has `most`. */
function tiesInARow(most: number, ...groups: readonly (readonly [votes: number, options: number])[]): Ballot[] {
  const votes = [...groups.flatMap(([each, options]) => new Array<number>(options).fill(each)), most]
  return votes.flatMap((count, option) => times([[option]], count))
}

/** One case for every rule that a reader might get wrong. */
const written: readonly (readonly [name: string, election: Election])[] = [
  ['nobody votes', ranked('irv', 3, 1, [])],
  ['everybody abstains', ranked('stv', 3, 2, [[], []])],
  ['abstentions do not raise the quota', ranked('irv', 2, 1, [[[0]], [[0]], [[1]], [], [], []])],
  [
    'several go at once: together they have fewer votes than anybody else',
    ranked('irv', 5, 1, [...times([[0]], 5), ...times([[1]], 4), [[2], [1]], [[3], [0]]]),
  ],
  [
    'a tie for the last place ends with the latest earlier round in which votes differed',
    ranked('irv', 4, 1, [...times([[0]], 6), ...times([[1]], 4), ...times([[2]], 3), [[3], [2]]]),
  ],
  [
    'a tie that makes no difference to who wins',
    ranked('irv', 3, 1, [...times([[0]], 4), ...times([[1], [0]], 2), ...times([[2], [0]], 2)]),
  ],
  ['a tie that does', ranked('irv', 3, 1, [...times([[0]], 2), ...times([[1]], 2), [[2]]])],
  [
    'ties after ties, 2, 7 + 42 + 105 and 10 + 90 ways: 256 in all',
    ranked('irv', 20, 1, tiesInARow(90, [1, 2], [2, 7], [10, 10])),
  ],
  [
    'ties after ties, 8 + 56 + 168 and 5 + 20 ways: 257, one too many',
    ranked('irv', 14, 1, tiesInARow(24, [1, 8], [6, 5])),
  ],
  [
    'a way of a tie that is undecided itself',
    ranked('irv', 6, 1, [
      [[2], [5], [0]],
      [[5], [1]],
      [[1, 3], [4]],
    ]),
  ],
  [
    'of two earlier rounds the later one decides',
    ranked('irv', 4, 1, [[[3], [1, 2]], [[2], [3]], [[2, 3], [1], [0]], [[0], [1], [3, 2]], [[1]]]),
  ],
  [
    'who may go together is not told apart by earlier rounds',
    ranked('stv', 6, 2, [...times([[5], [0]], 2), [[5], [0], [1]], [[5], [4]], [[5], [3, 1]], [[0]], [[2], [1], [0]]]),
  ],
  [
    'elected together with equal votes: one group of the order',
    ranked('stv', 3, 2, [...times([[2]], 5), ...times([[0]], 5), [[1]]]),
  ],
  ['elected together, most votes first', ranked('stv', 4, 3, [[[2]], [[0]], [[2], [3]]])],
  ['everybody is equal', ranked('irv', 6, 1, [[[0]], [[1]], [[2]], [[3]], [[4]], [[5]]])],
  ['equals on a ballot share it in thirds', ranked('irv', 4, 1, [[[0, 1, 2]], [[3], [0]], [[1], [3]]])],
  [
    'a surplus goes on at a fraction',
    ranked('stv', 4, 2, [...times([[0], [1], [2]], 5), ...times([[2]], 2), [[3], [1]], [[1, 3]]]),
  ],
  [
    'two reach the quota together',
    ranked('stv', 5, 3, [...times([[0], [2]], 5), ...times([[1], [2, 3]], 4), [[3]], [[4]], [[2]]]),
  ],
  ['a ballot in which one of two equals is elected', ranked('stv', 3, 2, [...times([[0, 1]], 3), [[0]], [[0]], [[2]]])],
  [
    'as many left as seats: elected below the quota',
    ranked('stv', 3, 2, [...times([[0]], 3), ...times([[1]], 2), [[2]]]),
  ],
  ['elected before a tie, then a tie for the last seat', ranked('stv', 3, 2, [...times([[0]], 4), [[1]], [[2]]])],
  ['a cycle', ranked('schulze', 3, 1, [...times([[0], [1]], 4), ...times([[1], [2]], 3), ...times([[2], [0]], 2)])],
  [
    'a path of three links is stronger than the direct one',
    ranked('schulze', 4, 1, [...times([[0], [1], [2], [3]], 3), ...times([[3], [0]], 2), [[1, 2], [3]]]),
  ],
  [
    'nobody gets a vote',
    electionOf({ method: 'plurality', options: [{ costMinor: 0 }, { costMinor: 0 }], ballots: [[]] }),
  ],
  [
    'a score of 0 is a score, though nobody wins with it',
    electionOf({ method: 'score', maxScore: 9, options: [{ costMinor: 0 }, { costMinor: 0 }], ballots: [[[0, 0]]] }),
  ],
  ['what does not fit any more is passed over', budget('greedy', 10, [7, 5, 3], [[0, 1, 2], [0, 1], [0]])],
  ['equal votes: the cheaper first', budget('greedy', 10, [6, 5], [[0, 1]])],
  ['equal votes and costs: the earlier first', budget('greedy', 10, [6, 6], [[0, 1]])],
  ['equal votes, and all fit: no tie', budget('greedy', 12, [6, 6], [[0, 1]])],
  ['points count as votes', budget('greedy', 10, [6, 6], [[0], [[1, 3]], [[0, 1]]])],
  ['nobody shares a budget out', budget('equal-shares', 10, [6], [])],
  ['who wants nothing has a share too', budget('equal-shares', 12, [5, 4], [[0], [1], []])],
  ['shares are raised until all are paid', budget('equal-shares', 12, [4, 4, 4], [[0], [1], [2], [2]])],
  [
    'the last raise that keeps within the budget',
    budget('equal-shares', 30, [16, 16, 9, 7], [[0], [0], [1], [1], [2], [3, 0]]),
  ],
  ['projects that share supporters', budget('equal-shares', 20, [9, 8, 8, 5], [[0, 1], [0, 1], [1, 2], [2, 3], [3]])],
  ['raised 2,000 times at most', budget('equal-shares', 1_000_000, [900_000, 1], [[0], [1], [1], [1], [1]])],
  ['a step is the thousandth part', budget('equal-shares', 19_980, [10_000], [[0], []])],
  [
    'equally cheap: more votes before lower cost',
    budget(
      'equal-shares',
      18,
      [6, 6, 5],
      [
        [
          [0, 3],
          [1, 1],
        ],
        [1],
        [2],
      ],
    ),
  ],
  ['a step is a whole unit', budget('equal-shares', 2_999, [1_000, 1_999, 1_500], [[0], [0, 1], [2]])],
  ['who has less pays all of it', budget('equal-shares', 30, [12, 16], [[0, 1], [0], [1], [[1, 4]]])],
  [
    'points say in what proportion voters pay',
    budget(
      'equal-shares',
      20,
      [10, 10],
      [
        [[0, 3]],
        [
          [0, 1],
          [1, 2],
        ],
        [[1, 1]],
      ],
    ),
  ],
  ['points of 0 are no support', budget('equal-shares', 10, [5], [[[0, 0]], []])],
  [
    'three times a budget is beyond 2^53',
    budget('equal-shares', 9_007_199_254_740_981, [9_007_199_254_740_981 / 3 + 12_009_599_006_320], [[0], [], []]),
  ],
]

type Form = Pick<CountRules, 'method' | 'options' | 'maxScore'>

const forms: readonly (readonly [form: Form, ballots: readonly Ballot[]])[] = [
  [{ method: 'yes-no', options: 0, maxScore: 0 }, ['yes', 'no', 'abstain', 'consent', 0, []]],
  [{ method: 'consent', options: 0, maxScore: 0 }, ['consent', 'stand-aside', 'object', 'abstain', 'yes', []]],
  [{ method: 'plurality', options: 3, maxScore: 0 }, [0, 2, 3, [], [1], [[1]], 'abstain']],
  [{ method: 'approval', options: 3, maxScore: 0 }, [[], [2, 0], [0, 0], [3], [[0]], 1, 'abstain']],
  [
    { method: 'score', options: 3, maxScore: 9 },
    [
      [],
      [[2, 0]],
      [
        [0, 9],
        [1, 9],
      ],
      [[0, 10]],
      [[3, 1]],
      [
        [0, 1],
        [0, 2],
      ],
      [[0]],
      [[0, 1, 2]],
      [0],
      0,
    ],
  ],
  [{ method: 'schulze', options: 3, maxScore: 0 }, [[], [[2]], [[0, 1, 2]], [[1], [0, 2]], [[0], [0]], [[3]], [0], 0]],
  [{ method: 'irv', options: 3, maxScore: 0 }, [[], [[1], [0, 2]], [[1, 1]], [1, 0]]],
  [{ method: 'stv', options: 3, maxScore: 0 }, [[], [[1], [0, 2]], [[1], [2, 1]], [[3]]]],
  [
    { method: 'equal-shares', options: 3, maxScore: 0 },
    [
      [],
      [0, 2],
      [[0, 1_000]],
      [[0, 0]],
      [
        [2, 1],
        [0, 5],
      ],
      [0, 0],
      [3],
      [
        [1, 1],
        [1, 1],
      ],
      [[0, 1, 1]],
      0,
    ],
  ],
  [{ method: 'greedy', options: 3, maxScore: 0 }, [[], [1], [[1, 7]], [[3, 1]], 'yes']],
]

/** Elections and what comes out, and ballots that fit or do not. */
export function makeCounts(): unknown {
  const random = createRandom(SEED)
  const drawn = METHODS.flatMap((method) =>
    Array.from({ length: RANDOM_EACH }, (_, i) => [`${method} ${i}`, randomElection(random, method)] as const),
  )
  const long = Array.from(
    { length: LONG },
    (_, i) => [`fractions of 2^2048 and more ${i}`, surplusElection(random)] as const,
  )
  return {
    counts: [...written, ...drawn, ...long].map(([name, election]) => ({
      name,
      ...election,
      result: countElection(election),
    })),
    ballots: forms.flatMap(([form, ballots]) =>
      ballots.map((ballot) => ({ ...form, ballot, fits: isBallot({ ...RULES, ...form }, ballot) })),
    ),
  }
}

const RULES = {
  seats: 1,
  budget: 0,
  costs: [],
  utility: 'cost',
  completion: 'none',
  shareStep: 1,
  mostRaises: 0,
} as const
