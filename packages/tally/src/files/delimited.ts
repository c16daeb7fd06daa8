import { MalformedFile } from './malformed-file.ts'

/** A record of a delimited file: its fields and the column where each begins. */
export interface DelimitedRow {
  readonly line: number
  readonly fields: readonly string[]
  readonly columns: readonly number[]
}

interface Cursor {
  readonly lines: readonly string[]
  index: number
  at: number
}

/**
 * Records of CSV lines from `from` to before `to`, without empty lines. A field that begins with `"` is quoted: it may
 * hold separators, line breaks and `""`; what follows its closing quote is taken as it is, as most readers do.
 *
 * @throws MalformedFile `UNCLOSED_QUOTE`, at the quote
 * @see RFC 4180
 */
export function readDelimited(lines: readonly string[], separator: string, from: number, to: number): DelimitedRow[] {
  const rows: DelimitedRow[] = []
  const cursor: Cursor = { lines: lines.slice(0, to), index: from, at: 0 }
  while (cursor.index < to) {
    if (lines[cursor.index]?.trim() !== '') rows.push(readRow(cursor, separator))
    cursor.index++
    cursor.at = 0
  }
  return rows
}

function readRow(cursor: Cursor, separator: string): DelimitedRow {
  const line = cursor.index + 1
  const fields: string[] = []
  const columns: number[] = []
  for (;;) {
    columns.push(cursor.at + 1)
    fields.push(readField(cursor, separator))
    if (cursor.at >= current(cursor).length) return { line, fields, columns }
    cursor.at++
  }
}

function current(cursor: Cursor): string {
  return cursor.lines[cursor.index] ?? ''
}

/** Leaves the cursor at a separator or past the line. */
function readField(cursor: Cursor, separator: string): string {
  const quoted = current(cursor)[cursor.at] === '"' ? readQuoted(cursor) : ''
  const text = current(cursor)
  const found = text.indexOf(separator, cursor.at)
  const end = found === -1 ? text.length : found
  const plain = text.slice(cursor.at, end)
  // A separator at the very end opens one more, empty field.
  cursor.at = end
  return quoted + plain
}

function readQuoted(cursor: Cursor): string {
  const start = { line: cursor.index + 1, column: cursor.at + 1 }
  const parts: string[] = []
  cursor.at++
  for (;;) {
    const text = current(cursor)
    const end = text.indexOf('"', cursor.at)
    if (end !== -1) {
      parts.push(text.slice(cursor.at, end))
      cursor.at = end + 1
      if (text[cursor.at] !== '"') return parts.join('')
      parts.push('"')
      cursor.at++
    } else {
      parts.push(text.slice(cursor.at), '\n')
      if (++cursor.index >= cursor.lines.length)
        throw new MalformedFile('UNCLOSED_QUOTE', start, 'a quoted field does not end')
      cursor.at = 0
    }
  }
}

/** One line; a field is quoted where a plain one would be read as something else. */
export function writeDelimited(fields: readonly string[], separator: string): string {
  return fields.map((field) => writeField(field, separator)).join(separator)
}

function writeField(field: string, separator: string): string {
  const plain = field.trim() === field && !field.includes('"') && !field.includes(separator) && !field.includes('\n')
  return plain ? field : `"${field.replaceAll('"', '""')}"`
}
