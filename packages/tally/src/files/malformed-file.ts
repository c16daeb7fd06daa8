/**
 * What is wrong with a file of ballots. Stable texts, for programs; the message is for people.
 * `UNSUPPORTED` is a file that its format allows and this reader does not count, such as fractional weights.
 */
export type MalformedCode =
  | 'UNKNOWN_FORMAT'
  | 'NOT_TEXT'
  | 'TOO_LARGE'
  | 'MISSING_HEADER'
  | 'BAD_HEADER'
  | 'BAD_LINE'
  | 'BAD_NUMBER'
  | 'BAD_NAME'
  | 'WRONG_COUNT'
  | 'UNKNOWN_ALTERNATIVE'
  | 'DUPLICATE_ALTERNATIVE'
  | 'DUPLICATE_NAME'
  | 'DUPLICATE_VOTER'
  | 'NOT_STRICT'
  | 'NOT_COMPLETE'
  | 'UNCLOSED_QUOTE'
  | 'UNSUPPORTED'

/** Where a fault was found: both from 1, the column in UTF-16 units, as editors count them. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** A file of ballots that cannot be read. The message says where, what was found and what was expected. */
export class MalformedFile extends Error {
  override readonly name = 'MalformedFile'
  readonly code: MalformedCode
  readonly line: number
  readonly column: number

  constructor(code: MalformedCode, place: Place, message: string, options?: ErrorOptions) {
    super(`line ${place.line}, column ${place.column}: ${message}`, options)
    this.code = code
    this.line = place.line
    this.column = place.column
  }
}

/** A sound file that cannot be counted as asked: by this method, with these seats, or with an option it does not know. */
export class TallyRefused extends Error {
  override readonly name = 'TallyRefused'
  readonly code: 'METHOD_NOT_APPLICABLE' | 'UNKNOWN_METHOD' | 'BAD_OPTION'

  constructor(code: TallyRefused['code'], message: string) {
    super(message)
    this.code = code
  }
}

/** Ballots that a format has no way to say, such as a tie in `.soi` or a line break in a name of a `.blt`. */
export class UnwritableProfile extends Error {
  override readonly name = 'UnwritableProfile'
  readonly code = 'UNWRITABLE_PROFILE'
}

/** A short, printable quotation of what a file holds, whatever it holds. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
}
