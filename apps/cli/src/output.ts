import { styleText } from 'node:util'
import { ApiError, DishonestNode, type LaneFault, LaneNotProved, Unreachable, WalletError } from '@icn/sdk'
import { CliError, ExitCode } from './cli-error.ts'

export interface Output {
  /** The answer: one JSON document for programs, lines for people. */
  answer(json: unknown, lines: readonly string[] | string): void
  /** What goes on meanwhile, on stderr; nothing with `--quiet` or `--json`. */
  progress(line: string): void
}

export function createOutput({ json, quiet }: { readonly json: boolean; readonly quiet: boolean }): Output {
  return {
    answer: (value, lines) => {
      const text = json ? JSON.stringify(value) : typeof lines === 'string' ? lines : lines.join('\n')
      process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
    },
    progress: (line) => {
      if (!json && !quiet) process.stderr.write(`${line}\n`)
    },
  }
}

/** Tells an error and answers the exit code. A program gets `{"error": {code, name, message, hint}}` on stdout. */
export function tellError(error: unknown, json: boolean): number {
  const { code, name, message, hint, exitCode } = explain(error)
  if (json) process.stdout.write(`${JSON.stringify({ error: { code, name, message, hint } })}\n`)
  else
    process.stderr.write(
      `${styleText('red', name, { stream: process.stderr })}: ${message}${hint === '' || hint === message ? '' : `\n${hint}`}\n`,
    )
  return exitCode
}

function explain(error: unknown) {
  if (error instanceof ApiError) {
    return {
      code: error.code,
      name: error.reason,
      message: error.message,
      hint: error.hint,
      exitCode: ExitCode.REFUSED,
    }
  }
  if (error instanceof Unreachable) {
    const hint = 'Start a node with npm start, or name one with --node URL.'
    return { code: 0, name: 'UNREACHABLE', message: error.message, hint, exitCode: ExitCode.UNREACHABLE }
  }
  if (error instanceof DishonestNode) {
    const hint = 'Nothing more was signed. Name another node with --node URL, and ask who runs this one.'
    return { code: 0, name: error.code, message: error.message, hint, exitCode: ExitCode.REFUSED }
  }
  if (error instanceof LaneNotProved) {
    const { code: name, message } = error
    return { code: 0, name, message, hint: LANE_HINTS[name], exitCode: ExitCode.REFUSED }
  }
  if (error instanceof CliError) {
    return { code: 0, name: error.reason, message: error.message, hint: error.hint, exitCode: error.exitCode }
  }
  if (error instanceof WalletError) {
    return {
      code: 0,
      name: error.code,
      message: error.message,
      hint: WALLET_HINTS[error.code] ?? '',
      exitCode: ExitCode.REFUSED,
    }
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { code: 0, name: 'BUG', message, hint: 'This is a mistake of the program; please report it.', exitCode: 70 }
}

const ASK_OTHERS = 'Name another node with --node URL, and ask who runs this one.'
const LANE_HINTS: Readonly<Record<LaneFault, string>> = {
  OTHER_NETWORK: 'Name a node of the network that is meant with --node URL.',
  NO_TRUST_PATH: 'Name another node with --node URL, such as one that has kept all blocks since the genesis.',
  NOT_SIGNED: ASK_OTHERS,
  NOT_PROVED: ASK_OTHERS,
  EVENTS_ALTERED: ASK_OTHERS,
  HISTORY_CHANGED: ASK_OTHERS,
  MALFORMED: ASK_OTHERS,
}

const WALLET_HINTS: Readonly<Record<string, string>> = {
  KEY_NOT_FOUND: 'Make one with icn key new --as NAME; icn key list shows those that there are.',
  KEY_EXISTS: 'Choose another name.',
  BAD_KEY_NAME: 'For example ana, or ana.2.',
  BAD_MNEMONIC: 'Compare the words with those that you wrote down; spaces and line breaks do not matter.',
  BAD_KEY_FILE: 'Take it from a backup, or make the key again: icn key recover NAME --words FILE.',
  KEY_FILE_EXPOSED: 'Give the file to yourself only: chmod 600 FILE.',
  PASSPHRASE_NEEDED: 'Name a file that holds it in ICN_PASSPHRASE_FILE, or run the command on a terminal.',
  WRONG_PASSPHRASE: 'Try again; nobody can recover a forgotten passphrase, but the 24 words recover the key.',
}
