import type { DelimitedRow } from './delimited.ts'
import { MalformedFile, quote } from './malformed-file.ts'

/** What a CSV of ballots holds, by its first row. Columns by index; `count` is absent where each row is one ballot. */
export type CsvLayout =
  | { readonly form: 'table'; readonly count: number | undefined; readonly options: readonly number[] }
  | { readonly form: 'orders'; readonly count: number | undefined; readonly ballot: number; readonly header: boolean }
  | { readonly form: 'ranks'; readonly count: number | undefined; readonly ranks: readonly number[] }

/** Columns about a ballot that are no vote. */
const ABOUT = ['voter', 'voter_id', 'ballot_id', 'id', 'timestamp']
const BALLOT = ['ballot', 'vote', 'ranking', 'choice']
const RANK = /^(?:(?:rank|choice|preference)[ _-]?(\d{1,4})|(\d{1,4})(?:st|nd|rd|th)(?:[ _-](?:choice|preference))?)$/

/** A heading that would not be read as the name of an option. */
export function isReservedHeading(heading: string): boolean {
  const word = heading.trim().toLowerCase()
  return word === 'count' || ABOUT.includes(word) || BALLOT.includes(word) || RANK.test(word)
}

/** @throws MalformedFile `BAD_HEADER` where columns contradict each other */
export function readLayout(first: DelimitedRow): CsvLayout {
  if (first.fields.length === 1 && /[>=]/.test(first.fields[0] ?? ''))
    return { form: 'orders', count: undefined, ballot: 0, header: false }
  const headings = first.fields.map((field) => field.trim().toLowerCase())
  const counts = indexesOf(headings, (heading) => heading === 'count')
  if (counts.length > 1) throw wrong(first, counts[1] ?? 0, 'a second column count')
  const count = counts[0]
  const votes = indexesOf(headings, (heading) => heading !== 'count' && !ABOUT.includes(heading))
  if (votes.length === 0) throw wrong(first, 0, 'no column of votes')
  const [ballot = 0] = votes
  if (votes.length === 1 && BALLOT.includes(headings[ballot] ?? ''))
    return { form: 'orders', count, ballot, header: true }
  if (votes.every((index) => RANK.test(headings[index] ?? ''))) return readRanks(first, headings, votes, count)
  return { form: 'table', count, options: votes }
}

function readRanks(first: DelimitedRow, headings: string[], votes: number[], count: number | undefined): CsvLayout {
  for (const [position, index] of votes.entries()) {
    const [, before, after] = RANK.exec(headings[index] ?? '') ?? []
    if (Number(before ?? after) !== position + 1)
      throw wrong(first, index, `${quote(headings[index] ?? '')}; expected rank ${position + 1}`)
  }
  return { form: 'ranks', count, ranks: votes }
}

function indexesOf(headings: readonly string[], is: (heading: string) => boolean): number[] {
  return headings.flatMap((heading, index) => (is(heading) ? [index] : []))
}

function wrong(row: DelimitedRow, index: number, message: string): MalformedFile {
  return new MalformedFile('BAD_HEADER', { line: row.line, column: row.columns[index] ?? 1 }, message)
}
