/** Counting: Schulze with a million ballots, and equal shares on a real budget. */
import { readFileSync } from 'node:fs'
import { type Ballot, type BallotGroup, type CountRules, count } from '@icn/tally'
import { type BudgetReport, parseProfile, tallyFile } from '@icn/tally/files'
import { type BenchResult, result } from './result.ts'

const BALLOTS = 1_000_000
const CANDIDATES = 20
const BUDGET = 'examples/budgets/wieliczka-2023.pb'

export async function run(): Promise<readonly BenchResult[]> {
  return [schulze(), equalShares()]
}

function schulze(): BenchResult {
  console.error(`tally: ${BALLOTS} ballots`)
  const groups = randomBallots()
  const none = { budget: 0, costs: [], utility: 'cost', completion: 'none', shareStep: 0, mostRaises: 0 } as const
  const rules: CountRules = { method: 'schulze', options: CANDIDATES, seats: 1, maxScore: 0, ...none }
  const ours = bestMs(() => count(rules, groups))
  const naive = bestMs(() => naivePairs(groups))
  const where = `${BALLOTS} different ballots, ${CANDIDATES} candidates all ranked; best of 3`
  return result('Schulze', ours, 'ms', where, { name: 'pairwise sums alone, by looking up every pair', value: naive })
}

/** Complete rankings, shuffled by a fixed generator, so that every run counts the same ballots. */
function randomBallots(): BallotGroup[] {
  let state = 1
  const below = (bound: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state % bound
  }
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
