import type { EndEvent, LedgerEvent } from './event.ts'
import type { RowChange, RowReader } from './state.ts'
import type { KeyPart, Table } from './table.ts'
import type { ValidatorReport } from './validator-report.ts'

/** A committed block, as the store keeps it (derived data: outside the root, rebuilt by replay). */
export interface BlockRecord {
  readonly height: number
  readonly timeMs: number
  /** SHA-256 that names the block: header hash. */
  readonly hash: Uint8Array
  /** DAG-CBOR of the signed header (see docs/protocol.md); empty where the engine keeps headers itself. */
  readonly header: Uint8Array
  readonly appHash: Uint8Array
  /** What consensus told of the validators with this block. */
  readonly report: ValidatorReport
  readonly transactions: readonly TransactionRecord[]
  /** Events of the end of the block, after those of the transactions. */
  readonly events: readonly EndEvent[]
}

/** What is given to a store: a block, and what it added to the logs of lanes. */
export interface NewBlock extends BlockRecord {
  /** Kept beside the block, so that any part of a log can be proved; left out where nothing was added. */
  readonly lanes?: readonly LaneEntry[]
}

/** One leaf of the log of a lane: a block that has events of the lane. */
export interface LaneEntry {
  readonly lane: number
  /** From 0, without gaps. */
  readonly position: number
  /** The leaf, then the root of each tree that it completes: 32 bytes each, see `growLog`. */
  readonly nodes: readonly Uint8Array[]
}

export interface TransactionRecord {
  readonly hash: Uint8Array
  readonly signer: string
  /** `vote.cast`, … ; empty where the bytes could not be decoded. */
  readonly kind: string
  readonly lane: number
  /** 0 for accepted, else the reject code. */
  readonly code: number
  readonly result: Readonly<Record<string, string | number>>
  readonly bytes: Uint8Array
  readonly events: readonly LedgerEvent[]
}

export interface Committed {
  /** 0 before the first block. */
  readonly height: number
  readonly timeMs: number
  readonly appHash: Uint8Array
  readonly blockHash: Uint8Array
}

export interface Staged {
  readonly appHash: Uint8Array
  /** Root of each module by name. */
  readonly moduleRoots: Readonly<Record<string, Uint8Array>>
}

/** Which tables belong to which module: the app hash is a tree over the roots of the modules. */
export interface ModuleTables {
  readonly name: string
  readonly tables: readonly Table[]
  /**
   * It came after the first networks: while it has no rows it is no leaf of that tree, so that networks without it keep
   * their roots.
   */
  readonly isLater?: true
}

/**
 * A store of rows, blocks and their Merkle root. Two implementations pass the same suite (testkit): SQLite and memory.
 * One writer: `stage`, then `commit`; a crash in between leaves the last block that was written. Reads of rows and
 * `head` answer what was given to `commit`; everything else answers what is on the disk.
 */
export interface StateStore extends RowReader {
  readonly modules: readonly ModuleTables[]
  /** The block on which the next one stands: the last one given to `commit`. */
  head(): Committed
  /** The last block on the disk. */
  committed(): Committed
  /** Applies the changes of a block to the tree and answers the new root; nothing is on the disk. A second `stage` before `commit` replaces the first. */
  stage(changes: Iterable<RowChange>): Staged
  /**
   * Writes staged rows, block, transactions and events in one durable transaction. From the call on the next block may be
   * staged; when the promise resolves, this one is synced to the disk. A rejection is final: the store is of no more use.
   */
  commit(block: NewBlock): Promise<void>
  /** Proof of a row, or of its absence, under the app hash of the last block on the disk: `committed`, or a later one. */
  prove(table: Table, key: readonly KeyPart[]): StateProof
  /** Of the blocks that are kept. */
  transaction(hash: Uint8Array): (TransactionRecord & { readonly height: number; readonly index: number }) | undefined
  block(height: number): BlockRecord | undefined
  /** The lowest height whose block is kept: more than 1 where the node began with a snapshot, or forgets old blocks. */
  keptFrom(): number
  /** Finishes what was given to `commit`. */
  close(): Promise<void>
}

/** Two steps: the row (or its absence) under its module's root, and that root under the app hash. */
export interface StateProof {
  readonly table: string
  readonly key: readonly KeyPart[]
  readonly module: string
  /** `rowProof` where the row is there, `absence` where it is not. */
  readonly row: import('@icn/crypto').RowProof | undefined
  readonly absence: import('@icn/crypto').AbsenceProof | undefined
  readonly moduleRoot: import('@icn/crypto').RowProof
  readonly appHash: Uint8Array
  readonly height: number
}
