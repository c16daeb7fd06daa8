import type { AnyRow, KeyPart, Table } from './table.ts'

/** Typed access to the rows of one table, as a rule sees them: committed rows under the changes of this block. */
export interface Rows<K, R> {
  /** One point read; a row is never mutated in place, put a new one. */
  get(key: K): R | undefined
  put(row: R): void
  delete(key: K): void
  /** Rows whose key begins with `prefix`, in key order (texts by UTF-8 bytes, integers by value). */
  scan(prefix: readonly KeyPart[], options?: ScanOptions): Iterable<R>
}

export interface ScanOptions {
  /** At most this many rows. */
  readonly limit?: number
  /** Only rows whose key comes after this one (all parts). */
  readonly after?: readonly KeyPart[]
}

/** The state that rules read and write. Everything put is visible at once to later reads of the same block. */
export interface State {
  open<K, R>(table: Table<K, R>): Rows<K, R>
  /**
   * Runs `work`; where it answers `false`, every change made inside is undone.
   * For actions that are all or nothing; a handler that refuses before it writes needs none.
   */
  attempt(work: () => boolean): boolean
}

/** Committed rows, as the kernel's overlay reads them from a store. */
export interface RowReader {
  readRow(table: Table, key: readonly KeyPart[]): AnyRow | undefined
  /** Key order; `prefix` may be empty. */
  scanRows(table: Table, prefix: readonly KeyPart[], options?: ScanOptions): Iterable<AnyRow>
}

/** One row as a block leaves it; `row` undefined: deleted. */
export interface RowChange {
  readonly table: Table
  readonly key: readonly KeyPart[]
  readonly row: AnyRow | undefined
}
