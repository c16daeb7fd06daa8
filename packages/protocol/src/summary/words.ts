const CONTROLS = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu
const SHOWN_CHARS = 400

/**
 * A text from outside, in quotation marks: marks and backslashes are escaped, and so are line breaks and characters that
 * change the direction of writing, so that no text can pass for a line of the summary. A long one is cut, and says so.
 */
export function quote(text: string): string {
  const chars = [...text]
  const shown = chars.length > SHOWN_CHARS ? chars.slice(0, SHOWN_CHARS).join('') : text
  const escaped = shown.replaceAll(/["\\]/g, '\\$&').replaceAll(CONTROLS, escapeChar)
  return chars.length > SHOWN_CHARS ? `"${escaped}…" (${chars.length} characters in all)` : `"${escaped}"`
}

function escapeChar(char: string): string {
  return char === '\n' ? '\\n' : `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`
}

const UNITS = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1_000, 'second'],
  [1, 'millisecond'],
] as const

/** `2 days 3 hours`; exact. */
export function duration(ms: number): string {
  const parts: string[] = []
  let rest = ms
  for (const [size, name] of UNITS) {
    const count = Math.floor(rest / size)
    if (count > 0) parts.push(plural(count, name))
    rest -= count * size
  }
  return parts.length === 0 ? 'no time' : parts.join(' ')
}

/** RFC 3339 in UTC; beyond the years that it can write, the number. */
export function time(ms: number): string {
  return ms <= 253_402_300_799_999 ? new Date(ms).toISOString().replace('.000Z', 'Z') : `${ms} ms after 1970`
}

export function plural(count: number, name: string): string {
  return `${count} ${name}${count === 1 ? '' : 's'}`
}

/** `a, b and c` */
export function list(items: readonly string[]): string {
  if (items.length < 2) return items.join('')
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`
}

/** Lines under the one before. */
export function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`)
}
