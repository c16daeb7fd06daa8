import type {
  EndEvent,
  LedgerEvent,
  NewBlock,
  Table,
  TransactionRecord,
  ValidatorReport,
} from '@icn/state-machine/kernel'
import type { StagedRow } from '../forest.ts'
import type { RunPart } from './part-writer.ts'

/*
 * What is written crosses to the writing thread as one JSON text and one buffer. PERF: a structured clone would copy the
 * whole body of a request for each transaction that it held.
 */

/** Rows of a block, or some of them. */
export interface PackedRows {
  /** JSON of a list: position of the table, 1 for deleted and 0 for not, then the values (of a deleted row, its key). */
  readonly text: string
  /** Path and leaf hash of each, 64 bytes a row. */
  readonly nodes: Uint8Array
}

/** Entries of the index of transactions. */
export interface PackedPlaces {
  readonly run: number
  readonly ids: readonly number[]
  /** Hashes, 32 bytes each. */
  readonly hashes: Uint8Array
  readonly through: number | undefined
}

/** A block with its transactions and events. */
export interface PackedBlock {
  /** JSON of a `Summary`. */
  readonly text: string
  /** Every byte string of the block, one after the other, in the order of the lengths. */
  readonly bytes: Uint8Array
}

/** What the writing thread makes of it. */
export interface UnpackedBlock extends NewBlock {
  readonly firstId: number
  readonly moduleRoots: ModuleRoots
}

/** Root of each module after a block, hex: by them a root that is wrong later shows which module is. */
export type ModuleRoots = Readonly<Record<string, string>>

interface Summary {
  readonly height: number
  readonly firstId: number
  readonly timeMs: number
  readonly moduleRoots: ModuleRoots
  readonly report: ValidatorReport
  readonly transactions: readonly (readonly [
    signer: string,
    kind: string,
    lane: number,
    code: number,
    result: TransactionRecord['result'],
    events: readonly LedgerEvent[],
  ])[]
  readonly events: readonly EndEvent[]
  readonly lanes: readonly (readonly [lane: number, position: number, nodes: number])[]
  readonly lengths: readonly number[]
}

export interface UnpackedRow {
  readonly table: number
  readonly isDeleted: boolean
  /** All columns in the order of the table, or the key of a deleted row. */
  readonly values: readonly unknown[]
  readonly node: Uint8Array
}

export function packRows(rows: readonly StagedRow[], positions: ReadonlyMap<string, number>): PackedRows {
  const nodes = new Uint8Array(rows.length * 64)
  const list = rows.map(({ table, key, row, node }, index) => {
    nodes.set(node, index * 64)
    const position = positions.get(table.name)
    return row === undefined ? [position, 1, ...key] : [position, 0, ...valuesOf(table, row)]
  })
  return { text: JSON.stringify(list), nodes }
}

function valuesOf(table: Table, row: Readonly<Record<string, unknown>>): unknown[] {
  const values: unknown[] = []
  for (const name of table.keyNames) values.push(row[name])
  for (const name of table.columnNames) values.push(row[name])
  return values
}

export function* unpackRows({ text, nodes }: PackedRows): Iterable<UnpackedRow> {
  const list = JSON.parse(text) as [table: number, deleted: number, ...values: unknown[]][]
  for (const [index, [table, deleted, ...values]] of list.entries()) {
    yield { table, isDeleted: deleted === 1, values, node: nodes.subarray(index * 64, index * 64 + 64) }
  }
}

/** @param firstId - `historyId` of its first transaction, and of its first event */
export function packBlock(block: NewBlock, firstId: number, moduleRoots: ModuleRoots = {}): PackedBlock {
  const { height, timeMs, hash, header, appHash, report, transactions, events, lanes = [] } = block
  const parts = [hash, header, appHash]
  for (const transaction of transactions) parts.push(transaction.hash, transaction.bytes)
  for (const { nodes } of lanes) parts.push(...nodes)
  const summary: Summary = {
    height,
    firstId,
    timeMs,
    moduleRoots,
    report,
    transactions: transactions.map(({ signer, kind, lane, code, result, events: own }) => [
      signer,
      kind,
      lane,
      code,
      result,
      own,
    ]),
    events,
    lanes: lanes.map(({ lane, position, nodes }) => [lane, position, nodes.length]),
    lengths: parts.map(({ length }) => length),
  }
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return { text: JSON.stringify(summary), bytes }
}

export function unpackBlock({ text, bytes }: PackedBlock): UnpackedBlock {
  const { height, firstId, timeMs, moduleRoots, report, transactions, events, lanes, lengths } = JSON.parse(
    text,
  ) as Summary
  const parts = cut(bytes, lengths)
  let nodesAt = 3 + 2 * transactions.length
  const [hash, header, appHash] = parts as [Uint8Array, Uint8Array, Uint8Array]
  return {
    height,
    firstId,
    timeMs,
    moduleRoots,
    hash,
    header,
    appHash,
    report,
    transactions: transactions.map(([signer, kind, lane, code, result, own], index) => ({
      hash: parts[3 + 2 * index] as Uint8Array,
      signer,
      kind,
      lane,
      code,
      result,
      bytes: parts[4 + 2 * index] as Uint8Array,
      events: own,
    })),
    events,
    lanes: lanes.map(([lane, position, count]) => {
      nodesAt += count
      return { lane, position, nodes: parts.slice(nodesAt - count, nodesAt) }
    }),
  }
}

function cut(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  let end = 0
  return lengths.map((length) => {
    end += length
    return bytes.subarray(end - length, end)
  })
}

export function packPlaces({ run, entries, through }: RunPart): PackedPlaces {
  const hashes = new Uint8Array(entries.length * 32)
  for (const [index, { hash }] of entries.entries()) hashes.set(hash, index * 32)
  return { run, ids: entries.map(({ id }) => id), hashes, through }
}

export function unpackPlaces({ run, ids, hashes, through }: PackedPlaces): RunPart {
  return { run, entries: ids.map((id, at) => ({ hash: hashes.subarray(at * 32, at * 32 + 32), id })), through }
}
