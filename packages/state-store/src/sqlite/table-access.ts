import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { AnyRow, ColumnKind, KeyPart, ScanOptions, Table } from '@icn/state-machine/kernel'
import type { StagedRow } from '../forest.ts'
import { quote } from './schema.ts'

/** Prepared reads and writes of one state table. */
export interface TableAccess {
  read(key: readonly KeyPart[]): AnyRow | undefined
  scan(prefix: readonly KeyPart[], options: ScanOptions): Iterable<AnyRow>
  write(row: StagedRow): void
  /** Rows in the table; looks through its keys. */
  count(): number
  /** Path and leaf hash of every row. */
  nodes(): Iterable<Uint8Array>
  /** Every row with its own path and leaf hash. */
  whole(): Iterable<{ readonly row: AnyRow; readonly node: Uint8Array }>
  /** The row whose leaf stands at a path. Looks through the whole table: an index would cost every write a random page. */
  atPath(path: Uint8Array): AnyRow | undefined
}

type Value = SQLInputValue
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
  const putOne = prepare(upsertSql(table, names))
  const deleteOne = prepare(`DELETE FROM ${quote(table.name)} WHERE ${isKey}`)
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
    const conditions = [
      ...table.keyNames.slice(0, prefix.length).map((name) => `${quote(name)} = ?`),
      ...(after === undefined
        ? []
        : [`(${table.keyNames.map(quote).join(', ')}) > (${after.map(() => '?').join(', ')})`]),
    ]
    const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
    const sql = `${from}${where} ORDER BY ${table.keyNames.map(quote).join(', ')} LIMIT ?`
    const statement = scans.get(sql) ?? prepare(sql)
    // A statement runs once at a time: whoever scans within a scan gets one of their own.
    scans.delete(sql)
    for (const values of statement.iterate(...prefix, ...(after ?? []), limit ?? -1))
      yield toRow(values as unknown as unknown[])
    scans.set(sql, statement)
  }

  function write({ row, key, path, leaf }: StagedRow): void {
    if (row === undefined || leaf === undefined) {
      deleteOne.run(...key)
      return
    }
    const node = new Uint8Array(64)
    node.set(path)
    node.set(leaf, 32)
    const values: Value[] = new Array(names.length + 1)
    for (let i = 0; i < names.length; i++) values[i] = toSql(row[names[i] as string], kinds[i] as ColumnKind)
    values[names.length] = node
    putOne.run(...values)
  }

  function* whole(): Iterable<{ readonly row: AnyRow; readonly node: Uint8Array }> {
    for (const found of prepare(`${from.replace(' FROM', ', _node FROM')}`).iterate()) {
      const values = found as unknown as unknown[]
      yield { row: toRow(values), node: values[names.length] as Uint8Array }
    }
  }

  function* nodes(): Iterable<Uint8Array> {
    for (const values of prepare(`SELECT _node FROM ${quote(table.name)}`).iterate()) {
      yield (values as unknown as [Uint8Array])[0]
    }
  }

  return {
    read: (key) => first(readOne, ...key),
    scan,
    write,
    count: () => Number((prepare(`SELECT count(*) FROM ${quote(table.name)}`).get() as unknown as [number])[0]),
    nodes,
    whole,
    atPath: (path) => first(prepare(`${from} WHERE substr(_node, 1, 32) = ?`), path),
  }
}

function toSql(value: unknown, kind: ColumnKind): Value {
  if (value === null) return null
  if (kind === 'json') return JSON.stringify(value)
  return kind === 'bool' ? Number(value) : (value as Value)
}

function upsertSql(table: Table, names: readonly string[]): string {
  const all = [...names, '_node']
  const changed = all.filter((name) => !table.keyNames.includes(name))
  const places = all.map(() => '?').join(', ')
  const sets = changed.map((name) => `${quote(name)} = excluded.${quote(name)}`).join(', ')
  const key = table.keyNames.map(quote).join(', ')
  return `INSERT INTO ${quote(table.name)} (${all.map(quote).join(', ')}) VALUES (${places}) ON CONFLICT (${key}) DO UPDATE SET ${sets}`
}
