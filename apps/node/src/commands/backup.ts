import { resolve } from 'node:path'
import { backUp } from '../backup.ts'
import { readCommandLine } from '../command-line.ts'
import { ExitCode } from '../exit-codes.ts'

/** Copies a data folder, also while its node runs. */
export async function backup(args: readonly string[]): Promise<ExitCode> {
  const usage = 'backup TARGET [--home DIR] [--with-key] [--json]'
  const { configuration, names, flags } = readCommandLine(args, ['--with-key', '--json'], 1, usage)
  const target = resolve(names[0] ?? '')
  const facts = await backUp(configuration.home, target, flags.has('--with-key'))
  if (flags.has('--json')) console.log(JSON.stringify({ target, ...facts }))
  else console.log(`ok backup of ${facts.network} at height ${facts.height} in ${target}`)
  return ExitCode.DONE
}
