import { MalformedFile, type Place, quote } from './malformed-file.ts'
import type { Cell, Section } from './pabulib-sections.ts'
import type { BudgetBallot, BudgetProject, VoteType } from './profile.ts'
import { parseName, parseWhole } from './values.ts'

/** Points that one voter may give one project, so that sums stay exact. */
const MAX_POINTS = 1_000

interface VoteReader {
  readonly section: Section
  readonly voteType: VoteType
  readonly indexes: ReadonlyMap<string, number>
}

/**
 * The section VOTES. An empty vote is a voter who approved nothing, and counts as a ballot.
 *
 * @throws MalformedFile `DUPLICATE_VOTER`, `UNKNOWN_ALTERNATIVE`, `DUPLICATE_ALTERNATIVE`, `WRONG_COUNT`, `BAD_NUMBER`
 */
export function readVotes(section: Section, voteType: VoteType, projects: readonly BudgetProject[]): BudgetBallot[] {
  const indexes = new Map(projects.map(({ id }, index) => [id, index]))
  const reader: VoteReader = { section, voteType, indexes }
  const lineOf = new Map<string, number>()
  return section.rows.map((row) => {
    const voter = needCell(section, row, 'voter_id')
    const before = lineOf.get(voter.text)
    if (before !== undefined)
      throw new MalformedFile('DUPLICATE_VOTER', voter.place, `${quote(voter.text)} voted in line ${before} already`)
    lineOf.set(voter.text, row.line)
    return readVote(reader, row, parseName(voter.text, 'a voter_id', voter.place))
  })
}

function needCell(section: Section, row: Section['rows'][number], column: string): Cell {
  const cell = section.cell(row, column)
  if (cell !== undefined) return cell
  throw new MalformedFile('MISSING_HEADER', { line: section.line, column: 1 }, `VOTES has no column ${column}`)
}

function readVote(reader: VoteReader, row: Section['rows'][number], voter: string): BudgetBallot {
  const { section, voteType, indexes } = reader
  const vote = needCell(section, row, 'vote')
  const projects = splitList(vote.text).map((id) => readProject(id, indexes, vote.place))
  if (new Set(projects).size !== projects.length)
    throw new MalformedFile('DUPLICATE_ALTERNATIVE', vote.place, `a project is named twice in ${quote(vote.text)}`)
  if (voteType === 'choose-1' && projects.length > 1)
    throw new MalformedFile('WRONG_COUNT', vote.place, `${projects.length} projects, but vote_type is choose-1`)
  const scored = voteType === 'cumulative' || voteType === 'scoring'
  return { voter, projects, points: scored ? readPoints(needCell(section, row, 'points'), projects.length) : [] }
}

function splitList(text: string): string[] {
  return text === '' ? [] : text.split(',').map((part) => part.trim())
}

function readProject(id: string, indexes: ReadonlyMap<string, number>, place: Place): number {
  const index = indexes.get(id)
  if (index !== undefined) return index
  throw new MalformedFile('UNKNOWN_ALTERNATIVE', place, `there is no project ${quote(id)}`)
}

function readPoints({ text, place }: Cell, projects: number): number[] {
  const points = splitList(text).map((part) =>
    // Some files write whole points as `3.0`.
    parseWhole(part.replace(/\.0+$/, ''), 'the points of a project', place, 0, MAX_POINTS),
  )
  if (points.length !== projects)
    throw new MalformedFile('WRONG_COUNT', place, `${points.length} points for ${projects} projects`)
  return points
}
