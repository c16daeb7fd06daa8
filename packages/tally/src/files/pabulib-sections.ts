import { type DelimitedRow, readDelimited } from './delimited.ts'
import { MalformedFile, type Place, quote } from './malformed-file.ts'

/** A table of a Pabulib file: a row of names, then rows of values. */
export interface Section {
  /** Line of the word that begins the section. */
  readonly line: number
  readonly rows: readonly DelimitedRow[]
  /** The value in a column and where it stands; trimmed. `undefined` where the section has no such column. */
  readonly cell: (row: DelimitedRow, column: string) => Cell | undefined
}

export interface Cell {
  readonly text: string
  readonly place: Place
}

const SECTIONS = ['META', 'PROJECTS', 'VOTES'] as const
export type SectionName = (typeof SECTIONS)[number]

/**
 * The sections META, PROJECTS and VOTES, each once and in this order. Their names are looked for among records, not
 * lines: a quoted text may hold such a line. Records of separators only, which spreadsheets leave, are skipped.
 *
 * @throws MalformedFile `MISSING_HEADER`, `BAD_HEADER`, `BAD_LINE`, `UNCLOSED_QUOTE`
 */
export function splitSections(lines: readonly string[]): Readonly<Record<SectionName, Section>> {
  const rows = readDelimited(lines, ';', 0, lines.length).filter(({ fields }) =>
    fields.some((text) => text.trim() !== ''),
  )
  const [meta = 0, projects = 0, votes = 0] = SECTIONS.map((name) => findStart(rows, name, lines.length))
  const metaLine = rows[meta]?.line ?? 1
  if (!(meta < projects && projects < votes))
    throw new MalformedFile('BAD_HEADER', { line: metaLine, column: 1 }, 'expected META, PROJECTS, VOTES in this order')
  checkBefore(rows, lines)
  return {
    META: readSection(rows.slice(meta, projects), 'META'),
    PROJECTS: readSection(rows.slice(projects, votes), 'PROJECTS'),
    VOTES: readSection(rows.slice(votes), 'VOTES'),
  }
}

function findStart(rows: readonly DelimitedRow[], name: SectionName, lines: number): number {
  const start = rows.findIndex((row) => isStart(row, name))
  if (start === -1)
    throw new MalformedFile('MISSING_HEADER', { line: Math.max(1, lines), column: 1 }, `there is no section ${name}`)
  return start
}

function isStart({ fields: [first = '', ...rest] }: DelimitedRow, name: SectionName): boolean {
  return first.trim().toUpperCase() === name && rest.every((text) => text.trim() === '')
}

function checkBefore([first]: readonly DelimitedRow[], lines: readonly string[]): void {
  if (first === undefined || isStart(first, 'META')) return
  const found = quote(lines[first.line - 1] ?? '')
  throw new MalformedFile('BAD_LINE', { line: first.line, column: 1 }, `expected META, found ${found}`)
}

function readSection([start, header, ...rows]: readonly DelimitedRow[], name: SectionName): Section {
  const line = start?.line ?? 1
  if (header === undefined)
    throw new MalformedFile('MISSING_HEADER', { line, column: 1 }, `${name} has no row of column names`)
  const indexes = new Map<string, number>()
  for (const [index, field] of header.fields.entries()) {
    const column = field.trim().toLowerCase()
    if (column === '') continue
    if (indexes.has(column))
      throw new MalformedFile('BAD_HEADER', placeOf(header, index), `the column ${quote(column)} is there twice`)
    indexes.set(column, index)
  }
  for (const row of rows) checkWidth(row, header)
  return { line, rows, cell: (row, column) => cellOf(row, indexes.get(column)) }
}

/** Trailing fields may be left out, as spreadsheets do; more fields than columns are a separator gone wrong. */
function checkWidth(row: DelimitedRow, header: DelimitedRow): void {
  const extra = row.fields.findIndex((field, index) => index >= header.fields.length && field.trim() !== '')
  if (extra !== -1)
    throw new MalformedFile(
      'BAD_LINE',
      placeOf(row, extra),
      `${row.fields.length} fields, expected at most ${header.fields.length}`,
    )
}

function placeOf(row: DelimitedRow, index: number): Place {
  return { line: row.line, column: row.columns[index] ?? 1 }
}

function cellOf(row: DelimitedRow, index: number | undefined): Cell | undefined {
  return index === undefined ? undefined : { text: (row.fields[index] ?? '').trim(), place: placeOf(row, index) }
}
