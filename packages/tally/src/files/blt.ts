import { MalformedFile, type Place, quote, UnwritableProfile } from './malformed-file.ts'
import { checkHowMany, checkNames, checkWritable } from './names.ts'
import type { RankedBallots, RankedProfile } from './profile.ts'
import { parseName, parseWhole } from './values.ts'

interface Token extends Place {
  readonly text: string
}

interface Tokens {
  readonly lines: readonly string[]
  readonly numbers: readonly Token[]
  /** Where the names begin. */
  readonly names: Place
}

/**
 * A BLT file, as OpaVote, OpenSTV and OpenTally write them: `candidates seats`, withdrawn candidates as negative numbers,
 * ballots `weight first second=tied … 0`, a lone `0`, then names and title in quotes. `#` begins a comment, `(…)` an id of
 * a ballot, `-` is a skipped rank. Withdrawn candidates leave the profile, and every ballot that named them.
 *
 * @throws MalformedFile, `UNSUPPORTED` for weights that are not whole numbers
 * @see Hill, Wichmann, Woodall: Algorithm 123 (1987), section 3.1
 */
export function readBlt(lines: readonly string[]): RankedProfile {
  const tokens = splitTokens(lines)
  const [size, seatsToken] = tokens.numbers
  if (size === undefined || seatsToken === undefined)
    throw new MalformedFile('MISSING_HEADER', { line: 1, column: 1 }, 'expected the numbers of candidates and of seats')
  const candidates = parseWhole(size.text, 'the number of candidates', size, 1)
  checkHowMany(candidates, size)
  const withdrawn = readWithdrawn(tokens.numbers.slice(2), candidates)
  const ballots = readBallots(tokens, 2 + withdrawn.tokens, candidates)
  const { names, title } = readNames(tokens, candidates)
  const seats = parseWhole(seatsToken.text, 'the number of seats', seatsToken, 1)
  const profile: RankedProfile = { kind: 'ranked', title, candidates: names, seats, ballots }
  if (withdrawn.options.size === candidates) throw new MalformedFile('BAD_HEADER', size, 'every candidate is withdrawn')
  return withdrawn.options.size === 0 ? profile : withdraw(profile, withdrawn.options)
}

/** The numbers end where a line begins with a quote, or after the lone `0`. */
function splitTokens(lines: readonly string[]): Tokens {
  const numbers: Token[] = []
  let ended = true
  for (const [index, line] of lines.entries()) {
    for (const match of line.matchAll(/#.*|\([^()]*\)|\(|[^\s#(]+/gs)) {
      const [text] = match
      const place = { line: index + 1, column: match.index + 1 }
      if (text.startsWith('#')) continue
      if (text.startsWith('"') || (numbers.length >= 2 && ended && text === '0')) {
        const skip = text === '0' ? 1 : 0
        if (skip === 1) numbers.push({ ...place, text })
        return { lines, numbers, names: { line: place.line, column: place.column + skip } }
      }
      if (text.endsWith(')') && text.startsWith('(')) continue
      numbers.push({ ...place, text })
      ended = text === '0' || numbers.length <= 2 || (ended && /^-\d/.test(text))
    }
  }
  return { lines, numbers, names: { line: lines.length + 1, column: 1 } }
}

function readWithdrawn(tokens: readonly Token[], candidates: number) {
  const options = new Set<number>()
  let count = 0
  for (const token of tokens) {
    if (!/^-\d/.test(token.text)) break
    count++
    options.add(readCandidate(token.text.slice(1), token, candidates))
  }
  return { options, tokens: count }
}

function readCandidate(text: string, place: Place, candidates: number): number {
  const number = parseWhole(text, 'a candidate', place)
  if (number >= 1 && number <= candidates) return number - 1
  throw new MalformedFile('UNKNOWN_ALTERNATIVE', place, `candidate ${number} of 1 to ${candidates}`)
}

function readBallots({ numbers, names }: Tokens, from: number, candidates: number): RankedBallots[] {
  const ballots: RankedBallots[] = []
  const ballotOf = new Int32Array(candidates)
  let at = from
  while (numbers[at] !== undefined && numbers[at]?.text !== '0') {
    const weight = numbers[at] as Token
    const count = readWeight(weight)
    const order: number[][] = []
    for (at++; numbers[at] !== undefined && numbers[at]?.text !== '0'; at++) {
      const token = numbers[at] as Token
      if (token.text !== '-') order.push(readGroup(token, candidates, ballotOf, ballots.length + 1))
    }
    if (numbers[at] === undefined)
      throw new MalformedFile('BAD_LINE', weight, 'the list of preferences that begins here does not end with 0')
    ballots.push({ count, order })
    at++
  }
  if (numbers[at] === undefined) throw new MalformedFile('MISSING_HEADER', names, 'expected 0 after the last ballot')
  return ballots
}

function readWeight(token: Token): number {
  if (/^\d+[./]\d+$/.test(token.text))
    throw new MalformedFile('UNSUPPORTED', token, `the weight ${quote(token.text)}; only whole weights are counted`)
  return parseWhole(token.text, 'the weight of a ballot', token, 1)
}

function readGroup(token: Token, candidates: number, ballotOf: Int32Array, ballot: number): number[] {
  return token.text.split('=').map((text) => {
    const option = readCandidate(text, token, candidates)
    if (ballotOf[option] === ballot)
      throw new MalformedFile('DUPLICATE_ALTERNATIVE', token, `candidate ${text} is named twice on one ballot`)
    ballotOf[option] = ballot
    return option
  })
}

function readNames({ lines, names: start }: Tokens, candidates: number): { names: string[]; title: string } {
  const found: Token[] = []
  for (let line = start.line; line <= lines.length; line++)
    addNames(found, lines[line - 1] ?? '', line, line === start.line ? start.column - 1 : 0)
  const end = { line: lines.length, column: 1 }
  if (found.length < candidates || found.length > candidates + 1)
    throw new MalformedFile(
      'WRONG_COUNT',
      found[candidates + 1] ?? end,
      `${found.length} names for ${candidates} candidates and a title`,
    )
  const names = found.slice(0, candidates).map((token) => parseName(token.text, 'the name of a candidate', token))
  checkNames(names, (index) => found[index] ?? end)
  return { names, title: found[candidates]?.text.trim() ?? '' }
}

const NAME = /"(.*?)"(?=\s*$|\s+["#])|([^\s"#]+)(?=\s|$)/sy

/** A name ends at a quote that only spaces, a comment or a further name follow: names may hold quotes themselves. */
function addNames(found: Token[], text: string, line: number, from: number): void {
  let at = from
  for (;;) {
    while (text[at] === ' ' || text[at] === '\t') at++
    if (at >= text.length || text[at] === '#') return
    NAME.lastIndex = at
    const [whole, quoted, word = ''] = NAME.exec(text) ?? []
    if (whole === undefined)
      throw new MalformedFile('BAD_LINE', { line, column: at + 1 }, `expected a name in quotes, found ${quote(text)}`)
    found.push({ line, column: at + 1, text: quoted ?? word })
    at += whole.length
  }
}

function withdraw(profile: RankedProfile, withdrawn: ReadonlySet<number>): RankedProfile {
  const left = profile.candidates.map((_, option) => option).filter((option) => !withdrawn.has(option))
  const renumbered = new Map(left.map((option, index) => [option, index]))
  const ballots = profile.ballots.map(({ count, order }) => ({
    count,
    order: order
      .map((group) => group.flatMap((option) => renumbered.get(option) ?? []))
      .filter((group) => group.length > 0),
  }))
  return { ...profile, candidates: left.map((option) => profile.candidates[option] ?? ''), ballots }
}

/** @throws UnwritableProfile for a name that would not be read back: see `checkWritable`, and `"` before a space and a quote */
export function writeBlt(profile: RankedProfile): string {
  const ballots = profile.ballots.map(({ count, order }) =>
    [count, ...order.map((group) => group.map((option) => option + 1).join('=')), 0].join(' '),
  )
  const names = profile.candidates.map((name) => `"${checkQuotable(checkWritable(name))}"`)
  const title = profile.title === '' ? [] : [`"${checkQuotable(checkWritable(profile.title))}"`]
  return [`${profile.candidates.length} ${profile.seats}`, ...ballots, '0', ...names, ...title, ''].join('\n')
}

function checkQuotable(name: string): string {
  if (/"\s+["#]/.test(name)) throw new UnwritableProfile(`${quote(name)} cannot stand in quotes in a BLT file`)
  return name
}
