import { assert } from './assert.ts'
import { compareKeys, compareText } from './compare.ts'
import { changedUnder, mergeRows } from './merge-rows.ts'
import { keyOf } from './row-codec.ts'
import type { RowChange, RowReader, Rows, ScanOptions, State } from './state.ts'
import type { AnyRow, KeyPart, Table } from './table.ts'

/** Committed rows under the changes of one block. */
export interface Overlay extends State {
  /** What the block changed, by table name and key: the same on every machine. Rows put back as they were are included. */
  changes(): RowChange[]
}

interface Entry {
  readonly key: readonly KeyPart[]
  readonly row: AnyRow | undefined
  readonly changed: boolean
}

interface Sheet {
  readonly table: Table
  /** What was read or written in this block, by joined key. */
  readonly entries: Map<string, Entry>
}

/** What stood somewhere before an attempt changed it. */
interface Undo {
  readonly sheet: Sheet
  readonly id: string
  readonly before: Entry | undefined
}

/** A reader without rows: the state before the first block. */
export const emptyReader: RowReader = { readRow: () => undefined, scanRows: () => [] }

/** Memory grows with the rows that the block touches; a read or write costs one map access once the row was read. */
export function createOverlay(reader: RowReader): Overlay {
  const sheets = new Map<string, Sheet>()
  const opened = new Map<string, Rows<unknown, unknown>>()
  let journal: Undo[] | undefined

  function open<K, R>(table: Table<K, R>): Rows<K, R> {
    const known = opened.get(table.name)
    if (known !== undefined) return known as Rows<K, R>
    const sheet: Sheet = { table: table as Table, entries: new Map() }
    const rows = rowsOf(sheet)
    sheets.set(table.name, sheet)
    opened.set(table.name, rows)
    return rows as Rows<K, R>
  }

  function rowsOf(sheet: Sheet): Rows<unknown, unknown> {
    const { table, entries } = sheet
    const write = (key: readonly KeyPart[], row: AnyRow | undefined) => {
      const id = joinKey(key)
      journal?.push({ sheet, id, before: entries.get(id) })
      entries.set(id, { key, row, changed: true })
    }
    return {
      get: (key) => read(sheet, keyOf(table, key as AnyRow)),
      put: (row) => write(checkKey(table, keyOf(table, row as AnyRow)), row as AnyRow),
      delete: (key) => write(keyOf(table, key as AnyRow), undefined),
      scan: (prefix, options) => scan(sheet, prefix, options ?? {}),
    }
  }

  function read({ table, entries }: Sheet, key: readonly KeyPart[]): AnyRow | undefined {
    const id = joinKey(key)
    const known = entries.get(id)
    if (known !== undefined) return known.row
    const row = reader.readRow(table, key)
    entries.set(id, { key, row, changed: false })
    return row
  }

  /** The block's own rows over the committed ones. Cost grows with the rows changed in the table. */
  function scan({ table, entries }: Sheet, prefix: readonly KeyPart[], options: ScanOptions): Iterable<AnyRow> {
    const own = changedUnder(changedOf(entries), prefix, options)
    return own.length === 0 ? reader.scanRows(table, prefix, options) : mergeRows(reader, table, own, prefix, options)
  }

  function attempt(work: () => boolean): boolean {
    const outer = journal
    const own: Undo[] = []
    journal = own
    const kept = work()
    journal = outer
    if (kept) outer?.push(...own)
    else for (const { sheet, id, before } of own.reverse()) restore(sheet, id, before)
    return kept
  }

  function changes(): RowChange[] {
    const names = [...sheets.keys()].sort(compareText)
    return names.flatMap((name) => {
      const { table, entries } = sheets.get(name) as Sheet
      const changed = [...entries.values()].filter((entry) => entry.changed)
      return changed.sort((a, b) => compareKeys(a.key, b.key)).map(({ key, row }) => ({ table, key, row }))
    })
  }

  return { open, attempt, changes }
}

function restore({ entries }: Sheet, id: string, before: Entry | undefined): void {
  if (before === undefined) entries.delete(id)
  else entries.set(id, before)
}

function* changedOf(entries: ReadonlyMap<string, Entry>): Iterable<Entry> {
  for (const entry of entries.values()) if (entry.changed) yield entry
}

/** Texts in keys hold no NUL, so joined keys are as different as the keys. */
function joinKey(key: readonly KeyPart[]): string {
  const [first, second] = key
  if (key.length === 1) return String(first)
  return key.length === 2 ? `${first}\0${second}` : key.join('\0')
}

function checkKey(table: Table, key: readonly KeyPart[]): readonly KeyPart[] {
  for (const part of key) {
    const sound = typeof part === 'string' ? !part.includes('\0') : Number.isSafeInteger(part) && part >= 0
    assert(sound, `a key of ${table.name} holds texts without NUL or unsigned integers`)
  }
  return key
}
