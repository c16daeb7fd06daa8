import type { AnyRow, KeyPart, RowReader, Table } from '@icn/state-machine/kernel'
import type { StagedRow } from '../forest.ts'
import { createRowCache } from './row-cache.ts'

/** Rows that are read often, and the first rows of tables, in memory before those that answer whatever is asked. */
export interface RememberedRows extends RowReader {
  /** These are the rows from now on. */
  readonly changed: (rows: readonly StagedRow[]) => void
}

export interface RememberedRowsOptions {
  /** Answers whatever is asked. */
  readonly rows: RowReader
  /** Whether a row is known not to be there, without looking for it. */
  readonly isAbsent: (table: Table, key: readonly KeyPart[]) => boolean
  /** Memory for rows. */
  readonly cacheBytes: number
}

/** Scans for so many of the first rows of a table are remembered. */
const FIRST_ROWS = 256

export function createRememberedRows({ rows, isAbsent, cacheBytes }: RememberedRowsOptions): RememberedRows {
  const cache = createRowCache(cacheBytes)
  const firstRows = new Map<string, { readonly limit: number; readonly rows: readonly AnyRow[] }>()

  function readRow(table: Table, key: readonly KeyPart[]): AnyRow | undefined {
    const id = idOf(table, key)
    const known = cache.get(id)
    if (known !== undefined) return known ?? undefined
    const row = isAbsent(table, key) ? undefined : rows.readRow(table, key)
    cache.set(id, row ?? null)
    return row
  }

  /** PERF: every block asks which deadlines come first, and few blocks change them. */
  const scanRows: RowReader['scanRows'] = (table, prefix, options = {}) => {
    const { limit, after } = options
    if (prefix.length > 0 || after !== undefined || limit === undefined || limit > FIRST_ROWS)
      return rows.scanRows(table, prefix, options)
    const known = firstRows.get(table.name)
    if (known?.limit === limit) return known.rows
    const first = [...rows.scanRows(table, prefix, options)]
    firstRows.set(table.name, { limit, rows: first })
    return first
  }

  function changed(staged: readonly StagedRow[]): void {
    for (const { table, key, row } of staged) {
      cache.set(idOf(table, key), row ?? null)
      firstRows.delete(table.name)
    }
  }

  return { readRow, scanRows, changed }
}

function idOf(table: Table, key: readonly KeyPart[]): string {
  return key.length === 1 ? `${table.name}\0${key[0]}` : `${table.name}\0${key.join('\0')}`
}
