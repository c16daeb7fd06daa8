/**
 * What the monitor knows at one moment. Times are in ms since 1970, `null` is `not known now`: it never stands for
 * `nothing wrong`.
 */
export interface Status {
  /** When it was taken, by this node's clock. */
  readonly timeMs: number
  readonly engine: 'solo' | 'cometbft'
  readonly height: number
  readonly blockTimeMs: number
  /** Since the last block, by this node's clock; never less than since this node saw it. */
  readonly sinceBlockMs: number
  /** Since the monitor started. */
  readonly uptimeMs: number
  /** Without transactions, a block comes this often. */
  readonly idleMs: number
  /** Whether the node still fetches blocks that others have. */
  readonly catchingUp: boolean
  /** Block time between the blocks of the window. */
  readonly intervals: { readonly blocks: number; readonly p50Ms: number | null; readonly p99Ms: number | null }
  readonly round: Rounds
  /** Share of the power that takes part, 0 to 1. */
  readonly participation: number | null
  readonly validators: readonly ValidatorStatus[]
  readonly peers: readonly Peer[]
  readonly waiting: { readonly count: number; readonly bytes: number | null; readonly ageMs: number }
  readonly since: Since
  readonly roots: Roots
  readonly nodes: readonly OtherNode[]
  /** How many nodes run each program, this one among them. */
  readonly versions: readonly { readonly version: string; readonly nodes: number }[]
  readonly clock: ClockStatus
  readonly machine: Machine
  /** Of CometBFT's own metrics; `null` for solo, and while they cannot be read. */
  readonly engineMetrics: EngineMetrics | null
  /** What did not answer, in words. */
  readonly unreachable: readonly string[]
}

export interface Rounds {
  /** The round in which the next block is being decided. */
  readonly present: number
  /** Of `known` blocks whose round this node saw, those that took more than one round. */
  readonly late: number
  readonly known: number
}

export interface ValidatorStatus {
  readonly name: string
  /** `z6Mk…` */
  readonly publicKey: string
  /** 40 hex digits */
  readonly address: string
  readonly power: number
  /** Blocks of the window that it proposed, and that lack its signature. */
  readonly proposed: number
  readonly missed: number
  /** Its part of the proposals of the window, 0 to 1. */
  readonly proposerShare: number | null
  /** Whether one of the last three blocks with a known commit has its signature; where no block comes, whether its prevote is heard. */
  readonly isSigning: boolean | null
  /** Its clock against the median of all, as its last vote says. */
  readonly clockMs: number | null
  readonly isThisNode: boolean
}

/** A node that CometBFT is connected to. */
export interface Peer {
  readonly id: string
  readonly moniker: string
  readonly address: string
  readonly direction: 'in' | 'out'
  readonly version: string
  /** Blocks that it is behind this node; `null` where it did not say yet. */
  readonly lag: number | null
}

/** What happened since the status before. */
export interface Since {
  /** 0 in the first one. */
  readonly overMs: number
  readonly blocks: number
  readonly lateBlocks: number
  readonly transactions: Counts
  /** Refused transactions by the name of the reason. */
  readonly refused: Counts
  /** Missed signatures by address. */
  readonly missed: Counts
}

export type Counts = Readonly<Record<string, number>>

export interface Roots {
  readonly height: number
  /** In hex. */
  readonly appHash: string
  /** In hex, by module; empty until this node made or opened a block that names them. */
  readonly modules: Readonly<Record<string, string>>
  /** Who says another root than this node for the same height, in words; empty: nobody who was asked. */
  readonly contradictedBy: readonly string[]
  /** Who was compared with. */
  readonly compared: number
}

/** Another node of the network that this one was told to compare itself with. */
export interface OtherNode {
  readonly url: string
  readonly answers: boolean
  readonly height: number | null
  readonly version: string | null
  /** `null` while the two have no height in common that could be compared. */
  readonly sameRoot: boolean | null
  /** Its clock minus ours, to a second. */
  readonly clockMs: number | null
}

export interface ClockStatus {
  /** How far the block time of the last block was behind this node's clock when it came in: age of the votes, way and skew. */
  readonly behindMs: number | null
  /** This validator's last vote against the median of all votes for that block. */
  readonly ownMs: number | null
  /** Between the earliest and the latest of those votes. */
  readonly spreadMs: number | null
}

export interface Machine {
  readonly memory: { readonly processBytes: number; readonly usedBytes: number; readonly totalBytes: number } | null
  /** Of the file system that holds the data folder. */
  readonly disk: { readonly freeBytes: number; readonly totalBytes: number } | null
}

export interface EngineMetrics {
  /** Power of the validators that the last commit lacks. */
  readonly missingPower: number | null
  readonly byzantineValidators: number | null
  /** Transactions that failed the check or were evicted, since CometBFT started. */
  readonly failedTransactions: number | null
  readonly evictedTransactions: number | null
}
