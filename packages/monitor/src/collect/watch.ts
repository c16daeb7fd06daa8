import type { Clock } from '@icn/consensus/solo'
import { decodeSignedHeader } from '@icn/protocol'
import type { MonitorOptions } from '../monitor.ts'
import { readAppHash, readBlocks, readHeader } from '../sources/blocks.ts'
import { type CometFacts, createCometSource } from '../sources/comet.ts'
import type { Fetch } from '../sources/fetch-text.ts'
import { readMachine } from '../sources/machine.ts'
import { readOtherNodes } from '../sources/other-nodes.ts'
import type { Counts, Status } from '../status.ts'
import { createBlockWindow } from './block-window.ts'
import type { CometCommit } from './comet.ts'
import { createHappenings } from './since.ts'
import { statusOf } from './status-of.ts'
import { createWaitingAge } from './waiting-age.ts'

/** Looks at everything and remembers what no single look shows. */
export interface Watch {
  /** @param kind - a `sample` begins to count anew; a `glance` changes nothing */
  look(kind: 'sample' | 'glance'): Promise<Status>
  refused(reason: string): void
  totals(): { readonly transactions: Counts; readonly lateBlocks: number }
  close(): void
}

type WatchOptions = Omit<MonitorOptions, 'fetch' | 'clock'> & { readonly clock: Clock; readonly fetch: Fetch }

/** Blocks over which intervals, proposals and missed signatures are counted. */
const WINDOW = 1_000
/** Whoever signed one of so many commits is there. */
const LATEST = 3

export function createWatch(options: WatchOptions): Watch {
  const { consensus, reader, home, version, idleMs, clock, fetch: fetchWith } = options
  const comet = options.comet === undefined ? undefined : createCometSource(options.comet, fetchWith)
  const startedMs = clock.now()
  const window = createBlockWindow(WINDOW)
  const waitingAge = createWaitingAge()
  const happenings = createHappenings(startedMs)
  /** Rounds of the last blocks whose commit was seen. */
  let rounds: number[] = []
  let commit: CometCommit | undefined
  let latest: readonly CometCommit[] = []
  let blockSeenMs = startedMs
  let behindMs: number | null = null
  window.add(readBlocks(reader, 0, WINDOW))
  let modules = modulesOfLast()

  const leave = consensus.onCommit((block) => {
    blockSeenMs = clock.now()
    behindMs = blockSeenMs - block.timeMs
    modules = block.moduleRoots
    happenings.committed(block)
  })

  /** An engine that keeps headers itself tells them with its first block. */
  function modulesOfLast(): Readonly<Record<string, Uint8Array>> {
    const header = readHeader(reader, window.last()?.height ?? 0)
    return header === undefined || header.length === 0 ? {} : decodeSignedHeader(header).header.moduleRoots
  }

  async function look(kind: 'sample' | 'glance'): Promise<Status> {
    const [engine, machine, nodes] = await Promise.all([comet?.read(), readMachine(home), readNodes()])
    const fresh = readBlocks(reader, window.last()?.height ?? 0, WINDOW)
    window.add(fresh)
    happenings.blocks(fresh)
    noteCommits(engine)
    const nowMs = clock.now()
    const place = consensus.status()
    const since = kind === 'sample' ? happenings.take(nowMs) : happenings.recent(nowMs)
    return statusOf({
      nowMs,
      startedMs,
      idleMs,
      consensus: place,
      blockSeenMs,
      behindMs,
      window,
      comet: comet === undefined ? undefined : (engine ?? NOTHING),
      commit,
      latest,
      rounds: { late: rounds.filter((round) => round > 0).length, known: rounds.length },
      waitingAgeMs: place.mempoolAgeMs ?? waitingAge.look(nowMs, place.mempool, nowMs - blockSeenMs),
      since,
      modules,
      headerAgrees: headerAgrees(),
      nodes,
      machine,
      version,
    })
  }

  function noteCommits(engine: CometFacts | undefined): void {
    if (engine === undefined || engine.commits.length === 0) return
    const own = engine.commits.map(({ round }) => round)
    happenings.decided(own.filter((round) => round > 0).length)
    rounds = [...rounds, ...own].slice(-WINDOW)
    // The newest commit still gathers votes; the one before is what the next block carries.
    commit = engine.commits.at(-2) ?? engine.commits.at(-1)
    latest = [...latest, ...engine.commits].slice(-LATEST)
  }

  function headerAgrees(): boolean | undefined {
    const ours = commit === undefined ? undefined : readAppHash(reader, commit.height - 1)
    return commit === undefined || ours === undefined ? undefined : ours === commit.appHash
  }

  function readNodes() {
    const { height } = consensus.status()
    const own = { height, appHashAt: (at: number) => readAppHash(reader, at), nowMs: () => clock.now() }
    return readOtherNodes(options.nodes ?? [], own, fetchWith)
  }

  const totals = () => ({ transactions: happenings.transactions(), lateBlocks: happenings.lateBlocks() })
  return { look, refused: happenings.refused, totals, close: leave }
}

const NOTHING: CometFacts = {
  position: undefined,
  round: undefined,
  peers: undefined,
  metrics: undefined,
  commits: [],
}
