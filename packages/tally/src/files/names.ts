import { compareBytes } from '@icn/crypto'
import { MalformedFile, type Place, quote, UnwritableProfile } from './malformed-file.ts'
import { MAX_ALTERNATIVES, MAX_NAME_CHARS } from './source.ts'

const utf8 = new TextEncoder()

/** Order of the UTF-8 bytes, the same everywhere. */
export function sortNames(names: Iterable<string>): string[] {
  return [...names]
    .map((name) => ({ name, bytes: utf8.encode(name) }))
    .sort((a, b) => compareBytes(a.bytes, b.bytes))
    .map(({ name }) => name)
}

/** Winners are reported by name, so a name must mean one candidate. @throws MalformedFile `DUPLICATE_NAME` */
export function checkNames(names: readonly string[], placeOf: (index: number) => Place): void {
  const first = new Map<string, number>()
  for (const [index, name] of names.entries()) {
    const other = first.get(name)
    if (other !== undefined)
      throw new MalformedFile(
        'DUPLICATE_NAME',
        placeOf(index),
        `${quote(name)} is also the name of number ${other + 1}`,
      )
    first.set(name, index)
  }
}

/** @throws MalformedFile `TOO_LARGE` */
export function checkHowMany(alternatives: number, place: Place): void {
  if (alternatives > MAX_ALTERNATIVES)
    throw new MalformedFile('TOO_LARGE', place, `${alternatives} alternatives, at most ${MAX_ALTERNATIVES}`)
}

/** A text that fills a line as it is read back: trimmed, not empty, without control characters. */
export function checkWritable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  const unreadable = /[\u0000-\u001f\u007f\ufffe\uffff]/.test(text) || !text.isWellFormed()
  if (text === '' || text.trim() !== text || text.length > MAX_NAME_CHARS || unreadable)
    throw new UnwritableProfile(`${quote(text)} is empty, too long, or has spaces around it or control characters`)
  return text
}
