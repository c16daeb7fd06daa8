/**
 * Tables are declared once. From a declaration come the SQL schema, the typed access, the canonical row bytes
 * that are hashed, the snapshot stream and the docs.
 */

export type ColumnKind = 'text' | 'uint' | 'bool' | 'json'

/** One column. `T` is what a row holds in TypeScript; `json` must be plain lists, maps, texts, integers, booleans, null. */
export interface Column<T> {
  readonly kind: ColumnKind
  readonly optional: boolean
  /** Carries the type only; never set. */
  readonly type?: T
}

export const text: Column<string> = { kind: 'text', optional: false }
/** 0 to 2^53 − 1. */
export const uint: Column<number> = { kind: 'uint', optional: false }
export const bool: Column<boolean> = { kind: 'bool', optional: false }
/** A decentralized identifier, as text. */
export const did: Column<string> = text

/** A plain value; SQL sees JSON text, the root sees DAG-CBOR. */
export function json<T>(): Column<T> {
  return { kind: 'json', optional: false }
}

/** A column that may be `null`. */
export function optional<T>(column: Column<T>): Column<T | null> {
  return { kind: column.kind, optional: true }
}

export type Columns = Readonly<Record<string, Column<unknown>>>
export type Values<C extends Columns> = { readonly [N in keyof C]: C[N] extends Column<infer T> ? T : never }

export type KeyPart = string | number
export type AnyRow = Readonly<Record<string, unknown>>

/** A declared table. `K` is its key as an object, `R` a whole row (key and columns). */
export interface Table<K = AnyRow, R = AnyRow> {
  readonly name: string
  readonly key: Columns
  readonly columns: Columns
  /** Key columns in order, then the other columns in order: the order of the canonical row bytes. */
  readonly keyNames: readonly string[]
  readonly columnNames: readonly string[]
  /** Secondary indexes for SQL reads; the rules never use them. */
  readonly indexes: readonly (readonly string[])[]
  /** Carries the types only; never set. */
  readonly types?: { readonly key: K; readonly row: R }
}

/**
 * Declares a state table.
 *
 * @param name - snake_case, singular, unique in the whole state
 * @param shape.key - one to three columns of text or uint; a text in a key never holds a NUL
 */
export function defineTable<K extends Columns, C extends Columns>(
  name: string,
  shape: { readonly key: K; readonly columns: C; readonly indexes?: readonly (readonly (keyof K | keyof C)[])[] },
): Table<Values<K>, Values<K> & Values<C>> {
  return {
    name,
    key: shape.key,
    columns: shape.columns,
    keyNames: Object.keys(shape.key),
    columnNames: Object.keys(shape.columns),
    indexes: (shape.indexes ?? []) as readonly (readonly string[])[],
  }
}
