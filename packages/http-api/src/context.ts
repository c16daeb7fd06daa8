import type { Consensus } from '@icn/consensus'
import type { Monitor } from '@icn/monitor'
import type { Continuation, ContinuationText, Genesis } from '@icn/protocol'
import type { LightBlock } from '@icn/protocol/light'
import type { Machine } from '@icn/state-machine'
import type { StateStore } from '@icn/state-machine/kernel'
import type { StateReader } from '@icn/state-store'
import type { BatchRoom } from './batch-room.ts'
import type { Metrics } from './metrics.ts'
import type { Prover } from './proving-blocks.ts'
import type { RateLimit } from './rate-limit.ts'
import type { Sessions } from './sessions.ts'

export interface HttpConfig {
  readonly host: string
  readonly port: number
  readonly bodyLimitBytes: number
  readonly requestsPerSecond: number
  readonly connections: number
  /** Who may see disk, memory and addresses of peers. */
  readonly machine: 'loopback' | 'everybody' | 'nobody'
}

/** A clock that can be put forward; only a development node has one. */
export interface DevClockPort {
  advance(ms: number): Promise<{ readonly timeMs: number; readonly height: number }>
}

/** What operators of other nodes need to follow this network; only a node that has peers hands it out. */
export interface JoinFile {
  readonly format: 'icn-join-1'
  readonly genesisHash: string
  readonly expires: string
  readonly cometbft: string
  readonly peers: readonly string[]
  readonly genesis: Genesis
  /** The last block that a node made alone, where the network goes on from there. */
  readonly continues?: ContinuationText
}

/** A call of CometBFT's RPC that only reads. */
export type LightRpc = (
  method: string,
  params: Readonly<Record<string, unknown>>,
) => Promise<{ readonly ok: true; readonly result: unknown } | { readonly ok: false; readonly error: string }>

/** Everything that routes are served from. */
export interface HttpContext {
  readonly consensus: Consensus
  readonly store: StateStore
  readonly reader: StateReader
  readonly machine: Machine
  readonly genesis: Genesis
  readonly monitor: Monitor
  readonly config: HttpConfig
  readonly devClock?: DevClockPort | undefined
  readonly lightRpc?: LightRpc | undefined
  /** Where the network goes on from a node that was alone. */
  readonly continues?: Continuation | undefined
  /** Verified light blocks that lead from the genesis on, where CometBFT no longer has those on the way. */
  readonly keptPath?: (() => readonly LightBlock[]) | undefined
  readonly joinFile?: (() => JoinFile) | undefined
  /** Of a network whose blocks prove themselves. */
  readonly prover: Prover | undefined
  readonly sessions: Sessions
  readonly metrics: Metrics
  readonly rateLimit: RateLimit
  readonly batchRoom: BatchRoom
}
