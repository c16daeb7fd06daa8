import type { ConsensusStatus } from '@icn/consensus'
import { validatorAddress } from '@icn/protocol'
import type { CometFacts } from '../sources/comet.ts'
import type { Machine, OtherNode, Rounds, Since, Status, ValidatorStatus } from '../status.ts'
import type { BlockWindow } from './block-window.ts'
import { clocksOf } from './clocks.ts'
import { type CometCommit, hasSigned } from './comet.ts'
import { participationOf } from './participation.ts'

/** Everything that a status is made of. */
export interface Facts {
  readonly nowMs: number
  readonly startedMs: number
  readonly idleMs: number
  readonly consensus: ConsensusStatus
  /** By this node's clock, when it saw the last block. */
  readonly blockSeenMs: number
  /** That moment minus the block's own time; `null` for a block that was there before the start. */
  readonly behindMs: number | null
  readonly window: BlockWindow
  /** What CometBFT says; `undefined` for solo. */
  readonly comet: CometFacts | undefined
  /** The newest commit that is known. */
  readonly commit: CometCommit | undefined
  /** The latest that are known, three at most: a signature may come too late for one of them though all is well. */
  readonly latest: readonly CometCommit[]
  readonly rounds: Omit<Rounds, 'present'>
  readonly waitingAgeMs: number
  readonly since: Since
  readonly modules: Readonly<Record<string, Uint8Array>>
  /** Whether the header that the validators signed names this node's root; `undefined` where it could not be compared. */
  readonly headerAgrees: boolean | undefined
  readonly nodes: readonly OtherNode[]
  readonly machine: Machine
  /** Of this program. */
  readonly version: string
}

/** A block is late that takes so much longer than an idle network waits. */
const LATE_MS = 10_000

/** Puts a status together. Pure: the same facts give the same status. */
export function statusOf(facts: Facts): Status {
  const { nowMs, consensus, window, comet } = facts
  const { kind, height, timeMs } = consensus
  const sinceBlockMs = Math.max(
    0,
    nowMs - facts.blockSeenMs,
    facts.behindMs === null && height > 0 ? nowMs - timeMs : 0,
  )
  const count = consensus.mempool
  const round = comet?.round
  const isStuck = (round?.round ?? 0) > 0 || sinceBlockMs > LATE_MS + (count > 0 ? 0 : facts.idleMs)
  const clocks = clocksOf(facts.commit, comet?.position?.address)
  const validators = validatorsOf(facts, clocks.byValidator, isStuck ? round?.heard : undefined)
  const missed = window.last()?.report.missed ?? []
  return {
    timeMs: nowMs,
    engine: kind,
    height,
    blockTimeMs: timeMs,
    sinceBlockMs,
    uptimeMs: nowMs - facts.startedMs,
    idleMs: facts.idleMs,
    catchingUp: comet?.position?.catchingUp ?? false,
    intervals: window.intervals(),
    round: { present: round?.round ?? 0, ...facts.rounds },
    participation: participationOf({ validators, missed, round, isStuck }),
    validators,
    peers: comet?.peers ?? [],
    waiting: { count, bytes: consensus.mempoolBytes ?? null, ageMs: facts.waitingAgeMs },
    since: facts.since,
    roots: rootsOf(facts),
    nodes: facts.nodes,
    versions: versionsOf(facts),
    clock: { behindMs: facts.behindMs, ownMs: clocks.ownMs, spreadMs: clocks.spreadMs },
    machine: facts.machine,
    engineMetrics: comet?.metrics ?? null,
    unreachable: unreachableOf(facts),
  }
}

function validatorsOf(
  { consensus, window, comet, latest }: Facts,
  clocks: ReadonlyMap<string, number>,
  heard: readonly string[] | undefined,
): ValidatorStatus[] {
  const proposed = window.proposed()
  const missed = window.missed()
  const proposals = Object.values(proposed).reduce((sum, own) => sum + own, 0)
  return consensus.validators.map(({ name, publicKey, power }) => {
    const address = validatorAddress(publicKey)
    const own = proposed[address] ?? 0
    const isHeard = heard === undefined ? hasSigned(latest, address) : heard.includes(address.slice(0, 12))
    return {
      name,
      publicKey,
      address,
      power,
      proposed: own,
      missed: missed[address] ?? 0,
      proposerShare: proposals === 0 ? null : own / proposals,
      isSigning: consensus.kind === 'solo' ? consensus.height > 0 : (isHeard ?? null),
      clockMs: clocks.get(address) ?? null,
      isThisNode: consensus.kind === 'solo' || comet?.position?.address === address,
    }
  })
}

function rootsOf({ consensus, modules, headerAgrees, nodes }: Facts): Status['roots'] {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
  const others = nodes.filter(({ sameRoot }) => sameRoot === false).map(({ url }) => `the node at ${url}`)
  const header = headerAgrees === false ? ['the block that the validators signed'] : []
  const compared = nodes.filter(({ sameRoot }) => sameRoot !== null).length + (headerAgrees === undefined ? 0 : 1)
  return {
    height: consensus.height,
    appHash: hex(consensus.appHash),
    modules: Object.fromEntries(Object.entries(modules).map(([name, root]) => [name, hex(root)])),
    contradictedBy: [...header, ...others],
    compared,
  }
}

function versionsOf({ version, comet, nodes }: Facts): Status['versions'] {
  const engines =
    comet === undefined ? [] : [comet.position?.version, ...(comet.peers ?? []).map((peer) => peer.version)]
  const programs = [version, ...nodes.map((node) => node.version)]
  const names = [
    ...programs.filter((own) => own !== null).map((own) => `icn ${own}`),
    ...engines.filter((own) => own !== undefined).map((own) => `cometbft ${own}`),
  ]
  const counts = Map.groupBy(names, (name) => name)
  return Array.from(counts, ([name, own]) => ({ version: name, nodes: own.length }))
}

function unreachableOf({ comet, nodes }: Facts): string[] {
  const silent = nodes.filter(({ answers }) => !answers).map(({ url }) => `the node at ${url}`)
  if (comet === undefined) return silent
  const isWhole = [comet.position, comet.round, comet.peers].every((part) => part !== undefined)
  return isWhole ? silent : ['CometBFT', ...silent]
}
