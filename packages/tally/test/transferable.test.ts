import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type BallotGroup, type CountResult, count } from '../src/index.ts'
import { arbitraryRankings, rulesOf } from './arbitraries.ts'
import { naiveTransferable } from './naive-transferable.ts'

function election(method: 'irv' | 'stv', options: number, seats: number, groups: readonly BallotGroup[]): CountResult {
  return count(rulesOf(method, options, { seats }), groups)
}

function sorted(options: readonly number[]): number[] {
  return options.toSorted((a, b) => a - b)
}

const arbitraryElection = fc
  .record({ options: fc.integer({ min: 1, max: 5 }), seats: fc.integer({ min: 1, max: 4 }), ties: fc.boolean() })
  .chain(({ options, seats, ties }) => arbitraryRankings(options, ties).map((groups) => ({ options, seats, groups })))

/** The same with few votes each, so that ties are the rule. */
const arbitraryTie = arbitraryElection.map(({ groups, ...rest }) => ({
  ...rest,
  groups: groups.map(({ ballot, count: times }) => ({ ballot, count: 1 + (times % 2) })),
}))

test('stv and irv come out as a slow second count from the written rules', () => {
  fc.assert(
    fc.property(fc.oneof(arbitraryElection, arbitraryTie), ({ options, seats, groups }) => {
      for (const [method, places] of [
        ['stv', seats],
        ['irv', 1],
      ] as const) {
        const naive = naiveTransferable(groups, options, places)
        const { winners, tied, order, counts } = election(method, options, places, groups)
        assert.deepEqual(
          { winners: sorted(winners), tied, order: order.map(sorted), quota: BigInt(counts.quota as number) },
          { ...naive, order: naive.order.map(sorted) },
        )
      }
    }),
    { numRuns: 3_000 },
  )
})

test('whoever is the first choice of more than half wins a run-off, and as many as there are seats are elected', () => {
  fc.assert(
    fc.property(arbitraryElection, ({ options, seats, groups }) => {
      const voting = groups.filter(({ ballot }) => (ballot as number[][]).length > 0)
      const all = voting.reduce((sum, { count: times }) => sum + times, 0)
      for (let option = 0; option < options; option++) {
        const first = voting
          .filter(({ ballot }) => String((ballot as number[][])[0]) === String(option))
          .reduce((sum, { count: times }) => sum + times, 0)
        if (2 * first > all) assert.deepEqual(election('irv', options, 1, groups).winners, [option])
      }
      const { winners, tied } = election('stv', options, seats, groups)
      const filled = all === 0 ? 0 : Math.min(seats, options)
      assert.ok(tied ? winners.length > filled : winners.length === filled)
    }),
    { numRuns: 1_000 },
  )
})

test('the votes of a round never exceed the ballots, and none are lost but those of exhausted ballots', () => {
  const complete = fc.integer({ min: 2, max: 5 }).chain((options) =>
    arbitraryRankings(options, true).map((groups) => ({
      options,
      groups: groups.filter(({ ballot }) => (ballot as number[][]).flat().length === options),
    })),
  )
  fc.assert(
    fc.property(complete, fc.integer({ min: 1, max: 3 }), ({ options, groups }, seats) => {
      const all = groups.reduce((sum, { count: times }) => sum + times, 0)
      const { rounds, counts } = election('stv', options, seats, groups)
      let filled = 0
      for (const { votes, elected } of rounds) {
        if (votes === undefined) continue
        const sum = sumOf(Object.values(votes as Record<string, string>))
        assert.equal(sum, `${all - filled * (counts.quota as number)}/1`)
        if (Array.isArray(elected)) filled += elected.length
      }
    }),
    { numRuns: 1_000 },
  )
})

function sumOf(fractions: readonly string[]): string {
  let [n, d] = [0n, 1n]
  for (const text of fractions) {
    const [a = '0', b = '1'] = text.split('/')
    ;[n, d] = [n * BigInt(b) + BigInt(a) * d, d * BigInt(b)]
  }
  return n % d === 0n ? `${n / d}/1` : `${n}/${d}`
}

/** 9 ballots, quota 4 for one of two seats: the surplus of 2 of Ann's 6 goes on as 1/3 of each ballot. */
test('a surplus goes on from all ballots in exact thirds', () => {
  const groups = [
    { ballot: [[0], [1]], count: 4 },
    { ballot: [[0], [2]], count: 2 },
    { ballot: [[2]], count: 2 },
    { ballot: [[1]], count: 1 },
  ]
  const { rounds, winners, counts } = election('stv', 3, 2, groups)
  assert.equal(counts.quota, 4)
  assert.deepEqual(rounds[0], { votes: { 0: '6', 1: '1', 2: '2' }, elected: [0] })
  assert.deepEqual(rounds[1], { votes: { 1: '7/3', 2: '8/3' }, eliminated: [1] })
  assert.deepEqual(winners, [0, 2])
})

test('a tie at the bottom that makes no difference leaves the two equal in the order', () => {
  const groups = [
    { ballot: [[0]], count: 4 },
    { ballot: [[1]], count: 2 },
    { ballot: [[2]], count: 2 },
    { ballot: [[3]], count: 1 },
  ]
  const { winners, tied, order } = election('irv', 4, 1, groups)
  assert.deepEqual([winners, tied, order], [[0], false, [[0], [1, 2], [3]]])
})

test('ways that elected and eliminated the same in another order are told apart', () => {
  // 0 goes and 2 is elected, then 1 goes and 3 is elected; or the other way round. The first of the two elected passes
  // its surplus to the second, which has a larger one of its own then, for 5 in the one case and for 4 in the other.
  const groups = [
    { ballot: [[0], [2], [3], [4]], count: 10 },
    { ballot: [[1], [3], [2], [5]], count: 10 },
    { ballot: [[2], [3], [4]], count: 34 },
    { ballot: [[3], [2], [5]], count: 34 },
    { ballot: [[4]], count: 32 },
    { ballot: [[5]], count: 24 },
    { ballot: [[6], [5]], count: 12 },
  ]
  const { winners, tied, order } = election('stv', 7, 3, groups)
  assert.deepEqual([sorted(winners), tied], [[2, 3, 4, 5], true])
  assert.deepEqual(naiveTransferable(groups, 7, 3).order, order)
})

test('a tie is broken by the latest earlier round in which votes differed', () => {
  const groups = [
    { ballot: [[0]], count: 6 },
    { ballot: [[1]], count: 4 },
    { ballot: [[2]], count: 3 },
    { ballot: [[3], [2]], count: 1 },
  ]
  const { rounds, order } = election('irv', 4, 1, groups)
  assert.deepEqual(rounds[1], { votes: { 0: '6', 1: '4', 2: '4' }, eliminated: [2] })
  assert.deepEqual(order, [[0], [1], [2], [3]])
})

test('two elected in one round with equal votes are equal in the order', () => {
  const groups = [
    { ballot: [[2]], count: 5 },
    { ballot: [[0]], count: 5 },
    { ballot: [[1]], count: 1 },
  ]
  assert.deepEqual(election('stv', 3, 2, groups).order, [[0, 2], [1]])
})

test('too many ways out of ties leave everybody tied, whatever the order of options', () => {
  const cycle = (options: number) =>
    Array.from({ length: options }, (_, i) => ({
      ballot: Array.from({ length: options }, (_, j) => [(i + j * j + j) % options]).filter(
        ([option], at, all) => all.findIndex(([other]) => other === option) === at,
      ),
      count: 1,
    }))
  const { winners, tied } = election('irv', 12, 1, cycle(12))
  assert.deepEqual([winners.length, tied], [12, true])
  const mirrored = cycle(12).map(({ ballot, count: times }) => ({
    ballot: ballot.map(([option = 0]) => [11 - option]),
    count: times,
  }))
  assert.deepEqual(election('irv', 12, 1, mirrored).winners, winners)
})

/** All ballots want nearly the same order, so that seats are filled by surpluses; their digits would double with each. */
test('a count of many surpluses ends, elects as many as there are seats, and keeps within the ballots', () => {
  const options = 60
  let state = 7
  const noise = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 30
  }
  const groups = Array.from({ length: 300 }, () => {
    const places = Array.from({ length: options }, (_, option) => option + noise())
    const ranked = places.map((_, option) => option).toSorted((a, b) => (places[a] ?? 0) - (places[b] ?? 0))
    return { ballot: ranked.map((option) => [option]), count: 97 }
  })
  const all = 300 * 97
  const { winners, rounds, counts } = election('stv', options, 40, groups)
  assert.equal(winners.length, 40)
  let filled = 0
  for (const { votes, elected } of rounds) {
    const texts = Object.values((votes ?? {}) as Record<string, string>)
    assert.ok(texts.every(({ length }) => length < 1_500))
    // Each rounding may lose less than 2^-1024 of a vote for every ballot.
    const [n = 0n, d = 1n] = sumOf(texts).split('/').map(BigInt)
    const lost = BigInt(all - filled * (counts.quota as number)) * d - n
    assert.ok(texts.length === 0 || (lost >= 0n && lost << 1_000n < d))
    if (Array.isArray(elected)) filled += elected.length
  }
})

test('as many ballots as a number can count', () => {
  const half = Math.floor(Number.MAX_SAFE_INTEGER / 2)
  const groups = [
    { ballot: [[0], [2]], count: half },
    { ballot: [[1, 2]], count: half },
    { ballot: [[2]], count: 1 },
  ]
  const { winners, counts, ballots } = election('irv', 3, 1, groups)
  assert.deepEqual([winners, counts.quota, ballots], [[2], (Number.MAX_SAFE_INTEGER + 1) / 2, Number.MAX_SAFE_INTEGER])
})

for (const [what, options, seats, groups, winners, tied] of [
  ['no ballots', 3, 1, [], [], false],
  ['everybody abstains', 3, 2, [{ ballot: [], count: 7 }], [], false],
  ['one option', 1, 1, [{ ballot: [[0]], count: 1 }], [0], false],
  ['as many seats as options', 2, 2, [{ ballot: [[1]], count: 1 }], [0, 1], false],
  ['more seats than options', 2, 4, [{ ballot: [[1]], count: 1 }], [0, 1], false],
  ['all equal on every ballot', 3, 1, [{ ballot: [[0, 1, 2]], count: 4 }], [0, 1, 2], true],
  [
    'two against two',
    2,
    1,
    [
      { ballot: [[0]], count: 2 },
      { ballot: [[1]], count: 2 },
    ],
    [0, 1],
    true,
  ],
  [
    'one seat sure, one tied',
    3,
    2,
    [
      { ballot: [[0]], count: 9 },
      { ballot: [[1]], count: 1 },
      { ballot: [[2]], count: 1 },
    ],
    [0, 1, 2],
    true,
  ],
] as const) {
  test(`stv: ${what}`, () => {
    const result = election('stv', options, seats, groups)
    assert.deepEqual([sorted(result.winners), result.tied], [winners, tied])
    assert.equal(
      result.ballots,
      groups.reduce<number>((sum, { count: times }) => sum + times, 0),
    )
    assert.deepEqual(
      sorted(result.order.flat()),
      Array.from({ length: options }, (_, option) => option),
    )
  })
}
