import { ALERT_RULES, type Monitor } from '@icn/monitor'

interface Metric {
  readonly name: string
  readonly help: string
  readonly kind: 'gauge' | 'counter'
  readonly values: readonly (readonly [labels: Readonly<Record<string, string>>, value: number | null])[]
}

/**
 * What the monitor knows as Prometheus metrics, listed in docs/monitoring.md. What is not known now has no line.
 *
 * @param full - whether the reader may know this machine
 */
export function monitorMetrics(monitor: Monitor, full: boolean): Metric[] {
  const status = monitor.last()
  const { validators, peers, waiting, clock, round, intervals, roots, engineMetrics } = status
  const { memory, disk } = full ? status.machine : { memory: null, disk: null }
  const open = new Set(monitor.open().map(({ rule }) => rule))
  const shown = ALERT_RULES.filter((rule) => full || (rule !== 'memory-high' && rule !== 'disk-low'))
  const totals = monitor.totals()
  const one = (name: string, help: string, value: number | null): Metric => ({
    name,
    help,
    kind: 'gauge',
    values: [[{}, value]],
  })
  const many = (name: string, help: string, values: Metric['values'], kind: Metric['kind'] = 'gauge'): Metric => ({
    name,
    help,
    kind,
    values,
  })
  const ofValidators = (name: string, help: string, of: (own: (typeof validators)[number]) => number | null) =>
    many(
      name,
      help,
      validators.map((own) => [{ address: own.address, validator: own.name }, of(own)]),
    )
  return [
    one('icn_since_block_seconds', 'Time since the last block', seconds(status.sinceBlockMs)),
    one('icn_idle_seconds', 'Without transactions, a block comes this often', seconds(status.idleMs)),
    one('icn_uptime_seconds', 'Time since the start', seconds(status.uptimeMs)),
    one('icn_catching_up', 'Whether the node fetches blocks that others have', Number(status.catchingUp)),
    one('icn_block_interval_p50_seconds', 'Block interval, half are shorter', seconds(intervals.p50Ms)),
    one('icn_block_interval_p99_seconds', 'Block interval, 99 of 100 are shorter', seconds(intervals.p99Ms)),
    one('icn_round', 'Round in which the next block is decided', round.present),
    many('icn_late_blocks_total', 'Blocks that took more than one round', [[{}, totals.lateBlocks]], 'counter'),
    one('icn_participation_ratio', 'Share of the power that takes part', status.participation),
    one('icn_validators', 'Validators', validators.length),
    ofValidators('icn_validator_power', 'Power of a validator', ({ power }) => power),
    ofValidators('icn_validator_missed_blocks', 'Signatures missed in the last 1,000 blocks', ({ missed }) => missed),
    ofValidators('icn_validator_proposer_ratio', 'Share of the proposals', ({ proposerShare }) => proposerShare),
    ofValidators('icn_validator_clock_seconds', 'Clock against the median', ({ clockMs }) => seconds(clockMs)),
    many(
      'icn_peers',
      'Connected nodes by direction',
      (['in', 'out'] as const).map((direction) => [
        { direction },
        peers.filter((peer) => peer.direction === direction).length,
      ]),
    ),
    many(
      'icn_peer_lag_blocks',
      'Blocks that a peer is behind this node',
      peers.map(({ id, moniker, lag }) => [{ id, moniker }, lag]),
    ),
    one('icn_waiting_age_seconds', 'How long the first transaction in line waits at least', seconds(waiting.ageMs)),
    many(
      'icn_lane_transactions_total',
      'Committed transactions by lane since the start',
      Object.entries(totals.transactions).map(([lane, count]) => [{ lane }, count]),
      'counter',
    ),
    one('icn_root_compared', 'Others with which the root is compared', roots.compared),
    one('icn_root_contradicted', 'Others that claim another root', roots.contradictedBy.length),
    many(
      'icn_nodes',
      'Nodes by the program that they run',
      status.versions.map(({ version, nodes }) => [{ version }, nodes]),
    ),
    one('icn_clock_spread_seconds', 'Between the earliest and the latest vote for a block', seconds(clock.spreadMs)),
    one('icn_block_behind_seconds', "Block time behind this node's clock", seconds(clock.behindMs)),
    one('icn_engine_byzantine_validators', 'Proven to misbehave', engineMetrics?.byzantineValidators ?? null),
    one('icn_engine_missing_power', 'Power that the last commit lacks', engineMetrics?.missingPower ?? null),
    one(
      'icn_engine_silent',
      'Whether CometBFT does not answer',
      status.engine === 'solo' ? null : Number(status.unreachable.includes('CometBFT')),
    ),
    one('icn_unreachable', 'Sources that do not answer the monitor', status.unreachable.length),
    one('icn_memory_used_bytes', 'Memory in use', memory?.usedBytes ?? null),
    one('icn_memory_total_bytes', 'Memory that the node may have', memory?.totalBytes ?? null),
    one('icn_disk_free_bytes', 'Free where the data folder is', disk?.freeBytes ?? null),
    one('icn_disk_total_bytes', 'Size of that disk', disk?.totalBytes ?? null),
    many(
      'icn_alert',
      'Whether an alert lasts',
      shown.map((rule) => [{ rule }, Number(open.has(rule))]),
    ),
  ]
}

function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1_000
}
