import type { Application, Consensus, ConsensusStatus } from '@icn/consensus'
import type { DevClockPort, JoinFile, LightRpc } from '@icn/http-api'
import type { LightBlock } from '@icn/protocol/light'
import type { BlockRecord, Committed } from '@icn/state-machine/kernel'
import type { NodeSnapshots } from '@icn/state-store'
import type { Logger } from 'pino'
import type { Configuration } from '../config/load.ts'
import type { Home } from '../home/open-home.ts'

/** What orders transactions into blocks here, with what comes with one kind and not with another. */
export interface Engine {
  readonly consensus: Consensus
  readonly devClock?: DevClockPort
  /** Where the monitor looks at CometBFT, and how often it makes a block at least. */
  readonly watched?: {
    readonly comet: { readonly rpcUrl: string; readonly metricsUrl?: string }
    readonly idleMs: number
  }
  /** What light clients ask of CometBFT. */
  readonly lightRpc?: LightRpc
  /** Verified light blocks that lead from the genesis on. */
  readonly keptPath?: () => readonly LightBlock[]
  /** What this node hands to operators of others. */
  readonly joinFile?: () => JoinFile
  /** Rejects when the node cannot go on. */
  readonly halted: Promise<never>
  /** Refuses new work, finishes the block, ends what runs beside this process. */
  close(): Promise<void>
}

export interface EngineOptions {
  readonly configuration: Configuration
  readonly home: Home
  /** Path of CometBFT, where this node starts it. */
  readonly binary: string | undefined
  readonly application: Application
  /** What the store has committed; another state after state sync. */
  readonly committed: () => Committed
  /** `undefined` where the store does not keep it. */
  readonly block: (height: number) => BlockRecord | undefined
  /** Who votes on the next block. */
  readonly validators: () => ConsensusStatus['validators']
  /** State sync; without it this node neither gives nor takes snapshots. */
  readonly snapshots?: NodeSnapshots
  /** Somebody wants the node to end: nothing is waited for any more. */
  readonly stopping: AbortSignal
  readonly logger: Logger
}
