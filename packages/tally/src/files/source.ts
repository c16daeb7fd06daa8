import { MalformedFile } from './malformed-file.ts'

/** A file larger than this is refused before it is read: 100 MiB of characters. */
const MAX_CHARS = 104_857_600
/** Alternatives or projects of a file. Schulze's cost grows with the cube of this: seconds at the limit. */
export const MAX_ALTERNATIVES = 1_000
/** Characters of a name, a title or a value. */
export const MAX_NAME_CHARS = 4_096

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const BINARY = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff]/

/**
 * The text of a file's bytes.
 *
 * @throws MalformedFile `NOT_TEXT` unless they are UTF-8, `TOO_LARGE` beyond 100 MiB
 */
export function decodeFile(bytes: Uint8Array): string {
  const start = { line: 1, column: 1 }
  if (bytes.length > MAX_CHARS) throw tooLarge(bytes.length)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new MalformedFile('NOT_TEXT', start, 'the file is not UTF-8 text', { cause })
  }
}

function tooLarge(size: number): MalformedFile {
  return new MalformedFile('TOO_LARGE', { line: 1, column: 1 }, `the file holds ${size}, at most ${MAX_CHARS}`)
}

/**
 * The lines of a text file, without their ends (`\n`, `\r\n` or `\r`, mixed as found in real files), without a byte
 * order mark. Line `i` of the list is line `i + 1` of the file; an end at the end of the file adds no line.
 *
 * @throws MalformedFile `TOO_LARGE`, or `NOT_TEXT` for control characters and lone surrogates
 */
export function linesOf(text: string): string[] {
  if (text.length > MAX_CHARS) throw tooLarge(text.length)
  const lines = (text.startsWith('\ufeff') ? text.slice(1) : text).split(/\r\n|\n|\r/)
  if (lines.at(-1) === '') lines.pop()
  const wellFormed = text.isWellFormed()
  for (let i = 0; i < lines.length; i++) checkLine(lines[i] ?? '', i + 1, wellFormed)
  return lines
}

function checkLine(line: string, number: number, wellFormed: boolean): void {
  const column = line.search(BINARY)
  if (column >= 0) {
    const code = line.charCodeAt(column).toString(16).padStart(4, '0')
    throw new MalformedFile('NOT_TEXT', { line: number, column: column + 1 }, `a binary character, U+${code}`)
  }
  if (!wellFormed && !line.isWellFormed())
    throw new MalformedFile('NOT_TEXT', { line: number, column: 1 }, 'half of a character (a lone surrogate)')
}
