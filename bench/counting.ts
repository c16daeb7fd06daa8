/**
 * Counts of large votes spread over blocks: the longest block of each, on a store with every ballot in a row of its own.
 * Times are those of the thread, so that neighbours of the machine are not in the longest one.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeCanonical, generateSeed, publicKeyFromSeed, sha256, toHex } from '@icn/crypto'
import { type Ballot, defaultParams, type Genesis, publicKeyToText } from '@icn/protocol'
import { createMachine, endOfBlock, type Machine } from '@icn/state-machine'
import { ballotBoxes, ballotGroups, type Proposal, proposals } from '@icn/state-machine/governance'
import {
  createOverlay,
  type Deadline,
  FIRST_RULES,
  NOTHING_REPORTED,
  type Overlay,
  type Table,
} from '@icn/state-machine/kernel'
import { defaultCharter, organizations } from '@icn/state-machine/membership'
import { openSqliteStore, type SqliteStore } from '@icn/state-store'
import { type BenchResult, result } from './result.ts'

const CHAIN_ID = 'icn-bench'
const START_MS = Date.UTC(2026, 0, 1)
const ID = 'p1-0-aaaaaa'
const ORG = 'did:icn:icn-bench:bench'
const ROWS_PER_BLOCK = 50_000

interface Election {
  readonly name: string
  readonly conditions: string
  readonly voters: number
  readonly settings: Partial<Proposal>
  readonly ballots: (voters: number) => Iterable<Ballot>
}

const elections: readonly Election[] = [
  {
    name: 'equal shares, add1, 100 projects',
    conditions: 'everybody names 25',
    voters: 100_000,
    settings: budget(100, 100_000_000),
    ballots: (voters) => approvals(voters, 100),
  },
  {
    name: 'equal shares, add1, exact fractions',
    conditions: '20 projects of almost the same cost, budget near 2^53, up to 1,000 points each',
    voters: 100_000,
    settings: { ...budget(20, 2 ** 53 - 1), options: twins(20, 2 ** 53 - 1) },
    ballots: (voters) => points(voters, 20),
  },
  {
    name: 'run-off, everybody tied',
    conditions: '20 candidates, all ranked',
    voters: 100_000,
    settings: { method: 'irv', options: options(20) },
    ballots: (voters) => rankings(voters, 20, true),
  },
  {
    name: 'STV, 30 of 100',
    conditions: 'all ranked',
    voters: 100_000,
    settings: { method: 'stv', options: options(100), seats: 30 },
    ballots: (voters) => rankings(voters, 100, false),
  },
  {
    name: 'run-off, a million',
    conditions: '20 candidates, all ranked',
    voters: 1_000_000,
    settings: { method: 'irv', options: options(20) },
    ballots: (voters) => rankings(voters, 20, false),
  },
]

export async function run(): Promise<readonly BenchResult[]> {
  const results: BenchResult[] = []
  for (const election of elections) {
    console.error(`counting: ${election.name}, ${election.voters} different ballots`)
    const folder = mkdtempSync(join(tmpdir(), 'icn-bench-counting-'))
    try {
      results.push(await measure(folder, election))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  return results
}

async function measure(folder: string, election: Election): Promise<BenchResult> {
  const machine = createMachine({ genesis: genesis() })
  const store = openSqliteStore({ file: join(folder, 'state.db'), modules: machine.modules })
  await fill(store, machine, election)
  const blocksMs: number[] = []
  for (let timeMs = START_MS + 1; blocksMs.length === 0 || machine.nextDueMs(createOverlay(store)) !== undefined; ) {
    const overlay = createOverlay(store)
    const startMs = threadMs()
    machine.endBlock(
      endOfBlock(CHAIN_ID, { height: store.head().height + 1, timeMs }, 0, FIRST_RULES),
      overlay,
      NOTHING_REPORTED,
    )
    blocksMs.push(threadMs() - startMs)
    await commit(store, overlay, timeMs)
  }
  await store.close()
  const totalMs = blocksMs.reduce((sum, ms) => sum + ms, 0)
  const { name, conditions, voters } = election
  const where = `${voters} different ballots, ${conditions}; ${blocksMs.length} blocks`
  const atOnce = { name: 'all blocks together', value: totalMs }
  return result(`longest block: ${name}`, Math.max(...blocksMs), 'ms', where, atOnce)
}

/** Of this thread: what other processes take of the machine is not in it. */
function threadMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}

/** A vote that ends now, with its ballots in the state as votes would have left them. */
async function fill(store: SqliteStore, { modules }: Machine, election: Election): Promise<void> {
  const { voters, settings, ballots } = election
  const tables = modules.flatMap((module) => module.tables)
  const deadlines = tables.find(({ name }) => name === 'governance_deadline') as unknown as Table<object, Deadline>
  let overlay = createOverlay(store)
  const facts = { name: 'Bench', kind: 'cooperative', charter: defaultCharter, charterVersion: 1, founder: VOTE.author }
  overlay.open(organizations).put({ did: ORG, ...facts, founderRules: true, foundedHeight: 1, foundedTimeMs: START_MS })
  overlay.open(proposals).put({ ...VOTE, ...settings, roll: { version: 1, root: '', heads: voters, height: 1 } })
  overlay.open(ballotBoxes).put({ proposal: ID, turnoutHeads: voters, log: { size: voters, peaks: '' }, totals: null })
  overlay.open(deadlines).put({ dueMs: START_MS, id: ID, kind: 'voting-end' })
  let rows = 0
  for (const ballot of ballots(voters)) {
    const ballotHash = toHex(sha256(encodeCanonical(ballot)))
    overlay.open(ballotGroups).put({ proposal: ID, ballotHash, ballot, count: 1 })
    if (++rows % ROWS_PER_BLOCK > 0) continue
    await commit(store, overlay, START_MS)
    overlay = createOverlay(store)
  }
  await commit(store, overlay, START_MS)
}

async function commit(store: SqliteStore, overlay: Overlay, timeMs: number): Promise<void> {
  const { appHash } = store.stage(overlay.changes())
  const block = { height: store.head().height + 1, timeMs, hash: appHash, header: new Uint8Array(0), appHash }
  await store.commit({ ...block, report: NOTHING_REPORTED, transactions: [], events: [] })
}

function genesis(): Genesis {
  const validator = { name: 'bench', publicKey: publicKeyToText(publicKeyFromSeed(generateSeed())), power: 1 }
  return { chainId: CHAIN_ID, name: 'Bench', timeMs: START_MS, validators: [validator], params: defaultParams }
}

const VOTE: Proposal = {
  id: ID,
  org: ORG,
  author: 'did:key:bench',
  type: 'budget',
  method: 'irv',
  status: 'voting',
  title: 'Bench',
  text: '',
  options: [],
  actions: [],
  seats: 1,
  maxScore: 0,
  budgetMinor: 0,
  discussionMs: 0,
  votingMs: 1_000,
  amends: null,
  contentHash: '',
  createdHeight: 1,
  createdTimeMs: START_MS - 1_000,
  sponsorsNeeded: 0,
  sponsors: 0,
  discussionEndMs: null,
  votingStartMs: START_MS - 1_000,
  votingEndMs: START_MS,
  extended: false,
  outageMs: 0,
  rules: {
    threshold: { num: 1, den: 2 },
    quorum: { num: 0, den: 1 },
    weights: 'equal',
    lateQuorumExtensionMs: 0,
    timeLockMs: 0,
    executionRetryMs: 0,
  },
  roll: null,
  result: null,
  closedHeight: null,
  executeAtMs: null,
  retryUntilMs: null,
  failure: null,
}

/** Numbers below a bound, the same in every run. */
function randomNumbers(): (bound: number) => number {
  let state = 1
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
}

function options(count: number): Proposal['options'] {
  return Array.from({ length: count }, (_, index) => ({ label: String(index), actions: [], costMinor: 0 }))
}

function budget(projects: number, budgetMinor: number): Partial<Proposal> {
  const below = randomNumbers()
  const costs = options(projects).map((option) => ({ ...option, costMinor: 5_000_000 + below(20_000_000) }))
  return { method: 'equal-shares', options: costs, budgetMinor }
}

function twins(projects: number, budgetMinor: number): Proposal['options'] {
  const below = randomNumbers()
  return options(projects).map((option) => ({ ...option, costMinor: Math.floor(budgetMinor / 10) + below(3) }))
}

/** A quarter of the projects, whichever. */
function* approvals(voters: number, projects: number): Iterable<Ballot> {
  const below = randomNumbers()
  for (let voter = 0; voter < voters; voter++) {
    const all = Array.from({ length: projects }, (_, project) => project)
    for (let i = 0; i < projects / 4; i++) swap(all, i, i + below(projects - i))
    yield all.slice(0, projects / 4)
  }
}

function* points(voters: number, projects: number): Iterable<Ballot> {
  const below = randomNumbers()
  for (let voter = 0; voter < voters; voter++)
    yield Array.from({ length: projects }, (_, project) => [project, 1 + below(1_000)]).filter(() => below(2) === 0)
}

/** Complete rankings; where `tied`, each comes turned around in every way, so that all options have the same votes. */
function* rankings(voters: number, candidates: number, tied: boolean): Iterable<Ballot> {
  const below = randomNumbers()
  for (let voter = 0; voter < voters; ) {
    const order = Array.from({ length: candidates }, (_, option) => option)
    for (let i = candidates - 1; i > 0; i--) swap(order, i, below(i + 1))
    for (let by = 0; by < (tied ? candidates : 1); by++, voter++)
      yield order.map((option) => [(option + by) % candidates])
  }
}

function swap(list: number[], a: number, b: number): void {
  const moved = list[a] as number
  list[a] = list[b] as number
  list[b] = moved
}
