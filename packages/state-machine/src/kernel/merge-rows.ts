import { compareKeys } from './compare.ts'
import { keyOf } from './row-codec.ts'
import type { RowReader, ScanOptions } from './state.ts'
import type { AnyRow, KeyPart, Table } from './table.ts'

/** A row as some layer over the committed ones has it; `row` undefined: deleted. */
export interface ChangedRow {
  readonly key: readonly KeyPart[]
  readonly row: AnyRow | undefined
}

/** Those changes of a table whose keys a scan asks for, in key order. Cost grows with the changes given. */
export function changedUnder<C extends ChangedRow>(
  changes: Iterable<C>,
  prefix: readonly KeyPart[],
  { after }: ScanOptions,
): readonly C[] {
  const found: C[] = []
  for (const change of changes) {
    if (!prefix.every((part, index) => change.key[index] === part)) continue
    if (after === undefined || compareKeys(change.key, after) > 0) found.push(change)
  }
  return found.sort((a, b) => compareKeys(a.key, b.key))
}

/** A scan of the rows that `reader` has under changes, merged in key order. @param changed - from `changedUnder` */
export function* mergeRows(
  reader: RowReader,
  table: Table,
  changed: readonly ChangedRow[],
  prefix: readonly KeyPart[],
  options: ScanOptions,
): Iterable<AnyRow> {
  let left = options.limit ?? Number.POSITIVE_INFINITY
  let next = 0
  // Each change may hide one row, so that many more are asked for.
  const limit = options.limit === undefined ? {} : { limit: options.limit + changed.length }
  for (const row of reader.scanRows(table, prefix, { ...options, ...limit })) {
    const key = keyOf(table, row)
    let entry = changed[next]
    while (entry !== undefined && compareKeys(entry.key, key) < 0) {
      if (entry.row !== undefined && left-- > 0) yield entry.row
      entry = changed[++next]
    }
    const replaced = entry !== undefined && compareKeys(entry.key, key) === 0
    if (replaced) next++
    const current = replaced ? entry?.row : row
    if (current !== undefined && left-- > 0) yield current
    if (left <= 0) return
  }
  for (const { row } of changed.slice(next)) if (row !== undefined && left-- > 0) yield row
}
