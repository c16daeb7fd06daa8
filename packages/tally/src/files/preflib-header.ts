import { MalformedFile, type Place, quote } from './malformed-file.ts'
import { checkHowMany, checkNames } from './names.ts'
import { parseName, parseWhole } from './values.ts'

/** The rules of a PrefLib file: `s`trict or `t`ied orders, `c`omplete or `i`ncomplete. */
export type PrefLibType = 'soc' | 'soi' | 'toc' | 'toi'

export interface PrefLibHeader {
  readonly type: PrefLibType
  readonly title: string
  readonly candidates: readonly string[]
  readonly voters: number
  /** Lines of ballots, where the file tells. */
  readonly uniqueOrders: number | undefined
  /** Lines before the first ballot. */
  readonly length: number
}

interface Entry {
  readonly value: string
  readonly place: Place
}

/**
 * The header `# KEY: value`, in use since 2022. Unknown keys are skipped.
 *
 * @throws MalformedFile `MISSING_HEADER`, `BAD_HEADER`, `WRONG_COUNT`, `DUPLICATE_NAME`, `BAD_NUMBER`
 * @see https://www.preflib.org/format
 */
export function readHeader(lines: readonly string[], extension: PrefLibType): PrefLibHeader {
  const entries = new Map<string, Entry>()
  let length = 0
  for (; lines[length]?.startsWith('#'); length++) addEntry(entries, lines[length] ?? '', length + 1)
  const alternatives = readNumber(entries, 'NUMBER ALTERNATIVES', length, 1)
  return {
    type: readType(entries, extension),
    title: entries.get('TITLE')?.value ?? '',
    candidates: readNames(entries, alternatives, length),
    voters: readNumber(entries, 'NUMBER VOTERS', length, 0),
    uniqueOrders: entries.has('NUMBER UNIQUE ORDERS')
      ? readNumber(entries, 'NUMBER UNIQUE ORDERS', length, 0)
      : undefined,
    length,
  }
}

function addEntry(entries: Map<string, Entry>, line: string, number: number): void {
  const colon = line.indexOf(':')
  if (colon === -1) return
  const key = line.slice(1, colon).trim().toUpperCase()
  if (entries.has(key))
    throw new MalformedFile('BAD_HEADER', { line: number, column: 1 }, `${quote(key)} is in the header twice`)
  const rest = line.slice(colon + 1)
  const column = colon + 2 + (rest.length - rest.trimStart().length)
  entries.set(key, { value: rest.trim(), place: { line: number, column } })
}

function need(entries: Map<string, Entry>, key: string, headerLength: number): Entry {
  const entry = entries.get(key)
  if (entry !== undefined) return entry
  throw new MalformedFile('MISSING_HEADER', { line: headerLength + 1, column: 1 }, `the header has no "# ${key}: …"`)
}

function readNumber(entries: Map<string, Entry>, key: string, headerLength: number, min: number): number {
  const { value, place } = need(entries, key, headerLength)
  const number = parseWhole(value, key, place, min)
  if (key === 'NUMBER ALTERNATIVES') checkHowMany(number, place)
  return number
}

function readType(entries: Map<string, Entry>, extension: PrefLibType): PrefLibType {
  const entry = entries.get('DATA TYPE')
  const type = entry?.value.toLowerCase() ?? extension
  if (type === 'soc' || type === 'soi' || type === 'toc' || type === 'toi') return type
  const place = entry?.place ?? { line: 1, column: 1 }
  throw new MalformedFile('UNSUPPORTED', place, `DATA TYPE is ${quote(type)}; soc, soi, toc and toi can be counted`)
}

function readNames(entries: Map<string, Entry>, alternatives: number, headerLength: number): string[] {
  const named: Entry[] = []
  for (let number = 1; number <= alternatives; number++)
    named.push(need(entries, `ALTERNATIVE NAME ${number}`, headerLength))
  const last = [...entries].find(
    ([key]) => /^ALTERNATIVE NAME /.test(key) && !isNumberUpTo(key.slice(17), alternatives),
  )
  if (last !== undefined)
    throw new MalformedFile('WRONG_COUNT', last[1].place, `${last[0]}, but NUMBER ALTERNATIVES is ${alternatives}`)
  const names = named.map(({ value, place }) => parseName(value, 'the name of an alternative', place))
  checkNames(names, (index) => named[index]?.place ?? { line: 1, column: 1 })
  return names
}

function isNumberUpTo(text: string, max: number): boolean {
  return /^[1-9]\d{0,8}$/.test(text) && Number(text) <= max
}

/**
 * The header in use before 2022: the number of alternatives, a line `number,name` for each, then
 * `voters,sum of counts,unique orders`.
 *
 * @throws MalformedFile as `readHeader` does
 */
export function readOldHeader(lines: readonly string[], type: PrefLibType): PrefLibHeader {
  const alternatives = parseWhole(lines[0]?.trim() ?? '', 'the number of alternatives', { line: 1, column: 1 }, 1)
  checkHowMany(alternatives, { line: 1, column: 1 })
  const candidates = Array.from({ length: alternatives }, (_, index) => readOldName(lines[index + 1], index))
  checkNames(candidates, (index) => ({ line: index + 2, column: 1 }))
  const place = { line: alternatives + 2, column: 1 }
  const numbers = lines[alternatives + 1]?.split(',') ?? []
  if (numbers.length !== 3)
    throw new MalformedFile('MISSING_HEADER', place, 'expected voters, sum of counts and unique orders, with commas')
  const [voters = 0, sum = 0, uniqueOrders = 0] = numbers.map((text) => parseWhole(text.trim(), 'a count', place))
  if (voters !== sum)
    throw new MalformedFile(
      'UNSUPPORTED',
      place,
      `${voters} voters, but counts that sum to ${sum}: weights are not counted`,
    )
  return { type, title: '', candidates, voters, uniqueOrders, length: alternatives + 2 }
}

function readOldName(line: string | undefined, index: number): string {
  const place = { line: index + 2, column: 1 }
  const [, number, name = ''] = /^\s*(\d{1,9})\s*,(.*)$/s.exec(line ?? '') ?? []
  if (number === undefined || Number(number) !== index + 1)
    throw new MalformedFile('MISSING_HEADER', place, `expected "${index + 1},name", found ${quote(line ?? 'the end')}`)
  return parseName(name, 'the name of an alternative', place)
}
