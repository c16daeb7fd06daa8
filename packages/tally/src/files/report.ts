import { encodeCanonical, sha256, toHex } from '@icn/crypto'
import { count } from '../index.ts'
import type { BallotGroup, CountResult, CountRound, CountRules } from '../types.ts'
import { type BudgetMethod, budgetGroups, type Completion, ruleOf } from './budget-ballots.ts'
import { type ElectionMethod, electionGroups, highestScore } from './election-ballots.ts'
import { TallyRefused } from './malformed-file.ts'
import { parseProfile } from './parse.ts'
import type { BudgetProfile, Profile } from './profile.ts'
import { fromMinor } from './values.ts'

export type TallyMethod = ElectionMethod | BudgetMethod

export interface TallyOptions {
  /** Default `schulze`; for a budget the rule in its META. */
  readonly method?: TallyMethod
  /** Winners of `stv`, 1 up to the candidates; default what the file says (BLT), else 1. */
  readonly seats?: number
  /** Budgets by equal shares: what a voter gains from a project; default `cost`. */
  readonly utility?: CountRules['utility']
  /** Budgets by equal shares; default from META, else `add1`. */
  readonly completion?: Completion
}

/** The outcome of an election. Names as in the file; `order` groups ties, best first. */
export interface ElectionReport {
  readonly method: ElectionMethod
  readonly seats: number
  readonly ballots: number
  readonly candidates: readonly string[]
  /** Where the rules leave a tie, all who are tied. */
  readonly winners: readonly string[]
  readonly tied: boolean
  readonly order: readonly (readonly string[])[]
  /** By index into `candidates`: `votes` (plurality, approval), `sums` and `voters` (score); `quota` (irv, stv). */
  readonly counts: CountResult['counts']
  /** Candidates are named by index into `candidates`. */
  readonly rounds: readonly CountRound[]
  readonly digest: string
}

/** The outcome of a budget. Amounts in the currency of the file: a whole number, else a decimal text such as `1200.5`. */
export interface BudgetReport {
  readonly method: BudgetMethod
  readonly completion: Completion
  readonly utility: CountRules['utility']
  readonly ballots: number
  readonly budget: number | string
  readonly spent: number | string
  /** Ids of projects, in the order of the file. */
  readonly selected: readonly string[]
  /** Two projects were equal and one was chosen: by more votes, then lower cost, then the order of the file. */
  readonly tied: boolean
  /** How often `add1` raised every voter's share. */
  readonly raises: number
  /** Projects in the order in which they were taken, with their cost; `votes` and what was `left` where that decided. */
  readonly rounds: readonly CountRound[]
  readonly digest: string
}

export type TallyReport = ElectionReport | BudgetReport

const ELECTION_METHODS = ['schulze', 'irv', 'stv', 'plurality', 'approval', 'score'] as const
const BUDGET_METHODS = ['equal-shares', 'greedy'] as const

/**
 * Counts a file of ballots. The same file and options give the same report, byte for byte, on every machine.
 *
 * `digest` is `sha256:` and the hexadecimal SHA-256 of the canonical DAG-CBOR of the report without `digest`.
 *
 * @param fileName - its ending tells the format, see `parseProfile`
 * @throws MalformedFile for a file that cannot be read; TallyRefused for one that cannot be counted as asked
 */
export function tallyFile(text: string, fileName: string, options: TallyOptions = {}): TallyReport {
  return tallyProfile(parseProfile(text, fileName), options)
}

/** `tallyFile` for ballots that were read already. @throws TallyRefused */
export function tallyProfile(profile: Profile, options: TallyOptions = {}): TallyReport {
  checkOptions(options)
  return profile.kind === 'budget' ? tallyBudget(profile, options) : tallyElection(profile, options)
}

/** The digest of a report as it stands, whatever digest it carries: to check one that somebody else made. */
export function reportDigest(report: TallyReport): string {
  const { digest: _, ...content } = report
  return digestOf(content)
}

function digestOf(content: object): string {
  return `sha256:${toHex(sha256(encodeCanonical(content)))}`
}

/** Options may come from a command line or another program, so they are checked whatever their type says. */
function checkOptions({ method, seats, utility, completion }: TallyOptions): void {
  const methods: readonly TallyMethod[] = [...ELECTION_METHODS, ...BUDGET_METHODS]
  if (method !== undefined && !methods.includes(method))
    throw new TallyRefused('UNKNOWN_METHOD', `the method ${JSON.stringify(method)}; known are ${methods.join(', ')}`)
  if (seats !== undefined && !(Number.isSafeInteger(seats) && seats >= 1))
    throw new TallyRefused('BAD_OPTION', `seats is ${seats}; expected a whole number from 1`)
  if (utility !== undefined && utility !== 'cost' && utility !== 'cardinality')
    throw new TallyRefused('BAD_OPTION', `utility is ${JSON.stringify(utility)}; expected cost or cardinality`)
  if (completion !== undefined && !['none', 'add1', 'add1u'].includes(completion))
    throw new TallyRefused('BAD_OPTION', `completion is ${JSON.stringify(completion)}; expected none, add1 or add1u`)
}

function tallyElection(profile: Exclude<Profile, BudgetProfile>, options: TallyOptions): ElectionReport {
  const method = options.method ?? 'schulze'
  if (method === 'equal-shares' || method === 'greedy')
    throw new TallyRefused('METHOD_NOT_APPLICABLE', `${method} allocates a budget; the file holds an election`)
  const { candidates } = profile
  const seats = seatsFor(method, profile, options.seats)
  const rules = electionRules(method, candidates.length, seats, method === 'score' ? highestScore(profile) : 0)
  const groups = electionGroups(profile, method)
  checkExact(rules, groups)
  const result = count(rules, groups)
  const nameOf = (option: number) => candidates[option] ?? ''
  const content = {
    method,
    seats,
    ballots: result.ballots,
    candidates,
    winners: result.winners.map(nameOf),
    tied: result.tied,
    order: result.order.map((group) => group.map(nameOf)),
    counts: result.counts,
    rounds: result.rounds,
  }
  return { ...content, digest: digestOf(content) }
}

/** Sums of scores must stay exact. Everything else is at most the number of ballots, which the reader bounds. */
function checkExact({ method, maxScore }: CountRules, groups: readonly BallotGroup[]): void {
  const ballots = groups.reduce((sum, group) => sum + group.count, 0)
  if (ballots * maxScore > Number.MAX_SAFE_INTEGER)
    throw new TallyRefused('METHOD_NOT_APPLICABLE', `${method} cannot add ${ballots} scores up to ${maxScore} exactly`)
}

function seatsFor(method: ElectionMethod, profile: Exclude<Profile, BudgetProfile>, asked: number | undefined): number {
  if (method !== 'stv') {
    if (asked === undefined || asked === 1) return 1
    throw new TallyRefused('METHOD_NOT_APPLICABLE', `${method} fills one seat; for ${asked} seats the method is stv`)
  }
  const seats = asked ?? (profile.kind === 'ranked' ? profile.seats : 1)
  if (seats <= profile.candidates.length) return seats
  throw new TallyRefused('BAD_OPTION', `${seats} seats for ${profile.candidates.length} candidates`)
}

function electionRules(method: ElectionMethod, options: number, seats: number, maxScore: number): CountRules {
  const noBudget = { budget: 0, costs: [], utility: 'cost', completion: 'none', shareStep: 0, mostRaises: 0 } as const
  return { method, options, seats, maxScore, ...noBudget }
}

/** Far beyond any real budget: a share rises a hundred or a thousand times. */
const MOST_RAISES = 100_000

function tallyBudget(profile: BudgetProfile, options: TallyOptions): BudgetReport {
  const rule = ruleOf(profile)
  const method = options.method ?? rule?.method
  if (method !== 'equal-shares' && method !== 'greedy') throw notForBudgets(profile, method)
  if (options.seats !== undefined) throw new TallyRefused('BAD_OPTION', 'a budget has no seats')
  const utility = options.utility ?? 'cost'
  const fromMeta = rule?.method === 'equal-shares' ? rule.completion : 'add1'
  const completion = method === 'greedy' ? 'none' : (options.completion ?? fromMeta)
  const costs = profile.projects.map(({ cost }) => cost)
  const { budget, decimals } = profile
  const money = { budget, costs, utility, completion, shareStep: 10 ** decimals, mostRaises: MOST_RAISES } as const
  const result = count({ method, options: costs.length, seats: 1, maxScore: 0, ...money }, budgetGroups(profile))
  return budgetReport(profile, result, { method, completion, utility })
}

function notForBudgets(profile: BudgetProfile, method: TallyMethod | undefined): TallyRefused {
  if (method !== undefined)
    return new TallyRefused('METHOD_NOT_APPLICABLE', `${method} counts an election; the file holds a budget`)
  const rule = JSON.stringify(new Map(profile.meta).get('rule') ?? '')
  return new TallyRefused(
    'METHOD_NOT_APPLICABLE',
    `the file's rule is ${rule}; name equal-shares or greedy as the method`,
  )
}

function budgetReport(
  { projects, budget, decimals }: BudgetProfile,
  result: CountResult,
  how: Pick<BudgetReport, 'method' | 'completion' | 'utility'>,
): BudgetReport {
  const selected = result.winners.toSorted((a, b) => a - b)
  const spent = selected.reduce((sum, option) => sum + (projects[option]?.cost ?? 0), 0)
  const idOf = (option: number) => projects[option]?.id ?? ''
  const { raises } = result.counts
  const content = {
    ...how,
    ballots: result.ballots,
    budget: fromMinor(budget, decimals),
    spent: fromMinor(spent, decimals),
    selected: selected.map(idOf),
    tied: result.tied,
    raises: typeof raises === 'number' ? raises : 0,
    rounds: result.rounds.map((round) => inTermsOfFile(round, idOf, decimals)),
  }
  return { ...content, digest: digestOf(content) }
}

/** A round with ids for indexes, and amounts as the file writes them. */
function inTermsOfFile(round: CountRound, idOf: (option: number) => string, decimals: number): CountRound {
  const entries = Object.entries(round).map(([key, value]) => {
    if (typeof value !== 'number') return [key, value]
    if (key === 'selected') return [key, idOf(value)]
    return [key, key === 'cost' || key === 'left' ? fromMinor(value, decimals) : value]
  })
  return Object.fromEntries(entries)
}
