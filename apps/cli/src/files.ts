import { readFileSync, writeFileSync } from 'node:fs'
import { CliError } from './cli-error.ts'

/** @throws CliError `FILE_NOT_READ` */
export function readBytes(file: string): Uint8Array {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new CliError('FILE_NOT_READ', `${file} cannot be read: ${reasonOf(cause)}.`, 'Check the name of the file.')
  }
}

/** UTF-8. @throws CliError `FILE_NOT_READ` */
export function readText(file: string): string {
  return new TextDecoder().decode(readBytes(file))
}

/** @throws CliError `FILE_NOT_READ`, `BAD_JSON` */
export function readJson(file: string): unknown {
  try {
    return JSON.parse(readText(file))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new CliError('BAD_JSON', `${file} is no JSON: ${error.message}.`, 'Correct the file at that place.')
  }
}

/** @throws CliError `FILE_NOT_WRITTEN` */
export function writeBytes(file: string, bytes: Uint8Array): void {
  try {
    writeFileSync(file, bytes)
  } catch (cause) {
    throw new CliError('FILE_NOT_WRITTEN', `${file} cannot be written: ${reasonOf(cause)}.`, 'Name another place.')
  }
}

function reasonOf(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException
  const words: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file or folder',
    EACCES: 'this user may not',
    EISDIR: 'it is a folder',
  }
  return words[code ?? ''] ?? message
}
