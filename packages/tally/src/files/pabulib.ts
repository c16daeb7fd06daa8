import { writeDelimited } from './delimited.ts'
import { MalformedFile, type Place, quote } from './malformed-file.ts'
import { checkHowMany, checkNames, checkWritable } from './names.ts'
import { type Cell, type Section, splitSections } from './pabulib-sections.ts'
import { readVotes } from './pabulib-votes.ts'
import type { BudgetBallot, BudgetProfile, BudgetProject, VoteType } from './profile.ts'
import { type Decimal, fromMinor, parseDecimal, parseName, parseWhole, toMinor } from './values.ts'

type Meta = ReadonlyMap<string, Cell>

/**
 * A participatory budget in the format of Pabulib. Costs and budget are exact: the finest decimals of the file become its
 * unit. Columns and keys that counting does not need are not checked.
 *
 * @throws MalformedFile
 * @see https://pabulib.org/format, "Participatory Budgeting: Data, Tools, and Analysis" (IJCAI 2023)
 */
export function readPabulib(lines: readonly string[]): BudgetProfile {
  const sections = splitSections(lines)
  const meta = readMeta(sections.META)
  const place = { line: sections.META.line, column: 1 }
  const { projects, decimals, budget } = readProjects(sections.PROJECTS, need(meta, 'budget', place))
  checkCount(need(meta, 'num_projects', place), projects.length, 'projects')
  const voteType = readVoteType(need(meta, 'vote_type', place))
  checkScoring(meta, voteType)
  const ballots = readVotes(sections.VOTES, voteType, projects)
  checkCount(need(meta, 'num_votes', place), ballots.length, 'votes')
  const pairs = [...meta].map(([key, { text }]) => [key, text] as const)
  return { kind: 'budget', meta: pairs, voteType, decimals, budget, projects, ballots }
}

function readMeta(section: Section): Meta {
  const meta = new Map<string, Cell>()
  for (const row of section.rows) {
    const key = section.cell(row, 'key')
    const value = section.cell(row, 'value')
    if (key === undefined || value === undefined)
      throw new MalformedFile(
        'MISSING_HEADER',
        { line: section.line, column: 1 },
        'META needs the columns key and value',
      )
    if (meta.has(key.text)) throw new MalformedFile('BAD_HEADER', key.place, `${quote(key.text)} is in META twice`)
    meta.set(key.text, value)
  }
  return meta
}

function need(meta: Meta, key: string, place: Place): Cell {
  const cell = meta.get(key)
  if (cell !== undefined && cell.text !== '') return cell
  throw new MalformedFile('MISSING_HEADER', cell?.place ?? place, `META has no ${key}`)
}

function checkCount({ text, place }: Cell, found: number, what: string): void {
  const said = parseWhole(text, `the number of ${what}`, place)
  if (said !== found) throw new MalformedFile('WRONG_COUNT', place, `META says ${said} ${what}, the file has ${found}`)
}

function readVoteType({ text, place }: Cell): VoteType {
  const type = text.toLowerCase()
  if (type === 'approval' || type === 'choose-1' || type === 'cumulative' || type === 'scoring' || type === 'ordinal')
    return type
  const known = 'approval, choose-1, cumulative, scoring and ordinal'
  throw new MalformedFile('UNSUPPORTED', place, `vote_type is ${quote(text)}; ${known} can be counted`)
}

/** Rules of scoring that would make another outcome of the same votes. */
function checkScoring(meta: Meta, voteType: VoteType): void {
  const given = meta.get('default_score')
  if (voteType === 'scoring' && given !== undefined && !/^0*(\.0*)?$/.test(given.text))
    throw new MalformedFile('UNSUPPORTED', given.place, `default_score is ${quote(given.text)}; only 0 can be counted`)
  const scoring = meta.get('scoring_fn')
  if (voteType === 'ordinal' && scoring !== undefined && !/^(borda)?$/i.test(scoring.text))
    throw new MalformedFile(
      'UNSUPPORTED',
      scoring.place,
      `scoring_fn is ${quote(scoring.text)}; only Borda can be counted`,
    )
}

/** Costs and budget in one unit: the finest that any of them is written in. */
function readProjects(section: Section, budgetCell: Cell) {
  checkHowMany(section.rows.length, { line: section.line, column: 1 })
  const ids = section.rows.map((row) => needCell(section, row, 'project_id'))
  const names = ids.map(({ text, place }) => parseName(text, 'a project_id', place))
  checkNames(names, (index) => ids[index]?.place ?? { line: section.line, column: 1 })
  checkSeparable(ids)
  const costs = section.rows.map((row) => readAmount(needCell(section, row, 'cost'), 'the cost'))
  const total = readAmount(budgetCell, 'the budget')
  const decimals = [total, ...costs].reduce((most, { value }) => Math.max(most, value.decimals), 0)
  const projects = section.rows.map((row, index): BudgetProject => {
    const selected = section.cell(row, 'selected')?.text
    return {
      id: names[index] ?? '',
      name: section.cell(row, 'name')?.text ?? '',
      cost: amountIn(costs[index] ?? total, decimals, 'the cost'),
      selected: selected === '1' ? true : selected === '0' ? false : undefined,
    }
  })
  return { projects, decimals, budget: amountIn(total, decimals, 'the budget') }
}

/** Votes join ids by commas. */
function checkSeparable(ids: readonly Cell[]): void {
  for (const { text, place } of ids)
    if (text.includes(',')) throw new MalformedFile('BAD_NAME', place, `the project_id ${quote(text)} holds a comma`)
}

function needCell(section: Section, row: Section['rows'][number], column: string): Cell {
  const cell = section.cell(row, column)
  if (cell !== undefined) return cell
  throw new MalformedFile('MISSING_HEADER', { line: section.line, column: 1 }, `PROJECTS has no column ${column}`)
}

interface Amount {
  readonly value: Decimal
  readonly place: Place
}

function readAmount({ text, place }: Cell, what: string): Amount {
  return { value: parseDecimal(text, what, place), place }
}

function amountIn({ value, place }: Amount, decimals: number, what: string): number {
  const minor = toMinor(value, decimals, what, place)
  if (minor > 0) return minor
  throw new MalformedFile('BAD_NUMBER', place, `${what} is 0; expected more than 0`)
}

/**
 * The profile as a Pabulib file; META keeps its keys, with counts, budget and type of vote as they now are.
 *
 * @throws UnwritableProfile for an id, a name or a value that would not be read back
 */
export function writePabulib(profile: BudgetProfile): string {
  const { projects, ballots, decimals } = profile
  const published = projects.some(({ selected }) => selected !== undefined)
  const scored = profile.voteType === 'cumulative' || profile.voteType === 'scoring'
  const rows = [
    ['META'],
    ['key', 'value'],
    ...currentMeta(profile).map(([key, value]) => [checkWritable(key), value === '' ? '' : checkWritable(value)]),
    ['PROJECTS'],
    ['project_id', 'cost', 'name', ...(published ? ['selected'] : [])],
    ...projects.map((project) => projectRow(project, decimals, published)),
    ['VOTES'],
    ['voter_id', 'vote', ...(scored ? ['points'] : [])],
    ...ballots.map((ballot) => voteRow(ballot, projects, scored)),
  ]
  return [...rows.map((row) => writeDelimited(row, ';')), ''].join('\n')
}

function currentMeta({ meta, projects, ballots, decimals, budget, voteType }: BudgetProfile) {
  const current = new Map(meta)
  current.set('num_projects', String(projects.length))
  current.set('num_votes', String(ballots.length))
  current.set('budget', String(fromMinor(budget, decimals)))
  current.set('vote_type', voteType)
  return [...current]
}

function projectRow({ id, name, cost, selected }: BudgetProject, decimals: number, published: boolean): string[] {
  const outcome = published ? [selected === undefined ? '' : selected ? '1' : '0'] : []
  return [checkWritable(id), String(fromMinor(cost, decimals)), name === '' ? '' : checkWritable(name), ...outcome]
}

function voteRow({ voter, projects, points }: BudgetBallot, all: readonly BudgetProject[], scored: boolean): string[] {
  const vote = projects.map((option) => all[option]?.id ?? '').join(',')
  return [checkWritable(voter), vote, ...(scored ? [points.join(',')] : [])]
}
