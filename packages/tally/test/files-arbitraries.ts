import fc from 'fast-check'
import { isReservedHeading } from '../src/files/ballot-csv-columns.ts'
import type { BudgetProfile, RankedProfile, TableProfile } from '../src/files/index.ts'

/** Records as object literals are: deepEqual compares prototypes too. */
function record<T extends object>(of: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record<T>(of, { noNullPrototype: true })
}

/** Names with everything that separates or quotes in one of the formats. */
const raw = fc.oneof(
  fc.string({
    unit: fc.constantFrom('A', 'b', 'é', '😀', ' ', '"', ';', ',', '#', ':', '=', '>', '{', '1'),
    maxLength: 8,
  }),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
)

/** One line, trimmed, not empty; `"` before a space and a quote cannot be written in BLT. */
const arbitraryName = raw
  .map((text) => text.replaceAll(/[\p{Cc}\ufffe\uffff]/gu, '').trim())
  .filter((name) => name !== '' && !/"\s+["#]/.test(name) && !isReservedHeading(name))

function names(minLength: number, maxLength: number): fc.Arbitrary<string[]> {
  return fc.uniqueArray(arbitraryName, { minLength, maxLength })
}

const count = fc.integer({ min: 1, max: 50 })

/** Groups of a random order, cut into ties where a coin says so, ended after some. */
function order(candidates: number, ties: boolean): fc.Arbitrary<number[][]> {
  const all = Array.from({ length: candidates }, (_, option) => option)
  const coins = fc.array(fc.boolean(), { minLength: candidates, maxLength: candidates })
  return fc.tuple(fc.shuffledSubarray(all), coins).map(([ranked, coin]) => {
    const groups: number[][] = []
    for (const [index, option] of ranked.entries()) {
      const last = groups.at(-1)
      if (ties && last !== undefined && coin[index] === true) last.push(option)
      else groups.push([option])
    }
    return groups.map((group) => group.toSorted((a, b) => a - b))
  })
}

export function arbitraryRanked(ties: boolean): fc.Arbitrary<RankedProfile> {
  return names(1, 6).chain((candidates) =>
    record({
      kind: fc.constant('ranked' as const),
      title: fc.oneof(fc.constant(''), arbitraryName),
      candidates: fc.constant(candidates),
      seats: fc.integer({ min: 1, max: candidates.length }),
      ballots: fc.array(record({ count, order: order(candidates.length, ties) }), { maxLength: 8 }),
    }),
  )
}

export const arbitraryTable: fc.Arbitrary<TableProfile> = names(1, 6).chain((candidates) => {
  const cell = fc.option(fc.integer({ min: 0, max: 10 }), { nil: undefined })
  const cells = fc.array(cell, { minLength: candidates.length, maxLength: candidates.length })
  return record({
    kind: fc.constant('table' as const),
    candidates: fc.constant(candidates),
    ballots: fc.array(record({ count, cells }), { maxLength: 8 }),
  })
})

const voteType = fc.constantFrom('approval', 'choose-1', 'cumulative', 'scoring', 'ordinal')
const cost = fc.integer({ min: 1, max: 1_000_000 })
const arbitraryId = arbitraryName.filter((name) => !name.includes(','))
const selected = fc.constantFrom(true, false, undefined)

/** `decimals` is the least that the amounts need: the budget ends in a digit that is not 0 where there are any. */
export const arbitraryBudget: fc.Arbitrary<BudgetProfile> = fc
  .record({ ids: fc.uniqueArray(arbitraryId, { minLength: 1, maxLength: 5 }), voteType, decimals: fc.nat({ max: 3 }) })
  .chain(({ ids, voteType, decimals }) =>
    record({
      kind: fc.constant('budget' as const),
      meta: fc
        .uniqueArray(fc.tuple(arbitraryName, fc.oneof(fc.constant(''), arbitraryName)), { selector: ([key]) => key })
        .map((pairs) => pairs.filter(([key]) => !['budget', 'vote_type', 'num_votes', 'num_projects'].includes(key))),
      voteType: fc.constant(voteType),
      decimals: fc.constant(decimals),
      budget: cost.map((amount) => amount * 10 + 1),
      projects: fc.tuple(
        ...ids.map((id) =>
          record({ id: fc.constant(id), name: fc.oneof(fc.constant(''), arbitraryName), cost, selected }),
        ),
      ),
      ballots: arbitraryVotes(ids.length, voteType),
    }),
  )

function arbitraryVotes(projects: number, type: BudgetProfile['voteType']): fc.Arbitrary<BudgetProfile['ballots']> {
  const all = Array.from({ length: projects }, (_, option) => option)
  const scored = type === 'cumulative' || type === 'scoring'
  const vote = fc.shuffledSubarray(all, { maxLength: type === 'choose-1' ? 1 : projects })
  const points = fc.array(fc.nat({ max: 9 }), { minLength: projects, maxLength: projects })
  const ballot = record({ voter: arbitraryName, projects: vote, points })
  return fc
    .uniqueArray(ballot, { selector: ({ voter }) => voter, maxLength: 6 })
    .map((ballots) => ballots.map((b) => ({ ...b, points: scored ? b.points.slice(0, b.projects.length) : [] })))
}
