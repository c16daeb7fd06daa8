import type { Alert, Point, Status } from '@icn/monitor'
import type { Genesis } from '@icn/protocol'
import type { AnswerOf } from '../contract/index.ts'
import { time, timeOrNull } from './times.ts'

type StatusView = AnswerOf<'networkStatus'>

/** What a rule says of this machine alone. */
const OF_THE_MACHINE = ['memory-high', 'disk-low']

/** @param full - whether the reader may know this machine and the addresses of others */
export function statusView(status: Status, open: readonly Alert[], genesis: Genesis, full: boolean): StatusView {
  const { intervals, since, roots, machine } = status
  const alerts = alertsFor(open, full)
  return {
    time: time(status.timeMs),
    network: genesis.chainId,
    name: genesis.name,
    consensus: status.engine,
    health: alerts.some(({ severity }) => severity === 'critical')
      ? 'critical'
      : alerts.length > 0
        ? 'warning'
        : 'good',
    height: status.height,
    blockTime: time(status.blockTimeMs),
    sinceBlockMs: status.sinceBlockMs,
    idleMs: status.idleMs,
    uptimeMs: status.uptimeMs,
    catchingUp: status.catchingUp,
    blockInterval: intervals,
    round: status.round,
    participation: status.participation,
    validators: [...status.validators],
    peers: status.peers.map((peer) => ({ ...peer, address: full ? peer.address : null })),
    waiting: status.waiting,
    traffic: { overMs: since.overMs, transactions: since.transactions, refused: since.refused },
    roots: {
      height: roots.height,
      appHash: roots.appHash,
      modules: roots.modules,
      compared: roots.compared,
      contradicted: roots.contradictedBy.length,
    },
    nodes: status.nodes.map((node) => ({ ...node, url: full ? node.url : null })),
    versions: [...status.versions],
    clock: status.clock,
    memory: full ? machine.memory : null,
    disk: full ? machine.disk : null,
    unreachable: full ? [...status.unreachable] : status.unreachable.map(() => 'something that this node asks'),
    alerts,
  }
}

/** Alerts that the reader may see; where others are named by address, the reason leaves the names out. */
export function alertsFor(alerts: readonly Alert[], full: boolean): AnswerOf<'networkAlerts'>['items'] {
  return alerts.filter(({ rule }) => full || !OF_THE_MACHINE.includes(rule)).map((alert) => alertView(alert, full))
}

function alertView(
  { startMs, endMs, reason, ...rest }: Alert,
  full: boolean,
): AnswerOf<'networkAlerts'>['items'][number] {
  const isNamed = rest.rule === 'root-diverges' && !full
  const shown = isNamed ? "Another state than this node's is claimed by somebody." : reason
  return { ...rest, reason: shown, start: time(startMs), end: timeOrNull(endMs) }
}

export function pointView({ timeMs, ...point }: Point, full: boolean): AnswerOf<'networkHistory'>['items'][number] {
  const hidden = full ? {} : { memoryShare: null, processBytes: null, diskFreeShare: null }
  return { time: time(timeMs), ...point, ...hidden }
}
