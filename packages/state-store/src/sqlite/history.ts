import type { DatabaseSync } from 'node:sqlite'
import {
  type BlockRecord,
  type EndEvent,
  heightOfId,
  historyId,
  idsOfBlock,
  type LedgerEvent,
  positionOfId,
  type TransactionRecord,
  type ValidatorReport,
} from '@icn/state-machine/kernel'

/** Blocks, transactions and events as they were written. */
export interface History {
  /** The latest block, without its transactions. */
  last(): Omit<BlockRecord, 'report' | 'transactions' | 'events'> | undefined
  block(height: number): BlockRecord | undefined
  /** The transaction with this `historyId`, unless it is kept no longer. */
  transaction(id: number): (TransactionRecord & { readonly height: number; readonly index: number }) | undefined
  /** The lowest height whose block is kept. */
  keptFrom(): number
}

interface TransactionRow {
  readonly id: number
  readonly hash: Uint8Array
  readonly signer: string
  readonly kind: string
  readonly lane: number
  readonly code: number
  readonly result: string
  readonly bytes: Uint8Array
}

interface EventRow {
  /** `historyId` of its transaction. */
  readonly tx: number
  readonly lane: number
  readonly topic: string
  readonly org: string | null
  readonly subject: string
  readonly data: string
}

export function openHistory(database: DatabaseSync): History {
  const lastBlock = database.prepare('SELECT * FROM block ORDER BY height DESC LIMIT 1')
  const oneBlock = database.prepare('SELECT * FROM block WHERE height = ?')
  const oneTransaction = database.prepare('SELECT * FROM tx WHERE id = ?')
  const transactionsOf = database.prepare('SELECT * FROM tx WHERE id BETWEEN ? AND ? ORDER BY id')
  const events = 'SELECT tx, lane, topic, org, subject, data FROM event WHERE id BETWEEN ? AND ?'
  const eventsOfBlock = database.prepare(`${events} ORDER BY id`)
  const eventsOf = database.prepare(`${events} AND tx = ? ORDER BY id`)

  function block(height: number): BlockRecord | undefined {
    const row = oneBlock.get(height) as unknown as
      | (Omit<BlockRecord, 'report'> & { readonly report: string })
      | undefined
    // Of the block of a snapshot its row is there, but nothing of what was in it.
    if (row === undefined || height < keptFromOf(database)) return undefined
    const rows = transactionsOf.all(...idsOfBlock(height)) as unknown as TransactionRow[]
    const byTransaction = Map.groupBy(eventsOfBlock.all(...idsOfBlock(height)) as unknown as EventRow[], ({ tx }) => tx)
    const transactions = rows.map((own) => transactionRecord(own, byTransaction.get(own.id) ?? []))
    const { timeMs, hash, header, appHash } = row
    const atEnd = (byTransaction.get(historyId(height, rows.length)) ?? []).map(endEvent)
    const report = JSON.parse(row.report) as ValidatorReport
    return { height, timeMs, hash, header, appHash, report, transactions, events: atEnd }
  }

  function transaction(id: number): ReturnType<History['transaction']> {
    const height = heightOfId(id)
    const row = oneTransaction.get(id) as unknown as TransactionRow | undefined
    if (row === undefined) return undefined
    const own = eventsOf.all(...idsOfBlock(height), id) as unknown as EventRow[]
    return { ...transactionRecord(row, own), height, index: positionOfId(id) }
  }

  return {
    last: () => lastBlock.get() as unknown as BlockRecord | undefined,
    block,
    transaction,
    keptFrom: () => keptFromOf(database),
  }
}

/** Whatever forgets blocks, or begins without them, says so in `meta`. */
export function keptFromOf(database: DatabaseSync): number {
  return Number(database.prepare("SELECT value FROM meta WHERE key = 'keptFrom'").get()?.value ?? 1)
}

function transactionRecord(row: TransactionRow, events: readonly EventRow[]): TransactionRecord {
  const { hash, signer, kind, lane, code, bytes } = row
  return { hash, signer, kind, lane, code, bytes, result: JSON.parse(row.result), events: events.map(ledgerEvent) }
}

function ledgerEvent({ topic, org, subject, data }: EventRow): LedgerEvent {
  return { topic, ...(org === null ? {} : { org }), subject, data: JSON.parse(data) }
}

function endEvent(row: EventRow): EndEvent {
  return { ...ledgerEvent(row), lane: row.lane }
}
