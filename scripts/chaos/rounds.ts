import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createRandom, type Random } from '@icn/testkit'
import { type LocalNode, until } from '@icn/testkit/network'
import { foundCooperative, openProposal, type Person } from '../../apps/node/test/cooperative.ts'
import { runNode } from '../../apps/node/test/node-process.ts'
import { type Checker, createChecker } from './checker.ts'
import { type Fault, goOn, heightOf } from './fault.ts'
import { type Field, openField } from './field.ts'
import { type Load, startLoad } from './load.ts'

export interface ChaosOptions {
  readonly rounds: number
  /** The round to begin with: what came before it with this seed is left out; default 1. */
  readonly from?: number
  /** Decides for each round which fault comes, on which node, and for how long, whether those before it were run or not. */
  readonly seed: number
  readonly validators: number
  /** Without a choice of one's own: chosen from these at random, each once before any comes again. */
  readonly faults: readonly Fault[]
  readonly isLong?: boolean
  /** Path of the real program. */
  readonly cometBft: string
  /** Nodes have a network namespace each: for a process that `runInside` started. */
  readonly withNamespaces?: boolean
  readonly onLine?: (line: string) => void
  /** Somebody wants it to end before its time. */
  readonly stopping?: AbortSignal
}

export interface ChaosReport {
  readonly rounds: number
  readonly acknowledged: number
  readonly blocks: number
  /** Faults that this machine cannot have, each with the reason. */
  readonly lacking: readonly string[]
}

/** Something that must never be, or a network that did not come back; the message names the seed. */
export class ChaosFinding extends Error {
  override readonly name = 'ChaosFinding'
}

const PEOPLE = 16
/** Seeds next to each other share no rounds. */
const ROUNDS_APART = 8_191
/** Nodes that were away have so long to come to the height of the others. */
const HEAL_MS = 180_000

/** One fault takes at most so long, a minute of holding included. */
const FAULT_MS = 300_000

/** One network under load, and what is known of it. */
interface Stage {
  readonly field: Field
  readonly load: Load
  readonly people: readonly Person[]
  readonly checker: Checker
}

/**
 * One fault after the other on a network under a steady load of votes. After each one everything must be running again,
 * and what the nodes have committed is compared; at the end their folders are verified.
 *
 * @throws ChaosFinding
 */
export async function chaosRounds(options: ChaosOptions): Promise<ChaosReport> {
  const { rounds, from = 1, seed, onLine, stopping } = options
  const { promise: stopped, reject: stop } = Promise.withResolvers<never>()
  stopped.catch(() => {})
  stopping?.addEventListener('abort', () => stop(new Error('stopped by a signal')))
  const turns = createTurns(options.faults, createRandom(seed))
  const lacking = new Set<string>()
  let stage: Stage | undefined
  let acknowledged = 0
  let blocks = 0
  let round = 1

  async function leave(): Promise<void> {
    const left = stage
    stage = undefined
    if (left === undefined) return
    acknowledged += await finish(left)
    blocks += left.checker.height()
  }

  try {
    for (; round < from + rounds; round++) {
      stage ??= await begin(options)
      const { fault, nth } = turns.next(stage.field, lacking)
      if (round < from) continue
      const random = createRandom(seed * ROUNDS_APART + round)
      const before = stage.load.count()
      const startMs = performance.now()
      const { field } = stage
      const scene = { field, random, nth, isLong: options.isLong ?? false }
      const late = new AbortController()
      const what = await Promise.race([fault.run(scene), stopped, tooLate(fault, late.signal)]).finally(() =>
        late.abort(),
      )
      const faultMs = performance.now() - startMs
      await Promise.race([heal(stage), stopped])
      const healMs = performance.now() - startMs - faultMs
      const votes = stage.load.count() - before
      const times = `${seconds(faultMs)} s, healed in ${seconds(healMs)} s`
      onLine?.(`round ${round}: ${fault.name.padEnd(16)} ${what}: ${times}, ${votes} votes acknowledged`)
      if (fault.endsNetwork === true) await leave()
    }
    await leave()
    return { rounds, acknowledged, blocks, lacking: [...lacking] }
  } catch (error) {
    const last = Math.min(round, from + rounds - 1)
    throw new ChaosFinding(`seed ${seed}, round ${last}: ${(error as Error).message}`, { cause: error })
  } finally {
    await clear(stage)
  }
}

/** A new network, founded and with a vote under way. */
async function begin({ validators, cometBft, withNamespaces = false }: ChaosOptions): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'icn-chaos-'))
  const field = await openField({ folder, validators, cometBft, withNamespaces }).catch((error: unknown) => {
    rmSync(folder, { recursive: true, force: true })
    throw error
  })
  try {
    const [first] = field.nodes as [LocalNode]
    const { chainId } = field.network.genesis
    const { org, people } = await foundCooperative(first.url(), chainId, PEOPLE)
    const proposal = await openProposal(first.url(), chainId, people[0] as Person, org)
    const urls = field.nodes.map((node) => node.url())
    const load = startLoad({ urls, chainId, people, proposal })
    return { field, load, people, checker: createChecker(field.nodes.map(({ home }) => home)) }
  } catch (error) {
    await field.close()
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

/** Everything runs and goes on, and nobody is behind; then what was committed is compared. */
async function heal({ field, load, checker }: Stage): Promise<void> {
  for (const node of field.nodes)
    if (node.pid() === undefined) throw new Error(`${node.home} does not run:\n${node.log()}`)
  const before = load.count()
  const heights = await Promise.all(field.nodes.map((node) => until(`an answer of ${node.home}`, () => heightOf(node))))
  await field.network.reach(Math.max(...heights), HEAL_MS)
  await goOn(field.nodes)
  await until('an acknowledged vote', async () => load.count() > before, HEAL_MS)
  report(checker.check(load.take()))
}

/** Ends a network in order, and checks its folders whole. Answers how many votes were acknowledged. */
async function finish(stage: Stage): Promise<number> {
  const { field, load, people, checker } = stage
  try {
    await load.stop()
    const heights = await Promise.all(field.nodes.map(heightOf))
    await field.network.reach(Math.max(...heights), HEAL_MS)
    await field.network.stop()
    report(checker.check(load.take()))
    report(
      people
        .filter(({ did, sequence }) => checker.countOf(did) !== sequence)
        .map(({ did, sequence }) => `${did} sent ${sequence}, and ${checker.countOf(did)} are committed`),
    )
    for (const { home } of field.nodes) {
      const { code, stderr } = await runNode(['verify', '--home', home])
      if (code !== 0) throw new Error(`icn-node verify of ${home} ended with ${code}: ${stderr}`)
    }
    return load.count()
  } finally {
    await clear(stage)
  }
}

async function clear(stage: Stage | undefined): Promise<void> {
  if (stage === undefined) return
  await stage.load.stop(0).catch(() => {})
  await stage.field.close()
  rmSync(stage.field.folder, { recursive: true, force: true })
}

function report(findings: readonly string[]): void {
  if (findings.length > 0) throw new Error(findings.slice(0, 20).join('\n'))
}

/** Its rejection after the end is nobody's: the race is over. @throws where a fault does not come to its end */
async function tooLate({ name }: Fault, signal: AbortSignal): Promise<never> {
  await pause(FAULT_MS, undefined, { signal })
  throw new Error(`${name} did not come to its end within ${FAULT_MS} ms`)
}

const MOST_VARIANTS = 1_000

function createTurns(faults: readonly Fault[], random: Random) {
  let left: Fault[] = []
  const counts = new Map<string, number>()

  function next(field: Field, lacking: Set<string>): { readonly fault: Fault; readonly nth: number } {
    const possible = faults.filter((fault) => {
      const why = fault.lacking?.(field)
      if (why !== undefined) lacking.add(`${fault.name}: ${why}`)
      return why === undefined
    })
    left = left.filter((fault) => possible.includes(fault))
    if (left.length === 0) left = random.shuffle(possible)
    const fault = left.shift()
    if (fault === undefined) throw new Error('this machine can have none of the faults')
    // Each begins somewhere else: what a short run tries is not always the same.
    const nth = counts.get(fault.name) ?? random.below(MOST_VARIANTS)
    counts.set(fault.name, nth + 1)
    return { fault, nth }
  }

  return { next }
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1)
}
