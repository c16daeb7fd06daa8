import { MalformedFile, quote, UnwritableProfile } from './malformed-file.ts'
import { checkWritable } from './names.ts'
import { createOrderReader, writeOrder } from './order-text.ts'
import { type PrefLibHeader, type PrefLibType, readHeader, readOldHeader } from './preflib-header.ts'
import { completeOrder, type RankedBallots, type RankedProfile } from './profile.ts'
import { addWhole, parseWhole } from './values.ts'

/**
 * A PrefLib file of orders, with the header of today (`# KEY: value`) or the one before 2022.
 *
 * @param extension - what the orders must be; `# DATA TYPE` in the header prevails
 * @throws MalformedFile
 * @see https://www.preflib.org/format
 */
export function readPrefLib(lines: readonly string[], extension: PrefLibType): RankedProfile {
  const modern = !/^\s*\d+\s*$/.test(lines[0] ?? '')
  const header = modern ? readHeader(lines, extension) : readOldHeader(lines, extension)
  const separator = modern ? ':' : ','
  const ballots = readBallots(lines, header, separator)
  checkTotals(header, ballots, lines.length)
  return { kind: 'ranked', title: header.title, candidates: header.candidates, seats: 1, ballots }
}

function readBallots(lines: readonly string[], header: PrefLibHeader, separator: string): RankedBallots[] {
  const reader = createOrderReader(header.candidates.length)
  const ballots: RankedBallots[] = []
  for (let i = header.length; i < lines.length; i++) {
    const text = lines[i] ?? ''
    if (text.trim() === '' || text.startsWith('#')) continue
    const found = text.indexOf(separator)
    // The old form has no comma after the count of a ballot that ranks nobody.
    const colon = found === -1 && separator === ',' ? text.length : found
    const place = { line: i + 1, column: 1 }
    if (colon === -1) throw new MalformedFile('BAD_LINE', place, `expected "count: order", found ${quote(text)}`)
    const count = parseWhole(text.slice(0, colon).trim(), 'the count of a ballot', place, 1)
    const order = reader.read(text, i + 1, Math.min(colon + 1, text.length))
    checkOrder(order, header, i + 1)
    ballots.push({ count, order })
  }
  return ballots
}

function checkOrder(order: readonly (readonly number[])[], { type, candidates }: PrefLibHeader, line: number): void {
  const place = { line, column: 1 }
  let ranked = 0
  for (const group of order) {
    ranked += group.length
    if (group.length > 1 && type.startsWith('s'))
      throw new MalformedFile('NOT_STRICT', place, `a tie on a ballot; the orders of a .${type} are strict`)
  }
  if (ranked < candidates.length && type.endsWith('c'))
    throw new MalformedFile(
      'NOT_COMPLETE',
      place,
      `${ranked} of ${candidates.length} alternatives; the orders of a .${type} are complete`,
    )
}

function checkTotals(header: PrefLibHeader, ballots: readonly RankedBallots[], end: number): void {
  const place = { line: end, column: 1 }
  let voters = 0
  for (const { count } of ballots) voters = addWhole(voters, count, 'the counts of the ballots', place)
  if (voters !== header.voters)
    throw new MalformedFile('WRONG_COUNT', place, `${voters} ballots, but the header says ${header.voters} voters`)
  if (header.uniqueOrders !== undefined && header.uniqueOrders !== ballots.length)
    throw new MalformedFile(
      'WRONG_COUNT',
      place,
      `${ballots.length} lines of ballots, but the header says ${header.uniqueOrders} unique orders`,
    )
}

/**
 * Strict and complete orders. @throws UnwritableProfile for ties, and where more than one alternative is unranked
 */
export function writeSoc(profile: RankedProfile): string {
  return writePrefLib(profile, 'soc')
}

/** Strict orders, perhaps incomplete; a last group of several is left out, which says the same. @throws UnwritableProfile */
export function writeSoi(profile: RankedProfile): string {
  return writePrefLib(profile, 'soi')
}

/** Complete orders with ties: the unranked are written as a last group, which says the same. @throws UnwritableProfile */
export function writeToc(profile: RankedProfile): string {
  return writePrefLib(profile, 'toc')
}

/** Orders as they are. @throws UnwritableProfile for a name or title that a line cannot hold */
export function writeToi(profile: RankedProfile): string {
  return writePrefLib(profile, 'toi')
}

function writePrefLib(profile: RankedProfile, type: PrefLibType): string {
  const { candidates, ballots, title } = profile
  const lines = ballots.map(({ count, order }) => `${count}: ${writeOrder(orderFor(order, candidates.length, type))}`)
  const header = [
    `TITLE: ${title === '' ? '' : checkWritable(title)}`,
    `DATA TYPE: ${type}`,
    `NUMBER ALTERNATIVES: ${candidates.length}`,
    `NUMBER VOTERS: ${ballots.reduce((sum, { count }) => sum + count, 0)}`,
    `NUMBER UNIQUE ORDERS: ${ballots.length}`,
    ...candidates.map((name, index) => `ALTERNATIVE NAME ${index + 1}: ${checkWritable(name)}`),
  ]
  return [...header.map((line) => `# ${line}`.trimEnd()), ...lines.map((line) => line.trimEnd()), ''].join('\n')
}

function orderFor(order: readonly (readonly number[])[], candidates: number, type: PrefLibType) {
  const complete = completeOrder(order, candidates)
  const last = complete.at(-1) ?? []
  if (type === 'toi') return order
  if (type === 'toc') return complete
  const strict = type === 'soi' && last.length > 1 ? complete.slice(0, -1) : complete
  if (strict.some((group) => group.length > 1))
    throw new UnwritableProfile(`a ballot with a tie has no place in a .${type}; .toc and .toi have ties`)
  return strict
}
