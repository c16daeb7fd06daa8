/** What the logs of lanes cost: blocks of votes in one process, with them and without, in turns. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Application, createApplication } from '@icn/consensus'
import { createVerifyPool, type VerifyPool } from '@icn/crypto/verify-pool'
import { createMachine, type Machine } from '@icn/state-machine'
import { NOTHING_REPORTED, type StateStore } from '@icn/state-machine/kernel'
import { openSqliteStore } from '@icn/state-store'
import { founding, givenNetwork, givenSigner, proposing, type Signer } from '../packages/testkit/src/given-network.ts'
import { type BenchResult, result } from './result.ts'

const ROUNDS = 60
/** Before those that count: a small block says more of the compiler than of itself at first. */
const WARM_UP_VOTES = 6_000
const ALLOWANCE = { burst: 1_000_000, perHour: 1_000_000 }

interface Ledger {
  readonly application: Application
  readonly store: StateStore
  /** Processor time of each block, µs a vote. */
  readonly costsUs: number[]
}

export async function run(): Promise<readonly BenchResult[]> {
  const results: BenchResult[] = []
  for (const votes of [20, 500]) results.push(...(await measure(votes)))
  return results
}

async function measure(votes: number): Promise<BenchResult[]> {
  console.error(`lanes: blocks of ${votes} votes`)
  const folder = mkdtempSync(join(tmpdir(), 'icn-bench-lanes-'))
  const verifyPool = createVerifyPool()
  const { genesis } = givenNetwork({ memberAllowance: ALLOWANCE, strangerAllowance: ALLOWANCE })
  const machine = createMachine({ genesis })
  const plain = open(join(folder, 'plain.db'), { ...machine, logEvents: () => [] }, verifyPool)
  const logged = open(join(folder, 'logged.db'), machine, verifyPool)
  const warmUp = WARM_UP_VOTES / votes
  try {
    const ana = givenSigner('ana')
    const [first] = await both([ana.sign(founding())])
    const [second] = await both([ana.sign(proposing(String(first?.result.org)))])
    const proposal = String(second?.result.proposal)
    const rounds = warmUp + ROUNDS
    for (let round = 0; round < rounds; round++) await both(votesOf(ana, proposal, votes), round)
  } finally {
    await Promise.all([plain.store.close(), logged.store.close(), verifyPool.close()])
    rmSync(folder, { recursive: true, force: true })
  }
  const [without, with_] = [median(plain.costsUs), median(logged.costsUs)]
  const more = median(logged.costsUs.map((cost, at) => cost - (plain.costsUs[at] ?? 0)))
  const where = `blocks of ${votes}, one voter, checked before; execution, root and write on one thread; median of pairs`
  return [
    result(`vote with its leaf, blocks of ${votes}`, with_, 'µs', where, { name: 'the same without', value: without }),
    result(`more for the leaf of a vote, blocks of ${votes}`, more, 'µs', where),
  ]

  /** The same block for both; who comes first changes with every round. */
  async function both(txs: readonly Uint8Array[], round = -1) {
    let results: Awaited<ReturnType<typeof blockOf>> = []
    for (const ledger of round % 2 === 0 ? [plain, logged] : [logged, plain])
      results = await blockOf(ledger, txs, genesis.timeMs, round >= warmUp)
    return results
  }
}

function open(file: string, machine: Machine, verifyPool: VerifyPool): Ledger {
  const store = openSqliteStore({ file, modules: machine.modules, writer: 'inline' })
  return { application: createApplication({ machine, store, verifyPool }), store, costsUs: [] }
}

async function blockOf(
  { application, store, costsUs }: Ledger,
  txs: readonly Uint8Array[],
  startMs: number,
  counts: boolean,
) {
  for (const bytes of txs) await application.checkTx(bytes, 'new')
  const { height, timeMs } = store.committed()
  const request = { txs, height: height + 1, timeMs: Math.max(timeMs, startMs) + 1_000 }
  const before = process.cpuUsage()
  const final = await application.finalizeBlock({ ...request, report: NOTHING_REPORTED })
  await application.commit({ hash: final.appHash, header: final.appHash })
  const { user, system } = process.cpuUsage(before)
  if (counts) costsUs.push((user + system) / txs.length)
  if (final.results.some(({ code }) => code !== 0)) throw new Error('a transaction of the benchmark was refused')
  return final.results
}

function votesOf(who: Signer, proposal: string, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, at) =>
    who.sign({ kind: 'vote.cast', proposal, ballot: at % 2 === 0 ? 'yes' : 'no', reason: '' }, { expiryHeight: 1_000 }),
  )
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
