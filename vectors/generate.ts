/**
 * Writes vectors/*.json. With `--check` nothing is written: exit code 1 and the names of the files that differ.
 * A difference that was not meant is a change of the protocol.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeVectors } from './make/index.ts'

const isCheck = process.argv.includes('--check')
for (const [name, text] of makeVectors()) {
  const file = join(import.meta.dirname, name)
  if (!isCheck) writeFileSync(file, text)
  else if (readText(file) !== text) {
    console.error(`${name} is not what the code makes; if that is meant, run npm run vectors`)
    process.exitCode = 1
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
