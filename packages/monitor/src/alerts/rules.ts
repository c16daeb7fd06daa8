import type { Status } from '../status.ts'
import type { Alert, AlertRule } from './alert.ts'

/** What a rule finds; `good` and `bad` may both be false: between two thresholds nothing changes. */
export interface Finding {
  readonly bad: boolean
  readonly good: boolean
  readonly value: number
  readonly threshold: number
  readonly reason: string
}

export interface Rule {
  readonly name: AlertRule
  readonly severity: Alert['severity']
  /** How many statuses in a row must be bad before it is raised, and good before it ends. */
  readonly raiseAfter: number
  readonly clearAfter: number
  /** `undefined`: this cannot be told now, and what was stays. */
  find(status: Status): Finding | undefined
}

const MINUTE_MS = 60_000
const GIB = 1_073_741_824
/** Smaller sets of validators have no three others. */
const FEW_VALIDATORS = 3

/** Units: s, share, peers, transactions, share, share, contradictions, sources. */
export const RULES: readonly Rule[] = [
  { name: 'no-block', severity: 'critical', raiseAfter: 1, clearAfter: 1, find: noBlock },
  { name: 'low-participation', severity: 'critical', raiseAfter: 2, clearAfter: 3, find: lowParticipation },
  { name: 'few-peers', severity: 'warning', raiseAfter: 3, clearAfter: 3, find: fewPeers },
  { name: 'mempool-long', severity: 'warning', raiseAfter: 2, clearAfter: 3, find: mempoolLong },
  { name: 'memory-high', severity: 'warning', raiseAfter: 3, clearAfter: 6, find: memoryHigh },
  { name: 'disk-low', severity: 'warning', raiseAfter: 2, clearAfter: 6, find: diskLow },
  { name: 'root-diverges', severity: 'critical', raiseAfter: 1, clearAfter: 6, find: rootDiverges },
  { name: 'engine-silent', severity: 'critical', raiseAfter: 3, clearAfter: 2, find: engineSilent },
]

/**
 * How long no block may come: a minute while transactions wait. A network without work makes a block every `idleMs` only,
 * and gets a minute beyond that where this is longer than a minute itself.
 */
export function longestGapMs({ waiting, idleMs }: Pick<Status, 'waiting' | 'idleMs'>): number {
  if (waiting.ageMs > MINUTE_MS || idleMs < MINUTE_MS) return MINUTE_MS
  return idleMs + MINUTE_MS
}

/** Seconds. A node that has just started has not waited yet, however old the last block is. */
function noBlock(status: Status): Finding | undefined {
  const waitedMs = status.sinceBlockMs
  const limitMs = longestGapMs(status)
  if (waitedMs > limitMs && status.uptimeMs <= limitMs) return undefined
  const why = status.catchingUp ? 'The node is catching up and gets none.' : 'The network, or this node, stands still.'
  return {
    bad: waitedMs > limitMs,
    good: waitedMs <= limitMs,
    value: Math.floor(waitedMs / 1_000),
    threshold: limitMs / 1_000,
    reason: `No block for ${Math.floor(waitedMs / 1_000)} s. ${why}`,
  }
}

/** Share of the power. */
function lowParticipation({ participation, validators, catchingUp }: Status): Finding | undefined {
  if (participation === null || catchingUp) return undefined
  const silent = validators.filter(({ isSigning }) => isSigning === false).map(({ name }) => name)
  const who = silent.length === 0 ? '' : ` Not heard: ${silent.join(', ')}.`
  return {
    bad: participation < 0.66,
    good: participation >= 0.67,
    value: participation,
    threshold: 0.66,
    reason: `Validators with ${percent(participation)} of the power take part; blocks need more than two thirds.${who}`,
  }
}

/** Peers. */
function fewPeers({ engine, validators, peers, unreachable }: Status): Finding | undefined {
  if (engine === 'solo' || unreachable.includes('CometBFT')) return undefined
  const isSmall = validators.length <= FEW_VALIDATORS
  return {
    bad: !isSmall && peers.length < 3,
    good: isSmall || peers.length >= 3,
    value: peers.length,
    threshold: 3,
    reason: `This node is connected to ${peers.length} other nodes, of a network of ${validators.length} validators.`,
  }
}

/** Transactions. */
function mempoolLong({ waiting }: Status): Finding {
  const age = waiting.ageMs < 1_000 ? '' : `, the first for ${Math.floor(waiting.ageMs / 1_000)} s at least`
  return {
    bad: waiting.count > 1_000,
    good: waiting.count <= 800,
    value: waiting.count,
    threshold: 1_000,
    reason: `${waiting.count} transactions wait for a block${age}.`,
  }
}

/** Share of the memory that the node may have. */
function memoryHigh({ machine: { memory } }: Status): Finding | undefined {
  if (memory === null || memory.totalBytes === 0) return undefined
  const share = memory.usedBytes / memory.totalBytes
  const parts = `${gib(memory.usedBytes)} of ${gib(memory.totalBytes)}, this node ${gib(memory.processBytes)}`
  return {
    bad: share > 0.9,
    good: share <= 0.85,
    value: share,
    threshold: 0.9,
    reason: `${percent(share)} of the memory is used: ${parts}.`,
  }
}

/** Share of the disk that is free. */
function diskLow({ machine: { disk } }: Status): Finding | undefined {
  if (disk === null || disk.totalBytes === 0) return undefined
  const share = disk.freeBytes / disk.totalBytes
  return {
    bad: share < 0.1,
    good: share >= 0.12,
    value: share,
    threshold: 0.1,
    reason: `${percent(share)} of the disk is free: ${gib(disk.freeBytes)} of ${gib(disk.totalBytes)}.`,
  }
}

/** Contradictions. */
function rootDiverges({ roots }: Status): Finding | undefined {
  if (roots.compared === 0) return undefined
  const { contradictedBy } = roots
  return {
    bad: contradictedBy.length > 0,
    good: contradictedBy.length === 0,
    value: contradictedBy.length,
    threshold: 0,
    reason: `Another state than this node's is claimed by ${contradictedBy.join(', ')}.`,
  }
}

/** Sources that do not answer. */
function engineSilent({ engine, unreachable }: Status): Finding | undefined {
  if (engine === 'solo') return undefined
  const isSilent = unreachable.includes('CometBFT')
  return {
    bad: isSilent,
    good: !isSilent,
    value: isSilent ? 1 : 0,
    threshold: 0,
    reason: 'CometBFT does not answer on its RPC port, so nothing is known of peers, rounds and votes.',
  }
}

function percent(share: number): string {
  return `${Math.floor(share * 1_000) / 10} %`
}

function gib(bytes: number): string {
  return `${(bytes / GIB).toFixed(1)} GiB`
}
