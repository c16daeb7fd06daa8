/** Counting: Schulze, run-off and STV with a million ballots, and equal shares on real and on many different ballots. */
import { readFileSync } from 'node:fs'
import { type Ballot, type BallotGroup, type CountRules, count, type Method } from '@icn/tally'
import { type BudgetReport, parseProfile, tallyFile } from '@icn/tally/files'
import { type BenchResult, result } from './result.ts'

const BALLOTS = 1_000_000
const CANDIDATES = 20
const BUDGET = 'examples/budgets/wieliczka-2023.pb'

export async function run(): Promise<readonly BenchResult[]> {
  console.error(`tally: ${BALLOTS} ballots`)
  return [...rankings(randomBallots()), manyShares(), equalShares()]
}

function rankings(groups: readonly BallotGroup[]): BenchResult[] {
  const where = `${BALLOTS} different ballots, ${CANDIDATES} candidates all ranked; best of 3`
  const ours = (method: Method, seats = 1) => bestMs(() => count(rulesOf(method, seats), groups))
  const pairs = { name: 'pairwise sums alone, by looking up every pair', value: bestMs(() => naivePairs(groups)) }
  const runOff = {
    name: 'a run-off that looks at every ballot in every round',
    value: bestMs(() => naiveRunOff(groups)),
  }
  return [
    result('Schulze', ours('schulze'), 'ms', where, pairs),
    result('instant run-off', ours('irv'), 'ms', where, runOff),
    result('STV, 5 seats', ours('stv', 5), 'ms', where, runOff),
  ]
}

function rulesOf(method: Method, seats: number): CountRules {
  const none = { budget: 0, costs: [], utility: 'cost', completion: 'none', shareStep: 0, mostRaises: 0 } as const
  return { method, options: CANDIDATES, seats, maxScore: 0, ...none }
}

/** Numbers below a bound, the same in every run. */
function randomNumbers(): (bound: number) => number {
  let state = 1
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
}

/** Complete rankings, shuffled by a fixed generator, so that every run counts the same ballots. */
function randomBallots(): BallotGroup[] {
  const below = randomNumbers()
  return Array.from({ length: BALLOTS }, () => {
    const order = Array.from({ length: CANDIDATES }, (_, option) => option)
    for (let i = CANDIDATES - 1; i > 0; i--) {
      const j = below(i + 1)
      const moved = order[i] as number
      order[i] = order[j] as number
      order[j] = moved
    }
    return { ballot: order.map((option) => [option]) as Ballot, count: 1 }
  })
}

/** What everybody writes first: a rank for each option, then every pair of ranks compared. */
function naivePairs(groups: readonly BallotGroup[]): number[] {
  const preferred = new Array<number>(CANDIDATES * CANDIDATES).fill(0)
  for (const { ballot, count: times } of groups) {
    const ranks = new Map<number, number>()
    for (const [rank, group] of (ballot as number[][]).entries()) for (const option of group) ranks.set(option, rank)
    for (let a = 0; a < CANDIDATES; a++) {
      for (let b = 0; b < CANDIDATES; b++) {
        if ((ranks.get(a) ?? CANDIDATES) < (ranks.get(b) ?? CANDIDATES)) {
          preferred[a * CANDIDATES + b] = (preferred[a * CANDIDATES + b] ?? 0) + times
        }
      }
    }
  }
  return preferred
}

function naiveRunOff(groups: readonly BallotGroup[]): number | undefined {
  const left = new Set(Array.from({ length: CANDIDATES }, (_, option) => option))
  while (left.size > 1) {
    const votes = new Map<number, number>([...left].map((option) => [option, 0]))
    for (const { ballot, count: times } of groups) {
      const [first] = (ballot as number[][]).find(([option]) => left.has(option as number)) ?? []
      if (first !== undefined) votes.set(first, (votes.get(first) ?? 0) + times)
    }
    const [lowest] = [...left].toSorted((a, b) => (votes.get(a) ?? 0) - (votes.get(b) ?? 0))
    left.delete(lowest as number)
  }
  return [...left][0]
}

/** Approvals of a quarter of the projects, many different; add1 raises shares some hundred times. */
function manyShares(): BenchResult {
  const voters = 100_000
  const below = randomNumbers()
  const groups = Array.from({ length: voters }, () => ({
    ballot: Array.from({ length: CANDIDATES }, (_, option) => option).filter(() => below(4) === 0),
    count: 1,
  }))
  const budget = 100_000_000
  const costs = Array.from({ length: CANDIDATES }, () => 5_000_000 + below(20_000_000))
  const money = { budget, costs, shareStep: budget / voters / 1_000, mostRaises: 2_000 }
  const rules: CountRules = { ...rulesOf('equal-shares', 1), ...money, completion: 'add1' }
  const raises = Number(count(rules, groups).counts.raises)
  const ours = bestMs(() => count(rules, groups))
  const once = bestMs(() => count({ ...rules, completion: 'none' }, groups))
  const where = `${voters} ballots, ${CANDIDATES} projects, ${raises} raises; best of 3`
  const reference = { name: 'a count without add1, as often as shares are raised', value: once * (raises + 1) }
  return result('equal shares, add1, many voters', ours, 'ms', where, reference)
}

function equalShares(): BenchResult {
  const text = readFileSync(BUDGET, 'utf8')
  const profile = parseProfile(text, BUDGET)
  const published =
    profile.kind === 'budget' ? profile.projects.filter(({ selected }) => selected === true).map(({ id }) => id) : []
  const report = tallyFile(text, BUDGET, {}) as BudgetReport
  if (report.selected.join() !== published.join()) throw new Error('the count differs from the published outcome')
  const withAdd1 = bestMs(() => tallyFile(text, BUDGET, {}))
  const once = bestMs(() => tallyFile(text, BUDGET, { completion: 'none' }))
  const where = 'Wieliczka 2023, 6,586 voters, reading the file included; outcome equal to the published one; best of 3'
  return result('equal shares, add1', withAdd1, 'ms', where, { name: 'the same without add1', value: once })
}

function bestMs(work: () => unknown): number {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 3; round++) {
    const startMs = performance.now()
    work()
    best = Math.min(best, performance.now() - startMs)
  }
  return best
}
