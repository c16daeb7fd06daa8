import { type CsvLayout, isReservedHeading, readLayout } from './ballot-csv-columns.ts'
import { type DelimitedRow, readDelimited, writeDelimited } from './delimited.ts'
import { MalformedFile, type Place, quote, UnwritableProfile } from './malformed-file.ts'
import { checkHowMany, checkNames, checkWritable, sortNames } from './names.ts'
import { completeOrder, type RankedProfile, type TableProfile } from './profile.ts'
import { addWhole, parseName, parseWhole } from './values.ts'

/** A rank or a score. */
const MAX_CELL = 1_000_000

/**
 * A CSV of ballots, in one of three forms that the first row tells apart; fields are separated by commas, semicolons or
 * tabs, whichever comes first in that row.
 *
 * - a table: headings are the options, a cell is a rank (1 is best, empty is unranked) or a score, as the method wants
 * - orders: a column `ballot` (or `vote`, `ranking`, `choice`) of `Ann>Ben=Cem`; the heading may be left out
 * - ranks: columns `rank1`, `rank2`, … (or `1st choice`, …) of names; `Ann=Ben` is a tie, an empty cell a skipped rank
 *
 * Each may have a column `count` of equal ballots, and `voter`, `voter_id`, `ballot_id`, `id`, `timestamp`, which are
 * skipped. Where names stand only on ballots, the options are those named, in byte order.
 *
 * @throws MalformedFile
 */
export function readCsv(lines: readonly string[]): RankedProfile | TableProfile {
  const heading = lines.find((line) => line.trim() !== '')
  if (heading === undefined) throw new MalformedFile('MISSING_HEADER', { line: 1, column: 1 }, 'the file is empty')
  const [separator = ','] = /[,;\t]/.exec(heading) ?? []
  const rows = readDelimited(lines, separator, 0, lines.length)
  const first = rows[0] as DelimitedRow
  const layout = readLayout(first)
  const body = layout.form === 'orders' && !layout.header ? rows : rows.slice(1)
  for (const row of body) checkWidth(row, first)
  checkSum(body, layout)
  return layout.form === 'table' ? readTable(first, body, layout) : readNamed(body, layout)
}

function placeOf(row: DelimitedRow, index: number): Place {
  return { line: row.line, column: row.columns[index] ?? 1 }
}

function checkWidth(row: DelimitedRow, first: DelimitedRow): void {
  if (row.fields.length > first.fields.length)
    throw new MalformedFile(
      'BAD_LINE',
      placeOf(row, first.fields.length),
      `${row.fields.length} fields, expected ${first.fields.length}`,
    )
}

function countOf(row: DelimitedRow, { count }: CsvLayout): number {
  return count === undefined
    ? 1
    : parseWhole((row.fields[count] ?? '').trim(), 'the count of a ballot', placeOf(row, count), 1)
}

function checkSum(rows: readonly DelimitedRow[], layout: CsvLayout): void {
  let sum = 0
  for (const row of rows) sum = addWhole(sum, countOf(row, layout), 'the counts of the ballots', placeOf(row, 0))
}

function readTable(
  first: DelimitedRow,
  rows: readonly DelimitedRow[],
  layout: CsvLayout & { form: 'table' },
): TableProfile {
  const { options } = layout
  checkHowMany(options.length, { line: first.line, column: 1 })
  const headingAt = (option: number) => placeOf(first, options[option] ?? 0)
  const candidates = options.map((index, option) =>
    parseName(first.fields[index] ?? '', 'the name of an option', headingAt(option)),
  )
  checkNames(candidates, headingAt)
  const ballots = rows.map((row) => ({
    count: countOf(row, layout),
    cells: options.map((index) => readCell((row.fields[index] ?? '').trim(), placeOf(row, index))),
  }))
  return { kind: 'table', candidates, ballots }
}

function readCell(text: string, place: Place): number | undefined {
  return text === '' ? undefined : parseWhole(text, 'a rank or score', place, 0, MAX_CELL)
}

interface NamedBallot {
  readonly count: number
  readonly order: readonly (readonly string[])[]
}

function readNamed(rows: readonly DelimitedRow[], layout: Exclude<CsvLayout, { form: 'table' }>): RankedProfile {
  const named = rows.map((row): NamedBallot => ({ count: countOf(row, layout), order: readOrder(row, layout) }))
  const candidates = sortNames(new Set(named.flatMap(({ order }) => order.flat())))
  const end = { line: rows.at(-1)?.line ?? 1, column: 1 }
  if (candidates.length === 0) throw new MalformedFile('MISSING_HEADER', end, 'no ballot names an option')
  checkHowMany(candidates.length, end)
  const indexes = new Map(candidates.map((name, index) => [name, index]))
  const ballots = named.map(({ count, order }) => ({
    count,
    order: order.map((group) => group.map((name) => indexes.get(name) ?? 0)),
  }))
  return { kind: 'ranked', title: '', candidates, seats: 1, ballots }
}

function readOrder(row: DelimitedRow, layout: Exclude<CsvLayout, { form: 'table' }>): string[][] {
  const columns = layout.form === 'orders' ? [layout.ballot] : layout.ranks
  const seen = new Set<string>()
  return columns.flatMap((index) => {
    const text = (row.fields[index] ?? '').trim()
    if (text === '') return []
    const place = placeOf(row, index)
    if (layout.form === 'ranks') return [readTie(text, seen, place)]
    return text.split('>').map((group) => readTie(group, seen, place))
  })
}

function readTie(text: string, seen: Set<string>, place: Place): string[] {
  return text.split('=').map((part) => {
    const name = parseName(part, 'a name on a ballot', place)
    if (seen.has(name))
      throw new MalformedFile('DUPLICATE_ALTERNATIVE', place, `${quote(name)} is named twice on one ballot`)
    seen.add(name)
    return name
  })
}

/**
 * The profile as a table with a column `count`, cells being ranks (or what they were, if it was a table).
 *
 * @throws UnwritableProfile for a name that would not be read back as an option
 */
export function writeCsv(profile: RankedProfile | TableProfile): string {
  const { candidates } = profile
  for (const name of candidates)
    if (isReservedHeading(checkWritable(name))) throw new UnwritableProfile(`${quote(name)} is the name of a column`)
  const rows = profile.ballots.map((ballot) => [
    ballot.count,
    ...('cells' in ballot ? ballot.cells : ranksOf(ballot.order, candidates.length)),
  ])
  const table = [['count', ...candidates], ...rows.map((row) => row.map((cell) => String(cell ?? '')))]
  return [...table.map((row) => writeDelimited(row, ',')), ''].join('\n')
}

/** The rank of each candidate: the last group of a complete order is left unranked, which says the same. */
function ranksOf(order: readonly (readonly number[])[], candidates: number): (number | undefined)[] {
  const complete = completeOrder(order, candidates)
  const ranked = (complete.at(-1)?.length ?? 0) > 1 ? complete.slice(0, -1) : complete
  const ranks: (number | undefined)[] = new Array(candidates).fill(undefined)
  for (const [index, group] of ranked.entries()) for (const option of group) ranks[option] = index + 1
  return ranks
}
