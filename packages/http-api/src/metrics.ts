import type { CommittedBlock, Consensus, NotCommitted } from '@icn/consensus'
import type { Monitor } from '@icn/monitor'
import { rejectName } from '@icn/protocol'
import { monitorMetrics } from './monitor-metrics.ts'

/** Counts what happens; written as Prometheus text when somebody asks. */
export interface Metrics {
  answered(route: string, status: number): void
  refused(refusal: Pick<NotCommitted, 'code' | 'unavailable'>): void
  /**
   * Prometheus text exposition format.
   *
   * @param full - whether the reader may know this machine
   */
  render(full: boolean): Promise<{ readonly contentType: string; readonly text: string }>
}

const INTERVAL_BUCKETS_S = [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30, 60, 600]

export function createMetrics(consensus: Consensus, monitor: Monitor): Metrics {
  const answers = new Map<string, number>()
  const refusals = new Map<string, number>()
  const events = new Map<string, number>()
  const intervals: number[] = new Array(INTERVAL_BUCKETS_S.length + 1).fill(0)
  let intervalSum = 0
  let transactions = 0
  let lastMs: number | undefined
  consensus.onCommit((block) => note(block))

  function note(block: CommittedBlock): void {
    transactions += block.transactions
    for (const { topic, lane } of block.events) count(events, `${topic} ${lane}`)
    if (lastMs !== undefined) {
      const seconds = (block.timeMs - lastMs) / 1_000
      const bucket = INTERVAL_BUCKETS_S.findIndex((limit) => seconds <= limit)
      const index = bucket === -1 ? INTERVAL_BUCKETS_S.length : bucket
      intervals[index] = (intervals[index] ?? 0) + 1
      intervalSum += seconds
    }
    lastMs = block.timeMs
  }

  async function render(full: boolean): Promise<{ contentType: string; text: string }> {
    // Only whoever scrapes pays for loading the library.
    const { Counter, Gauge, Registry } = await import('prom-client')
    const registry = new Registry()
    const registers = [registry]
    const gauge = (name: string, help: string, value: number) => new Gauge({ name, help, registers }).set(value)
    const counter = (name: string, help: string, labelNames: string[], values: ReadonlyMap<string, number>) => {
      const metric = new Counter({ name, help, labelNames, registers })
      for (const [key, value] of values) {
        const parts = key.split(' ')
        metric.inc(Object.fromEntries(labelNames.map((name, index) => [name, parts[index] ?? ''])), value)
      }
    }
    const { height, timeMs, mempool, slowestMs = 0 } = consensus.status()
    gauge('icn_height', 'Height of the last committed block', height)
    gauge('icn_block_time_seconds', 'Time of the last committed block', timeMs / 1_000)
    gauge('icn_transactions_waiting', 'Transactions that wait for a block', mempool)
    gauge('icn_submission_age_seconds', 'How long a client of this node waits that waits longest', slowestMs / 1_000)
    if (full) gauge('process_resident_memory_bytes', 'Memory of the process', process.memoryUsage.rss())
    counter('icn_transactions_total', 'Committed transactions since the start', [], new Map([['', transactions]]))
    counter('icn_events_total', 'Events by topic and lane', ['topic', 'lane'], events)
    counter('icn_refusals_total', 'Refused transactions by reason', ['name'], refusals)
    counter('icn_http_answers_total', 'Answers by route and status', ['route', 'status'], answers)
    for (const { name, help, kind, values } of monitorMetrics(monitor, full)) {
      const known = values.filter(([, value]) => value !== null)
      // A metric without labels would say 0 where nothing is known.
      if (known.length === 0) continue
      const labelNames = Object.keys(known[0]?.[0] ?? {})
      const metric = new { gauge: Gauge, counter: Counter }[kind]({ name, help, labelNames, registers })
      for (const [labels, value] of known) metric.inc(labels, value ?? 0)
    }
    const text = await registry.metrics()
    return { contentType: registry.contentType, text: `${text}\n${histogram(intervals, intervalSum)}` }
  }

  return {
    answered: (route, status) => count(answers, `${route} ${status}`),
    refused: ({ code, unavailable }) => {
      const own = unavailable ? 'UNAVAILABLE' : 'BUSY'
      const name = code === 0 ? own : rejectName(code)
      count(refusals, name)
      monitor.refused(name)
    },
    render,
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function histogram(counts: readonly number[], sum: number): string {
  const name = 'icn_block_interval_seconds'
  let total = 0
  const buckets = counts.map((own, index) => {
    total += own
    return `${name}_bucket{le="${INTERVAL_BUCKETS_S[index] ?? '+Inf'}"} ${total}`
  })
  return [
    `# HELP ${name} Block time between blocks`,
    `# TYPE ${name} histogram`,
    ...buckets,
    `${name}_sum ${sum}`,
    `${name}_count ${total}`,
    '',
  ].join('\n')
}
