import { styleText } from 'node:util'

type Style = 'green' | 'yellow' | 'red' | 'dim' | 'bold'

/** A piece of a line: what it says, and how. */
export type Piece = string | { readonly text: string; readonly style: Style }

export function styled(text: string, style: Style): Piece {
  return { text, style }
}

/**
 * A line of at most `width` columns. What comes from other nodes, such as names, loses whatever could steer a terminal.
 * Without `color` the text alone has to say it.
 */
export function lineOf(pieces: readonly Piece[], width: number, color: boolean): string {
  let room = width
  const shown = pieces.map((piece) => {
    const { text, style } = typeof piece === 'string' ? { text: piece, style: undefined } : piece
    const cut = clip(harmless(text), room)
    room -= widthOf(cut)
    return style === undefined || !color || cut === '' ? cut : styleText(style, cut, { validateStream: false })
  })
  return shown.join('')
}

/** Control characters, direction marks and the like. */
export function harmless(text: string): string {
  return text.replaceAll(/\p{C}/gu, '?')
}

export function widthOf(text: string): number {
  return Array.from(text, (char) => (WIDE.test(char) ? 2 : /\p{M}/u.test(char) ? 0 : 1)).reduce<number>(
    (sum, own) => sum + own,
    0,
  )
}

/** Characters that take two columns: of East Asian scripts, and pictures. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}]|[\u{20000}-\u{3fffd}]/u

export function clip(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let cut = ''
  for (const char of text) {
    if (widthOf(cut + char) > width - 1) break
    cut += char
  }
  return width <= 0 ? '' : `${cut}…`
}

/** Fills up with spaces, or cuts. */
export function fit(text: string, width: number, side: 'left' | 'right' = 'left'): string {
  const cut = clip(harmless(text), width)
  const space = ' '.repeat(Math.max(0, width - widthOf(cut)))
  return side === 'left' ? cut + space : space + cut
}

/** Breaks between words; a word that is longer than a line is cut. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of harmless(text).split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`
    if (widthOf(longer) <= width || line === '') line = longer
    else {
      lines.push(line)
      line = word
    }
  }
  return line === '' ? lines : [...lines, line]
}
