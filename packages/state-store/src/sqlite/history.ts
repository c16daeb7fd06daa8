import type { DatabaseSync } from 'node:sqlite'
import type { BlockRecord, LedgerEvent, TransactionRecord } from '@icn/state-machine/kernel'

/** Blocks, transactions and events as they were written. */
export interface History {
  /** The latest block, without its transactions. */
  last(): Omit<BlockRecord, 'transactions' | 'events'> | undefined
  block(height: number): BlockRecord | undefined
  transaction(hash: Uint8Array): (TransactionRecord & { readonly height: number; readonly index: number }) | undefined
}

interface TransactionRow {
  readonly height: number
  readonly idx: number
  readonly hash: Uint8Array
  readonly signer: string
  readonly kind: string
  readonly lane: number
  readonly code: number
  readonly result: string
  readonly bytes: Uint8Array
}

interface EventRow {
  readonly idx: number
  readonly topic: string
  readonly org: string | null
  readonly subject: string
  readonly data: string
}

export function openHistory(database: DatabaseSync): History {
  const lastBlock = database.prepare('SELECT * FROM block ORDER BY height DESC LIMIT 1')
  const oneBlock = database.prepare('SELECT * FROM block WHERE height = ?')
  const oneTransaction = database.prepare('SELECT * FROM tx WHERE hash = ?')
  const transactionsOf = database.prepare('SELECT * FROM tx WHERE height = ? ORDER BY idx')
  const eventsOf = database.prepare('SELECT idx, topic, org, subject, data FROM event WHERE height = ? ORDER BY seq')
  const eventsAt = database.prepare(
    'SELECT idx, topic, org, subject, data FROM event WHERE height = ? AND idx = ? ORDER BY seq',
  )

  function block(height: number): BlockRecord | undefined {
    const row = oneBlock.get(height) as unknown as BlockRecord | undefined
    if (row === undefined) return undefined
    const rows = transactionsOf.all(height) as unknown as TransactionRow[]
    const events = eventsOf.all(height) as unknown as EventRow[]
    const transactions = rows.map((own) =>
      transactionRecord(
        own,
        events.filter(({ idx }) => idx === own.idx),
      ),
    )
    const { timeMs, hash, header, appHash } = row
    const atEnd = events.filter(({ idx }) => idx === rows.length).map(ledgerEvent)
    return { height, timeMs, hash, header, appHash, transactions, events: atEnd }
  }

  function transaction(hash: Uint8Array): ReturnType<History['transaction']> {
    const row = oneTransaction.get(hash) as unknown as TransactionRow | undefined
    if (row === undefined) return undefined
    const events = eventsAt.all(row.height, row.idx) as unknown as EventRow[]
    return { ...transactionRecord(row, events), height: row.height, index: row.idx }
  }

  return { last: () => lastBlock.get() as unknown as BlockRecord | undefined, block, transaction }
}

function transactionRecord(row: TransactionRow, events: readonly EventRow[]): TransactionRecord {
  const { hash, signer, kind, lane, code, bytes } = row
  return { hash, signer, kind, lane, code, bytes, result: JSON.parse(row.result), events: events.map(ledgerEvent) }
}

function ledgerEvent({ topic, org, subject, data }: EventRow): LedgerEvent {
  return { topic, ...(org === null ? {} : { org }), subject, data: JSON.parse(data) }
}
