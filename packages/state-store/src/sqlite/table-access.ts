import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { AnyRow, ColumnKind, KeyPart, ScanOptions, Table } from '@icn/state-machine/kernel'
import { CorruptData, RESTORE } from '../errors.ts'
import { LEAF_BYTES } from '../tree/leaf-list.ts'
import { quote } from './quote.ts'

/** Prepared reads of one state table. */
export interface TableAccess {
  read(key: readonly KeyPart[]): AnyRow | undefined
  scan(prefix: readonly KeyPart[], options: ScanOptions): Iterable<AnyRow>
  countRows(): number
  /** Path and leaf hash of every row, 64 bytes each, in parts of so many. Nobody may write meanwhile. @throws CorruptData */
  leaves(atOnce?: number): Iterable<Uint8Array>
  /** Every row with its own path and leaf hash. */
  whole(): Iterable<{ readonly row: AnyRow; readonly node: Uint8Array }>
  /** The row whose leaf stands at a path. Looks through the whole table: an index would cost every write a random page. */
  atPath(path: Uint8Array): AnyRow | undefined
}

type Value = SQLInputValue

/** Leaves that are read together, 4 MiB. */
const LEAVES = 65_536
type Decode = (value: unknown) => unknown

const DECODERS: Readonly<Record<ColumnKind, Decode>> = {
  text: (value) => value,
  uint: (value) => value,
  bool: (value) => value === 1,
  json: (value) => JSON.parse(value as string),
}

export function accessTable(database: DatabaseSync, table: Table): TableAccess {
  const names = [...table.keyNames, ...table.columnNames]
  const kinds = names.map((name) => ({ ...table.key, ...table.columns })[name]?.kind ?? 'text')
  const decoders = kinds.map((kind) => DECODERS[kind])
  const from = `SELECT ${names.map(quote).join(', ')} FROM ${quote(table.name)}`
  const isKey = table.keyNames.map((name) => `${quote(name)} = ?`).join(' AND ')
  const readOne = prepare(`${from} WHERE ${isKey}`)
  const scans = new Map<string, StatementSync>()

  function prepare(sql: string): StatementSync {
    const statement = database.prepare(sql)
    statement.setReturnArrays(true)
    return statement
  }

  function toRow(values: readonly unknown[]): AnyRow {
    const row: Record<string, unknown> = {}
    for (let i = 0; i < names.length; i++) {
      const value = values[i]
      row[names[i] as string] = value === null ? null : (decoders[i] as Decode)(value)
    }
    return row
  }

  function first(statement: StatementSync, ...parameters: Value[]): AnyRow | undefined {
    const values = statement.get(...parameters) as unknown as unknown[] | undefined
    return values === undefined ? undefined : toRow(values)
  }

  function* scan(prefix: readonly KeyPart[], { limit, after }: ScanOptions): Iterable<AnyRow> {
    const begin = after === undefined ? [] : after.slice(sharedLength(prefix, after))
    const compared = table.keyNames
      .slice(table.keyNames.length - begin.length)
      .map(quote)
      .join(', ')
    const conditions = [
      ...table.keyNames.slice(0, prefix.length).map((name) => `${quote(name)} = ?`),
      ...(begin.length === 0 ? [] : [`(${compared}) > (${begin.map(() => '?').join(', ')})`]),
    ]
    const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
    const sql = `${from}${where} ORDER BY ${table.keyNames.map(quote).join(', ')} LIMIT ?`
    const statement = scans.get(sql) ?? prepare(sql)
    // A statement runs once at a time: whoever scans within a scan gets one of their own.
    scans.delete(sql)
    try {
      for (const values of statement.iterate(...prefix, ...begin, limit ?? -1))
        yield toRow(values as unknown as unknown[])
    } finally {
      // Also where the caller has seen enough.
      scans.set(sql, statement)
    }
  }

  function* whole(): Iterable<{ readonly row: AnyRow; readonly node: Uint8Array }> {
    for (const found of prepare(`${from.replace(' FROM', ', _node FROM')}`).iterate()) {
      const values = found as unknown as unknown[]
      yield { row: toRow(values), node: values[names.length] as Uint8Array }
    }
  }

  /**
   * PERF: one row of SQL answers those of many, eight times as fast as a row each; of all it would hold them three times. A blob
   * taken as text keeps its bytes, since SQLite looks at neither their encoding nor a zero among them.
   */
  function* leaves(atOnce = LEAVES): Iterable<Uint8Array> {
    const keys = table.keyNames.map(quote).join(', ')
    const marks = table.keyNames.map(() => '?').join(', ')
    const joined = `CAST(group_concat(CAST(_node AS TEXT), '') AS BLOB)`
    for (let after: Value[] | undefined = []; after !== undefined; ) {
      const next = `FROM ${quote(table.name)}${after.length === 0 ? '' : ` WHERE (${keys}) > (${marks})`} ORDER BY ${keys}`
      const part = prepare(`SELECT count(*), coalesce(${joined}, x'') FROM (SELECT _node ${next} LIMIT ${atOnce})`)
      const [rows, list] = part.get(...after) as unknown as [number, Uint8Array]
      if (list.length !== rows * LEAF_BYTES) throw new CorruptData(`a row of ${table.name} has no leaf`, RESTORE)
      yield list
      const last = prepare(`SELECT ${keys} ${next} LIMIT 1 OFFSET ${atOnce - 1}`)
      after = last.get(...after) as unknown as Value[] | undefined
    }
  }

  function countRows(): number {
    const [rows] = prepare(`SELECT count(*) FROM ${quote(table.name)}`).get() as unknown as [number]
    return rows
  }

  return {
    read: (key) => first(readOne, ...key),
    scan,
    countRows,
    leaves,
    whole,
    atPath: (path) => first(prepare(`${from} WHERE substr(_node, 1, 32) = ?`), path),
  }
}

/**
 * How many parts need no comparison, since both begin with them. PERF: where a row value compares parts that are equal
 * anyway, SQLite uses no index for it and passes over all rows before.
 */
function sharedLength(prefix: readonly KeyPart[], after: readonly KeyPart[]): number {
  const isShared = prefix.length < after.length && prefix.every((part, index) => part === after[index])
  return isShared ? prefix.length : 0
}
