import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { Committed, SqlReader } from '@icn/state-machine/kernel'
import { orCorrupt } from './open.ts'

/** Reads what is committed, on a connection of its own that never waits for the writer. */
export interface StateReader {
  /** Runs `work` at one height, in one transaction; it must not keep the reader. */
  read<T>(work: (sql: SqlReader, at: Committed) => T): T
  /** Lets go of the file, which is about to be replaced; the next read opens it anew. */
  release(): void
  close(): void
}

/** Statements kept prepared; queries come from the program, so there are few. */
const KEPT = 200

interface Connection {
  readonly sql: SqlReader
  readonly database: DatabaseSync
}

export function openReader(file: string): StateReader {
  let open: Connection | undefined = connectReader(file)

  function read<T>(work: (sql: SqlReader, at: Committed) => T): T {
    return orCorrupt(file, () => {
      open ??= connectReader(file)
      const { sql, database } = open
      database.exec('BEGIN')
      try {
        return work(sql, committedIn(sql))
      } finally {
        database.exec('COMMIT')
      }
    })
  }

  function release(): void {
    open?.database.close()
    open = undefined
  }

  return { read, release, close: release }
}

function connectReader(file: string): Connection {
  const database = new DatabaseSync(file, { readOnly: true })
  database.exec('PRAGMA cache_size = -16384; PRAGMA query_only = ON')
  const statements = new Map<string, StatementSync>()

  function statement(sql: string): StatementSync {
    const known = statements.get(sql)
    if (known !== undefined) return known
    if (statements.size >= KEPT) statements.clear()
    const prepared = database.prepare(sql)
    statements.set(sql, prepared)
    return prepared
  }

  const sql: SqlReader = {
    all: <R>(text: string, ...values: readonly (string | number | Uint8Array | null)[]) =>
      statement(text).all(...values) as R[],
    get: <R>(text: string, ...values: readonly (string | number | Uint8Array | null)[]) =>
      statement(text).get(...values) as R | undefined,
  }
  return { sql, database }
}

function committedIn(sql: SqlReader): Committed {
  const row = sql.get<{ height: number; timeMs: number; appHash: Uint8Array; hash: Uint8Array }>(
    'SELECT height, timeMs, appHash, hash FROM block ORDER BY height DESC LIMIT 1',
  )
  if (row === undefined) return { height: 0, timeMs: 0, appHash: new Uint8Array(32), blockHash: new Uint8Array(32) }
  return { height: row.height, timeMs: row.timeMs, appHash: row.appHash, blockHash: row.hash }
}
