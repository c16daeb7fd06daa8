import { readFileSync } from 'node:fs'
import { isCancel, password } from '@clack/prompts'
import { CliError } from './cli-error.ts'

const HINT =
  'Name a file that holds it in ICN_PASSPHRASE_FILE, run the command on a terminal, or make the key with --no-passphrase.'

/** A passphrase from the file that ICN_PASSPHRASE_FILE names, or asked for; never an argument, which others could see. */
export async function askPassphrase(question: string): Promise<string> {
  const file = process.env.ICN_PASSPHRASE_FILE
  if (file !== undefined) return fromFile(file)
  if (!process.stdin.isTTY)
    throw new CliError('PASSPHRASE_NEEDED', 'A passphrase is needed and there is nobody to ask.', HINT)
  return ask(question)
}

/** A new one, typed twice where a person types it. */
export async function askNewPassphrase(): Promise<string> {
  const first = await askPassphrase('Passphrase for the new key')
  if (process.env.ICN_PASSPHRASE_FILE !== undefined) return first
  if ((await ask('The same again')) === first) return first
  throw new CliError('PASSPHRASES_DIFFER', 'The two passphrases are not the same.', 'Try again.')
}

async function ask(message: string): Promise<string> {
  const answer = await password({ message, output: process.stderr })
  if (isCancel(answer)) throw new CliError('CANCELLED', 'Cancelled; nothing was done.', '')
  return answer
}

function fromFile(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '')
  } catch (cause) {
    throw new CliError('PASSPHRASE_NEEDED', `${file} cannot be read: ${(cause as Error).message}`, HINT)
  }
}
