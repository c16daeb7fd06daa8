import type { LedgerEvent, ValidatorReport, ValidatorUpdate } from '@icn/state-machine/kernel'

export type { ChunkVerdict, SnapshotInfo, Snapshots } from '@icn/state-machine/kernel'

/** A transaction that came to be in a committed block, or was refused. */
export type Submission = Committed | NotCommitted

export interface Committed {
  readonly ok: true
  readonly hash: Uint8Array
  /** 0: accepted, not in a block yet (`wait` was `accepted`). */
  readonly height: number
  readonly index: number
  readonly result: Readonly<Record<string, string | number>>
}

export interface NotCommitted {
  readonly ok: false
  readonly hash: Uint8Array
  /** A code of `@icn/protocol` rejects, or 0 for `busy` (the node's own bound, nothing was checked). */
  readonly code: number
  readonly detail: Readonly<Record<string, string | number>>
  /**
   * With code 0: not too much work, but nobody to do it: the node closes or halted, its engine does not answer, or nothing
   * has come of it for so long that the answer does not wait for more. It may be committed yet.
   */
  readonly unavailable?: true
}

export interface CommittedBlock {
  readonly height: number
  readonly timeMs: number
  readonly hash: Uint8Array
  readonly appHash: Uint8Array
  /** Root of each module by name, after this block. */
  readonly moduleRoots: Readonly<Record<string, Uint8Array>>
  /** Transactions and end-of-block events in order. */
  readonly events: readonly (LedgerEvent & { readonly index: number; readonly lane: number })[]
  readonly transactions: number
  /** How many of them are of each lane that has any. */
  readonly transactionsByLane: Readonly<Record<number, number>>
}

export interface ConsensusStatus {
  readonly kind: 'solo' | 'cometbft'
  readonly chainId: string
  readonly height: number
  readonly timeMs: number
  readonly appHash: Uint8Array
  readonly validators: readonly { readonly name: string; readonly publicKey: string; readonly power: number }[]
  /** Transactions that wait or are being checked, as far as this node knows. */
  readonly mempool: number
  /** Bytes of those that wait. */
  readonly mempoolBytes?: number
  /** How long the first in line has waited; an engine that counts no bytes and names no first one has neither. */
  readonly mempoolAgeMs?: number
  /** How long the transaction of a client of this node has waited that waits longest; an engine that alone decides has none. */
  readonly slowestMs?: number
}

/** Orders transactions into blocks. What the HTTP interface sees; solo and CometBFT implement it. */
export interface Consensus {
  /** Admits a transaction; `committed` waits until it is in a synced block, `accepted` until it passed the checks. */
  submit(bytes: Uint8Array, wait: 'committed' | 'accepted'): Promise<Submission>
  /** Many at once, each answered by itself, in order. */
  submitMany(list: readonly Uint8Array[], wait: 'committed' | 'accepted'): Promise<Submission[]>
  /**
   * Whether `submitMany` would take a list of so many at this moment, or a good part of it, if `before` others came before
   * them. Without this method each of them is decided on by itself.
   */
  takesMany?(count: number, before: number): boolean
  status(): ConsensusStatus
  /**
   * What proves to an outsider that the validators agreed on a block: `tendermint.types.LightBlock` in protobuf;
   * `undefined` while it is not there yet. Without this method the signed header that the store keeps proves it.
   */
  lightBlock?(height: number): Promise<Uint8Array | undefined>
  /** Called after each durable commit, in height order. Answers the function that ends it. */
  onCommit(listener: (block: CommittedBlock) => void): () => void
  /** Rejects when the machine halted (broken invariant, disk failure); never resolves otherwise. */
  readonly halted: Promise<never>
  /** Refuses new work, finishes the block, closes. */
  close(): Promise<void>
}

/**
 * What a consensus engine drives: the calls of ABCI 2.0 (CometBFT 0.38) that the design uses, in its order.
 * Height h is executed by `finalizeBlock`, which stages, and written by `commit` alone.
 */
export interface Application {
  info(): { readonly height: number; readonly appHash: Uint8Array; readonly version: string }
  /** Before the first block; nothing is persisted until the first commit. Answers the genesis app hash. */
  initChain(): Promise<{ readonly appHash: Uint8Array }>
  /**
   * `recheck` tests only sequence, expiry and allowance.
   *
   * @param timeMs - when the next block would be made, from an engine that knows it; without it, as in ABCI, the time of
   *   the last block counts
   */
  checkTx(bytes: Uint8Array, kind: 'new' | 'recheck', timeMs?: number): Promise<CheckResult>
  /** Chooses what the rules accept and what fits, in the order given. What is neither chosen nor refused stays waiting. */
  prepareProposal(request: {
    txs: readonly Uint8Array[]
    maxTxBytes: number
    /** What the engine writes around each transaction, which counts too; default 0. */
    bytesAround?: number
    /** So many are chosen at most, where an engine wants blocks that do not take long; without it bytes alone count. */
    maxTransactions?: number
    height: number
    timeMs: number
  }): Promise<Proposal>
  /** Whether a proposed block is acceptable: well formed, signed, in sequence. */
  processProposal(request: { txs: readonly Uint8Array[]; height: number; timeMs: number }): Promise<boolean>
  finalizeBlock(request: FinalizeRequest): Promise<FinalizedBlock>
  /**
   * Writes the finalized block. From the call on, the next one may be prepared and finalized; when it resolves, this one
   * is on the disk. `signed` is what the engine made of it: its name and its signed header.
   */
  commit(signed: { readonly hash: Uint8Array; readonly header: Uint8Array }): Promise<CommittedBlock>
  /** Whether a transaction is in a committed block. */
  isCommitted(hash: Uint8Array): boolean
  /** State sync put another state into the store: what was remembered of the empty one is forgotten. */
  reload(): void
  /** The engine lost what waited for a block: what those transactions took of their signers' sequence and allowance is free. */
  forgetWaiting(): void
  /** Why this program cannot make the block after the committed one: the network decided on newer rules for it. */
  needsUpgrade(): Error | undefined
  /** When the next deadline of the committed state is due, so that an engine can make a block for it. */
  nextDueMs(): number | undefined
}

export interface Proposal {
  readonly txs: Uint8Array[]
  /** What can never be committed as it is, with the reason; to be dropped and answered. */
  readonly refused: readonly { readonly bytes: Uint8Array; readonly check: Refusal }[]
}

export type Refusal = CheckResult & { readonly ok: false }

export type CheckResult =
  | { readonly ok: true; readonly hash: Uint8Array }
  | {
      readonly ok: false
      readonly hash: Uint8Array
      readonly code: number
      readonly detail: Readonly<Record<string, string | number>>
    }

export interface BlockRequest {
  readonly txs: readonly Uint8Array[]
  readonly height: number
  readonly timeMs: number
}

/** A block that consensus decided on. */
export interface FinalizeRequest extends BlockRequest {
  readonly report: ValidatorReport
}

export interface FinalizedBlock {
  readonly appHash: Uint8Array
  readonly moduleRoots: Readonly<Record<string, Uint8Array>>
  readonly hashes: readonly Uint8Array[]
  /** As many as transactions, in their order. */
  readonly results: readonly {
    readonly code: number
    readonly result: Readonly<Record<string, string | number>>
    readonly detail: Readonly<Record<string, string | number>>
  }[]
  readonly validatorUpdates: readonly ValidatorUpdate[]
}
