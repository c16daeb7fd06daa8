export { assert, InvariantError } from './assert.ts'
export { assignId, type BlockContext, FIRST_RULES } from './block-context.ts'
export { compareKeys, compareText } from './compare.ts'
export type { EndEvent, LedgerEvent } from './event.ts'
export { heightOfId, historyId, idsOfBlock, positionOfId } from './history-id.ts'
export { type ChangedRow, changedUnder, mergeRows } from './merge-rows.ts'
export type { EndBlock, Handler, StateModule } from './module.ts'
export { type Accepted, accept, type Outcome, type Refused, reject } from './outcome.ts'
export { createOverlay, emptyReader, type Overlay } from './overlay.ts'
export { cancel, type Deadline, defineQueue, type Queue, schedule, takeDue } from './queue.ts'
export { decodeRow, encodeRow, keyOf } from './row-codec.ts'
export { type ChunkRow, changesOfChunk, rowsOfChunk, SnapshotError, snapshotOf } from './snapshot.ts'
export type { SqlReader } from './sql-reader.ts'
export type { RowChange, RowReader, Rows, ScanOptions, State } from './state.ts'
export type { ChunkVerdict, SnapshotInfo, Snapshots } from './state-sync.ts'
export type {
  BlockRecord,
  Committed,
  LaneEntry,
  ModuleTables,
  NewBlock,
  Staged,
  StateProof,
  StateStore,
  TransactionRecord,
} from './store-port.ts'
export {
  type AnyRow,
  bool,
  type Column,
  type ColumnKind,
  type Columns,
  defineTable,
  did,
  json,
  type KeyPart,
  optional,
  type Table,
  text,
  uint,
  type Values,
} from './table.ts'
export {
  type Misbehaviour,
  NOTHING_REPORTED,
  type ValidatorReport,
  type ValidatorUpdate,
} from './validator-report.ts'
