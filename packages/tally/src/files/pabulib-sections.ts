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
 * The sections META, PROJECTS and VOTES, each once and in this order.
 *
 * @throws MalformedFile `MISSING_HEADER`, `BAD_HEADER`, `BAD_LINE`, `UNCLOSED_QUOTE`
 */
export function splitSections(lines: readonly string[]): Readonly<Record<SectionName, Section>> {
  const starts = SECTIONS.map((name) => findStart(lines, name))
  const [meta = 0, projects = 0, votes = 0] = starts
  if (!(meta < projects && projects < votes))
    throw new MalformedFile('BAD_HEADER', { line: meta + 1, column: 1 }, 'expected META, PROJECTS, VOTES in this order')
  checkBefore(lines, meta)
  return {
    META: readSection(lines, meta, projects),
    PROJECTS: readSection(lines, projects, votes),
    VOTES: readSection(lines, votes, lines.length),
  }
}

function findStart(lines: readonly string[], name: SectionName): number {
  const start = lines.findIndex((line) => line.trim().toUpperCase() === name)
  if (start === -1)
    throw new MalformedFile(
      'MISSING_HEADER',
      { line: Math.max(1, lines.length), column: 1 },
      `there is no section ${name}`,
    )
  return start
}

function checkBefore(lines: readonly string[], meta: number): void {
  const before = lines.findIndex((line) => line.trim() !== '')
  if (before !== meta)
    throw new MalformedFile(
      'BAD_LINE',
      { line: before + 1, column: 1 },
      `expected META, found ${quote(lines[before] ?? '')}`,
    )
}

function readSection(lines: readonly string[], start: number, end: number): Section {
  const [header, ...rows] = readDelimited(lines, ';', start + 1, end)
  if (header === undefined)
    throw new MalformedFile(
      'MISSING_HEADER',
      { line: start + 1, column: 1 },
      `${lines[start]} has no row of column names`,
    )
  const indexes = new Map<string, number>()
  for (const [index, field] of header.fields.entries()) {
    const column = field.trim().toLowerCase()
    if (indexes.has(column))
      throw new MalformedFile('BAD_HEADER', placeOf(header, index), `the column ${quote(column)} is there twice`)
    indexes.set(column, index)
  }
  for (const row of rows) checkWidth(row, header)
  return { line: start + 1, rows, cell: (row, column) => cellOf(row, indexes.get(column)) }
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
