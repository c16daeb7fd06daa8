/** What the process ends with; docs/cli.md says so too. */
export const ExitCode = { DONE: 0, REFUSED: 1, USAGE: 2, UNREACHABLE: 3 } as const

/** Something that was asked for and cannot be done; told to people as text, to programs as JSON. */
export class CliError extends Error {
  override readonly name = 'CliError'
  /** Stable name: `KEY_NOT_FOUND`. */
  readonly reason: string
  readonly hint: string
  readonly exitCode: number

  constructor(reason: string, message: string, hint: string, exitCode: number = ExitCode.REFUSED) {
    super(message)
    this.reason = reason
    this.hint = hint
    this.exitCode = exitCode
  }
}

export function usage(message: string, hint: string): CliError {
  return new CliError('USAGE', message, hint, ExitCode.USAGE)
}
