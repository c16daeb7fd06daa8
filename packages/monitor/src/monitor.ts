import { join } from 'node:path'
import type { Consensus } from '@icn/consensus'
import { type Clock, systemClock, systemTimer, type Timer } from '@icn/consensus/solo'
import type { StateReader } from '@icn/state-store'
import type { Logger } from 'pino'
import type { Alert } from './alerts/alert.ts'
import { judge, stateOf } from './alerts/judge.ts'
import { createWatch } from './collect/watch.ts'
import { openHistory } from './history/history.ts'
import type { Resolution } from './history/levels.ts'
import { type Point, pointOf } from './history/point.ts'
import type { CometOptions } from './sources/comet.ts'
import type { Fetch } from './sources/fetch-text.ts'
import type { Counts, Status } from './status.ts'

export interface MonitorOptions {
  readonly consensus: Consensus
  readonly reader: StateReader
  /** The data folder: `monitor.db` is kept there, and its disk is watched. */
  readonly home: string
  /** Of this program. */
  readonly version: string
  /** Without transactions, the engine makes a block this often. */
  readonly idleMs: number
  /** CometBFT beside this node; without it, solo. */
  readonly comet?: CometOptions
  /** Base URLs of other nodes to compare with: `https://node.example`. */
  readonly nodes?: readonly string[]
  readonly logger: Pick<Logger, 'warn'>
  readonly clock?: Clock
  readonly timer?: Timer
  readonly fetch?: Fetch
}

/** Watches consensus, the network and this machine. It reads only; whatever happens to it, the node goes on. */
export interface Monitor {
  /** Where everything stands, at most a second old. */
  status(): Promise<Status>
  /** The status of the last sample. */
  last(): Status
  /** Alerts that last, worst and oldest first. */
  open(): readonly Alert[]
  /** Latest first. @param open - only those that last, or only those that are over */
  alerts(open: boolean | undefined, limit: number): Alert[]
  /** Oldest first, until before `untilMs`. */
  history(resolution: Resolution, fromMs: number, untilMs: number): Point[]
  /** Since the start. */
  totals(): { readonly transactions: Counts; readonly lateBlocks: number }
  now(): number
  /** Told by whoever refuses a transaction. @param reason - `BAD_SEQUENCE` */
  refused(reason: string): void
  /** Called after each sample with the alerts that began or ended. Answers the function that ends it. */
  onSample(listener: (status: Status, changed: readonly Alert[]) => void): () => void
  /** Takes a sample now; otherwise they come every ten seconds. */
  sample(): Promise<void>
  close(): Promise<void>
}

export const SAMPLE_MS = 10_000
/** Whoever asks more often gets the same answer. */
const FRESH_MS = 1_000

/** Starts to watch; the first sample is taken when it answers. */
export async function createMonitor(options: MonitorOptions): Promise<Monitor> {
  const { logger, clock = systemClock, timer = systemTimer } = options
  const watch = createWatch({ ...options, clock, fetch: options.fetch ?? fetch })
  const history = openHistory(join(options.home, 'monitor.db'), (reason) =>
    logger.warn({ reason }, 'monitor.db could not be read; the history of the monitor begins anew'),
  )
  const listeners = new Set<(status: Status, changed: readonly Alert[]) => void>()
  let alertState = stateOf(history.alerts(true, 100))
  let open: readonly Alert[] = []
  let last: Status
  let fresh: Promise<Status> | undefined
  let freshMs = Number.NEGATIVE_INFINITY
  let trouble = ''
  let closing = false
  let callOff = () => {}
  /** Samples are taken one after the other. */
  let sampling: Promise<void> = Promise.resolve()

  async function takeSample(): Promise<void> {
    last = await watch.look('sample')
    fresh = Promise.resolve(last)
    freshMs = last.timeMs
    const { state, changed, open: lasting } = judge(alertState, last)
    alertState = state
    open = lasting
    keep(last, [...changed, ...lasting])
    for (const listener of listeners) listener(last, changed)
  }

  /** A full disk costs the history, not the node. It is told once, until something else goes wrong. */
  function keep(status: Status, alerts: readonly Alert[]): void {
    try {
      history.add(pointOf(status))
      for (const alert of alerts) history.putAlert(alert)
      trouble = ''
    } catch (error) {
      complain(error, 'the monitor cannot keep its history')
    }
  }

  function complain(error: unknown, what: string): void {
    const reason = (error as Error).message
    if (reason !== trouble) logger.warn({ err: error }, what)
    trouble = reason
  }

  function sample(): Promise<void> {
    sampling = sampling.then(takeSample)
    return sampling
  }

  function wait(): void {
    callOff = timer(SAMPLE_MS - (clock.now() % SAMPLE_MS), () => {
      sampling = sampling
        .then(() => (closing ? undefined : takeSample()))
        .catch((error: unknown) => complain(error, 'the monitor could not take a sample'))
        .then(() => (closing ? undefined : wait()))
    })
  }

  function status(): Promise<Status> {
    const nowMs = clock.now()
    if (fresh === undefined || nowMs - freshMs >= FRESH_MS || nowMs < freshMs) {
      freshMs = nowMs
      fresh = watch.look('glance')
    }
    return fresh
  }

  await sample().catch(async (error: unknown) => {
    watch.close()
    history.close()
    throw error
  })
  wait()
  return {
    status,
    last: () => last,
    open: () => open,
    alerts: history.alerts,
    history: history.points,
    totals: watch.totals,
    now: () => clock.now(),
    refused: watch.refused,
    onSample: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    sample,
    close: async () => {
      if (closing) return
      closing = true
      callOff()
      await sampling
      await fresh?.catch(() => undefined)
      watch.close()
      history.close()
    },
  }
}
