import { MalformedFile, quote } from './malformed-file.ts'

/** Reads many orders of one file; remembers which alternatives the present one named. */
export interface OrderReader {
  /** Reads `3,{1,4},2` from column `from` of a line, numbers from 1, into groups of indexes. */
  readonly read: (text: string, line: number, from: number) => number[][]
}

interface Scan {
  readonly text: string
  readonly line: number
  at: number
}

/** PERF: one array per file tells duplicates by the line that last named an alternative; nothing is cleared. */
export function createOrderReader(alternatives: number): OrderReader {
  const namedAt = new Int32Array(alternatives)

  function readAlternative(scan: Scan): number {
    skipSpace(scan)
    const start = scan.at
    while (isDigit(scan.text, scan.at)) scan.at++
    const place = { line: scan.line, column: start + 1 }
    const digits = scan.text.slice(start, scan.at)
    if (digits === '')
      throw new MalformedFile('BAD_LINE', place, `expected an alternative, found ${quote(scan.text.slice(start))}`)
    const index = Number(digits) - 1
    if (!(index >= 0 && index < alternatives))
      throw new MalformedFile('UNKNOWN_ALTERNATIVE', place, `alternative ${quote(digits)} of 1 to ${alternatives}`)
    if (namedAt[index] === scan.line)
      throw new MalformedFile('DUPLICATE_ALTERNATIVE', place, `alternative ${digits} is named twice on one ballot`)
    namedAt[index] = scan.line
    return index
  }

  function readGroup(scan: Scan): number[] {
    if (!take(scan, '{')) return [readAlternative(scan)]
    const group = [readAlternative(scan)]
    while (take(scan, ',')) group.push(readAlternative(scan))
    if (!take(scan, '}')) throw unexpected(scan, 'a comma or }')
    return group
  }

  function read(text: string, line: number, from: number): number[][] {
    const scan = { text, line, at: from }
    const order: number[][] = []
    skipSpace(scan)
    if (scan.at === text.length) return order
    do order.push(readGroup(scan))
    while (take(scan, ','))
    if (scan.at < text.length) throw unexpected(scan, 'a comma')
    return order
  }

  return { read }
}

function skipSpace(scan: Scan): void {
  while (scan.text[scan.at] === ' ' || scan.text[scan.at] === '\t') scan.at++
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code >= 48 && code <= 57
}

function take(scan: Scan, character: string): boolean {
  skipSpace(scan)
  if (scan.text[scan.at] !== character) return false
  scan.at++
  skipSpace(scan)
  return true
}

function unexpected(scan: Scan, expected: string): MalformedFile {
  const found = scan.at < scan.text.length ? quote(scan.text.slice(scan.at)) : 'the end of the line'
  return new MalformedFile('BAD_LINE', { line: scan.line, column: scan.at + 1 }, `expected ${expected}, found ${found}`)
}

/** `3,{1,4},2` */
export function writeOrder(order: readonly (readonly number[])[]): string {
  return order.map(writeGroup).join(',')
}

function writeGroup(group: readonly number[]): string {
  const numbers = group.map((option) => option + 1).join(',')
  return group.length === 1 ? numbers : `{${numbers}}`
}
