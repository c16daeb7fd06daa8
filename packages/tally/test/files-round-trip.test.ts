import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  completeOrder,
  parseProfile,
  type RankedProfile,
  rankingsOf,
  UnwritableProfile,
  writeBlt,
  writeCsv,
  writePabulib,
  writeSoc,
  writeSoi,
  writeToc,
  writeToi,
} from '../src/files/index.ts'
import { arbitraryBudget, arbitraryRanked, arbitraryTable } from './files-arbitraries.ts'

/** What a profile says, whether or not the unranked are written. */
function meaning(profile: RankedProfile): object {
  const { candidates, ballots } = profile
  const orders = ballots.map(({ count, order }) => ({
    count,
    order: completeOrder(order, candidates.length).map((group) => group.toSorted((a, b) => a - b)),
  }))
  return { candidates, orders }
}

function ranked(text: string, fileName: string): RankedProfile {
  const profile = parseProfile(text, fileName)
  if (profile.kind === 'budget') assert.fail('an election was read as a budget')
  return profile.kind === 'table' ? rankingsOf(profile) : profile
}

for (const [name, fileName, write, ties] of [
  ['.soi', 'a.soi', writeSoi, false],
  ['.toc', 'a.toc', writeToc, true],
  ['.toi', 'a.toi', writeToi, true],
  ['.blt', 'a.blt', writeBlt, true],
  ['.csv', 'a.csv', writeCsv, true],
] as const) {
  test(`what is written as ${name} is read back`, () => {
    fc.assert(
      fc.property(arbitraryRanked(ties), (profile) => {
        const again = ranked(write(profile), fileName)
        assert.deepEqual(meaning(again), meaning(profile))
        assert.equal(write({ ...again, title: profile.title, seats: profile.seats }), write(profile))
        if (name !== '.csv') assert.equal(again.title, profile.title)
        if (name === '.blt') assert.equal(again.seats, profile.seats)
      }),
    )
  })
}

test('.toi and .blt keep every group as it is', () => {
  fc.assert(
    fc.property(arbitraryRanked(true), (profile) => {
      assert.deepEqual(ranked(writeToi(profile), 'a.toi').ballots, profile.ballots)
      assert.deepEqual(ranked(writeBlt(profile), 'a.blt').ballots, profile.ballots)
    }),
  )
})

test('every format says the same of the same ballots', () => {
  fc.assert(
    fc.property(arbitraryRanked(false), (profile) => {
      for (const [write, fileName] of [
        [writeToc, 'a.toc'],
        [writeBlt, 'a.BLT'],
        [writeCsv, 'folder.soi/a.csv'],
      ] as const)
        assert.deepEqual(meaning(ranked(write(profile), fileName)), meaning(ranked(writeSoi(profile), 'x.soi')))
    }),
  )
})

test('a table of scores is read back cell by cell', () => {
  fc.assert(
    fc.property(arbitraryTable, (profile) => {
      assert.deepEqual(parseProfile(writeCsv(profile), 'a.csv'), profile)
    }),
  )
})

test('a budget is read back, amounts to the last decimal', () => {
  fc.assert(
    fc.property(arbitraryBudget, (profile) => {
      const text = writePabulib(profile)
      const again = parseProfile(text, 'a.pb')
      assert.ok(again.kind === 'budget')
      const { meta, ...rest } = again
      const { meta: given, ...expected } = profile
      assert.deepEqual(rest, expected)
      assert.deepEqual(meta.slice(0, given.length), given)
      assert.equal(writePabulib(again), text)
    }),
  )
})

test('what a format cannot say is refused, not bent', () => {
  const base = { kind: 'ranked', title: '', candidates: ['Ann', 'Ben', 'Cem'], seats: 1 } as const
  const tie: RankedProfile = { ...base, ballots: [{ count: 1, order: [[0, 1], [2]] }] }
  const short: RankedProfile = { ...base, ballots: [{ count: 1, order: [[0]] }] }
  const named = (name: string): RankedProfile => ({ ...base, candidates: ['Ann', 'Ben', name], ballots: [] })
  for (const write of [
    () => writeSoc(tie),
    () => writeSoi(tie),
    () => writeSoc(short),
    () => writeSoi(named('two\nlines')),
    () => writeToc(named(' padded')),
    () => writeBlt(named('a" "b')),
    () => writeBlt(named('')),
    () => writeCsv(named('Count')),
    () => writeCsv(named('rank 1')),
  ])
    assert.throws(write, UnwritableProfile)
})

test('.soc completes an order that leaves out one', () => {
  const candidates = ['Ann', 'Ben', 'Cem']
  const profile: RankedProfile = {
    kind: 'ranked',
    title: '',
    candidates,
    seats: 1,
    ballots: [{ count: 2, order: [[2], [0]] }],
  }
  assert.match(writeSoc(profile), /^2: 3,1,2$/m)
})
