import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type BallotGroup, count } from '../src/index.ts'
import { arbitraryRankings, rulesOf } from './arbitraries.ts'

/** How many prefer `a` to `b`: a ranked option is preferred to one of a later group and to an unranked one. */
function preferring(groups: readonly BallotGroup[], a: number, b: number): number {
  const place = (ballot: readonly (readonly number[])[], option: number) => {
    const found = ballot.findIndex((group) => group.includes(option))
    return found === -1 ? ballot.length : found
  }
  return groups
    .map(({ ballot, count: times }) => ({ ballot: ballot as number[][], times }))
    .filter(({ ballot }) => place(ballot, a) < place(ballot, b))
    .reduce((sum, { times }) => sum + times, 0)
}

/** The strongest path by its definition: the best weakest link of all paths, each looked at (Schulze 2011, 2.2). */
function strongestPath(link: (from: number, to: number) => number, options: number, a: number, b: number): number {
  const from = (at: number, seen: readonly number[], weakest: number): number => {
    if (at === b) return weakest
    let best = 0
    for (let next = 0; next < options; next++) {
      const strength = Math.min(weakest, link(at, next))
      if (!seen.includes(next) && strength > 0) best = Math.max(best, from(next, [...seen, next], strength))
    }
    return best
  }
  return from(a, [a], Number.POSITIVE_INFINITY)
}

/** Floyd–Warshall over pairs. */
function strongestPaths(link: (from: number, to: number) => number, options: number): number[][] {
  const all = Array.from({ length: options }, (_, option) => option)
  const p = all.map((a) => all.map((b) => (a === b ? 0 : link(a, b))))
  const at = (a: number, b: number) => p[a]?.[b] ?? 0
  for (const by of all)
    for (const a of all)
      for (const b of all) if (a !== b) (p[a] as number[])[b] = Math.max(at(a, b), Math.min(at(a, by), at(by, b)))
  return p
}

const arbitraryElection = fc
  .integer({ min: 1, max: 5 })
  .chain((options) => fc.tuple(fc.constant(options), arbitraryRankings(options, true)))

function linksOf(groups: readonly BallotGroup[]) {
  return (a: number, b: number) => {
    const [votes, back] = [preferring(groups, a, b), preferring(groups, b, a)]
    return votes > back ? votes : 0
  }
}

test('the order is that of strongest paths, by every path and by Floyd–Warshall', () => {
  fc.assert(
    fc.property(arbitraryElection, ([options, groups]) => {
      const { order, winners, tied, rounds } = count(rulesOf('schulze', options), groups)
      const link = linksOf(groups)
      const all = Array.from({ length: options }, (_, option) => option)
      const slow = all.map((a) => all.map((b) => (a === b ? 0 : strongestPath(link, options, a, b))))
      assert.deepEqual(strongestPaths(link, options), slow)
      assert.deepEqual(rounds, [
        { pairwise: all.map((a) => all.map((b) => preferring(groups, a, b))), strengths: slow },
      ])
      const beats = (a: number, b: number) => (slow[a]?.[b] ?? 0) > (slow[b]?.[a] ?? 0)
      const ballots = groups.reduce((sum, { count: times }) => sum + times, 0)
      const unbeaten = all.filter((option) => !all.some((other) => beats(other, option)))
      assert.deepEqual([winners, tied], ballots === 0 ? [[], false] : [unbeaten, unbeaten.length > 1])
      const place = (option: number) => order.findIndex((group) => group.includes(option))
      for (const a of all) for (const b of all) if (beats(a, b)) assert.ok(place(a) < place(b))
      assert.deepEqual(order.flat().toSorted(), all)
    }),
    { numRuns: 1_500 },
  )
})

test('whoever beats everybody else in pairs wins alone', () => {
  let found = 0
  fc.assert(
    fc.property(arbitraryElection, ([options, groups]) => {
      const all = Array.from({ length: options }, (_, option) => option)
      const wins = (a: number) => all.every((b) => a === b || preferring(groups, a, b) > preferring(groups, b, a))
      const [winner] = all.filter(wins)
      if (winner === undefined || options === 1) return
      found++
      const result = count(rulesOf('schulze', options), groups)
      assert.deepEqual([result.winners, result.tied, result.order[0]], [[winner], false, [winner]])
    }),
    { numRuns: 1_000 },
  )
  assert.ok(found > 100)
})

test('many ballots counted by sets of options come out as a few counted one by one', () => {
  const election = fc
    .integer({ min: 1, max: 66 })
    .chain((options) => fc.tuple(fc.constant(options), arbitraryRankings(options, true, 6)))
  fc.assert(
    fc.property(election, ([options, groups]) => {
      const few = count(rulesOf('schulze', options), groups)
      // The same ballots a thousand times each, as so many groups.
      const many = groups.flatMap((group) => Array.from({ length: 1_000 }, () => group))
      const [{ pairwise }] = few.rounds as [{ pairwise: number[][] }]
      const times = pairwise.map((row) => row.map((votes) => votes * 1_000))
      const result = count(rulesOf('schulze', options), many)
      assert.deepEqual(result.rounds[0]?.pairwise, times)
      assert.deepEqual([result.order, result.ballots], [few.order, few.ballots * 1_000])
    }),
    { numRuns: 60 },
  )
})

/** Example 1 of Schulze (2011), 3.1: 45 ballots, five options, the order E > A > C > B > D. */
test('the example of the paper', () => {
  const groups = (
    [
      ['ACBED', 5],
      ['ADECB', 5],
      ['BEDAC', 8],
      ['CABED', 3],
      ['CAEBD', 7],
      ['CBADE', 2],
      ['DCEBA', 7],
      ['EBADC', 8],
    ] as const
  ).map(([letters, times]) => ({ ballot: [...letters].map((letter) => ['ABCDE'.indexOf(letter)]), count: times }))
  const { order, rounds } = count(rulesOf('schulze', 5), groups)
  assert.deepEqual(order, [[4], [0], [2], [1], [3]])
  assert.deepEqual(rounds[0]?.strengths, [
    [0, 28, 28, 30, 24],
    [25, 0, 28, 33, 24],
    [25, 29, 0, 29, 24],
    [25, 28, 28, 0, 24],
    [25, 28, 28, 31, 0],
  ])
})

for (const [what, options, groups, winners] of [
  ['no ballots', 3, [], []],
  ['everybody abstains: all are equal', 3, [{ ballot: [], count: 7 }], [0, 1, 2]],
  ['one option', 1, [{ ballot: [[0]], count: 1 }], [0]],
  ['all tied on every ballot', 2, [{ ballot: [[0, 1]], count: 5 }], [0, 1]],
  ['a ranked one beats the unranked', 3, [{ ballot: [[2]], count: 1 }], [2]],
  [
    'as many ballots as a number can count',
    2,
    [
      { ballot: [[0]], count: 2 ** 52 - 1 },
      { ballot: [[1]], count: 2 ** 52 },
    ],
    [1],
  ],
] as const) {
  test(`schulze: ${what}`, () => {
    const result = count(rulesOf('schulze', options), groups)
    assert.deepEqual([result.winners, result.tied], [winners, winners.length > 1])
    assert.equal(
      result.ballots,
      groups.reduce<number>((sum, { count: times }) => sum + times, 0),
    )
  })
}
