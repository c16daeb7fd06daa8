import { comesFirst, type SharesProblem, type SharesRun, type Support } from './problem.ts'

/** Integers below this are exact in a number, sums of two of them too. */
const EXACT = 2 ** 51
/** With fewer parts of a unit than this, bounds are too wide to decide much. */
const LEAST_PARTS = 1_024

/** A project that may still be paid for, and within which whole numbers its price for a point lies. */
interface Candidate {
  readonly project: number
  readonly groups: Int32Array
  /** Voters of the group, and the points that each gives. */
  readonly sizes: Float64Array
  readonly points: Float64Array
  readonly cost: number
  readonly worth: bigint
  /** Points of all voters together. */
  readonly total: number
  /** Of a candidate that was not looked at since others were bought, `low` still bounds from below. */
  low: number
  high: number
  /** Whether every supporter surely can pay alike: then the price is just the cost divided by all points. */
  isEven: boolean
}

/** What a run needs that does not change with the share; made once for all runs. */
export type Bench = readonly Omit<Candidate, 'low' | 'high' | 'isEven'>[]

export function benchOf(problem: SharesProblem): Bench {
  return problem.supports.flatMap((supports, project) => {
    if (supports.length === 0) return []
    const groups = new Int32Array(supports.length)
    const sizes = new Float64Array(supports.length)
    const points = new Float64Array(supports.length)
    for (let i = 0; i < supports.length; i++) {
      const { group, points: own } = supports[i] as Support
      groups[i] = group
      sizes[i] = problem.sizes[group] ?? 0
      points[i] = own
    }
    const total = problem.votes[project] ?? 0
    const cost = problem.costs[project] ?? 0
    return [{ project, groups, sizes, points, cost, worth: BigInt(problem.worth(project)), total }]
  })
}

/**
 * The run of `runExactly`, a hundred times faster: money is counted in small whole parts, with a lower and an upper bound for
 * what each voter has left and for every price. Where the bounds leave any decision open, it answers `undefined`, and
 * the exact run has to say. Equal prices are told as such where nobody is short of money, as equal numbers of votes make them.
 */
export function runBounded(problem: SharesProblem, bench: Bench, money: number): SharesRun | undefined {
  let parts = 1
  while (parts * 2 * money * problem.mostPoints < EXACT) parts *= 2
  if (parts < LEAST_PARTS) return undefined
  const low = new Float64Array(problem.sizes.length).fill(Math.floor((money * parts) / problem.voters))
  const high = new Float64Array(problem.sizes.length).fill(Math.ceil((money * parts) / problem.voters))
  let candidates: Candidate[] = bench.map((entry) => ({ ...entry, low: 0, high: 0, isEven: false }))
  const selected: number[] = []
  let spent = 0
  let tied = false
  while (spent <= problem.budget) {
    const found = cheapest(problem, candidates, low, high, parts)
    if (found === 'open') return undefined
    if (found === 'none') break
    const { best, affordable } = found
    tied ||= found.tied
    pay(best, low, high)
    selected.push(best.project)
    spent += problem.costs[best.project] ?? 0
    candidates = affordable
  }
  return { selected, spent, tied }
}

/** Looks at candidates from the lowest known bound up, and stops where none that follows can be cheaper. */
function cheapest(
  problem: SharesProblem,
  candidates: readonly Candidate[],
  low: Float64Array,
  high: Float64Array,
  parts: number,
): { readonly best: Candidate; readonly tied: boolean; readonly affordable: Candidate[] } | 'open' | 'none' {
  const byBound = candidates.toSorted((a, b) => (isLess(a.low, a, b.low, b) ? -1 : isLess(b.low, b, a.low, a) ? 1 : 0))
  const affordable: Candidate[] = []
  let best: Candidate | undefined
  for (const [place, candidate] of byBound.entries()) {
    if (best !== undefined && isLess(best.high, best, candidate.low, candidate)) {
      affordable.push(...byBound.slice(place))
      break
    }
    const state = price(candidate, low, high, parts)
    if (state === 'open') return 'open'
    if (state === 'unaffordable') continue
    affordable.push(candidate)
    if (best === undefined || isLess(candidate.high, candidate, best.high, best)) best = candidate
  }
  if (best === undefined) return 'none'
  let winner = best
  let tied = false
  for (const other of affordable) {
    if (other === best || isLess(best.high, best, other.low, other)) continue
    if (!winner.isEven || !other.isEven) return 'open'
    const order = compareEven(other, winner)
    if (order <= 0) tied = order === 0
    if (order < 0 || (order === 0 && comesFirst(problem, other.project, winner.project))) winner = other
  }
  return { best: winner, tied, affordable: affordable.filter((other) => other !== winner) }
}

/** Sign of the difference of two prices that all supporters pay alike. */
function compareEven(a: Candidate, b: Candidate): number {
  const difference = BigInt(a.cost) * BigInt(b.total) * b.worth - BigInt(b.cost) * BigInt(a.total) * a.worth
  return difference === 0n ? 0 : difference > 0n ? 1 : -1
}

/** Whether the rate `a / worth` is below `b / worth`. */
function isLess(a: number, { worth: ofA }: Candidate, b: number, { worth: ofB }: Candidate): boolean {
  return ofA === ofB ? a < b : BigInt(a) * ofB < BigInt(b) * ofA
}

/** Finds both bounds of a candidate's price; the lower one from what voters have at most, the upper from the least. */
function price(
  candidate: Candidate,
  low: Float64Array,
  high: Float64Array,
  parts: number,
): 'affordable' | 'unaffordable' | 'open' {
  const { groups, sizes } = candidate
  const cost = candidate.cost * parts
  let least = 0
  let most = 0
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i] ?? 0
    const size = sizes[i] ?? 0
    least += size * (low[group] ?? 0)
    most += size * (high[group] ?? 0)
  }
  if (most < cost) return 'unaffordable'
  if (least < cost) return 'open'
  const fromHigh = settle(candidate, high, cost, Math.floor)
  const fromLow = settle(candidate, low, cost, Math.ceil)
  if (fromHigh === undefined || fromLow === undefined) return 'open'
  candidate.low = fromHigh
  candidate.high = fromLow
  candidate.isEven = canAllPay(candidate, low, fromLow)
  return 'affordable'
}

function canAllPay({ groups, points }: Candidate, budgets: Float64Array, found: number): boolean {
  for (let i = 0; i < groups.length; i++) {
    if ((budgets[groups[i] ?? 0] ?? 0) < found * (points[i] ?? 0)) return false
  }
  return true
}

/** The price for a point at which supporters with these budgets pay the cost; who has less pays all of it. */
function settle(
  { groups, sizes, points }: Candidate,
  budgets: Float64Array,
  cost: number,
  round: (value: number) => number,
): number | undefined {
  let found = 0
  for (;;) {
    let paid = 0
    let open = 0
    for (let i = 0; i < groups.length; i++) {
      const budget = budgets[groups[i] ?? 0] ?? 0
      const size = sizes[i] ?? 0
      const own = points[i] ?? 0
      if (budget < found * own) paid += size * budget
      else open += size * own
    }
    if (open === 0) return undefined
    const next = round((cost - paid) / open)
    if (next <= found) return found
    found = next
  }
}

function pay({ groups, points, low: least, high: most }: Candidate, low: Float64Array, high: Float64Array): void {
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i] ?? 0
    const own = points[i] ?? 0
    low[group] = Math.max(0, (low[group] ?? 0) - most * own)
    high[group] = Math.max(0, (high[group] ?? 0) - least * own)
  }
}
