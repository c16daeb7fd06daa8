import { resolve } from 'node:path'
import { restoreBackup } from '../backup.ts'
import { readCommandLine } from '../command-line.ts'
import { ExitCode } from '../exit-codes.ts'

/** Makes a data folder of a backup. */
export async function restore(args: readonly string[]): Promise<ExitCode> {
  const { configuration, names, flags } = readCommandLine(args, ['--json'], 1, 'restore BACKUP --home DIR [--json]')
  const { home } = configuration
  const facts = await restoreBackup(resolve(names[0] ?? ''), home)
  if (flags.has('--json')) console.log(JSON.stringify({ home, ...facts }))
  else {
    console.log(`ok ${home} is ${facts.network} at height ${facts.height}`)
    const hasKey = 'validator-key.json' in facts.files
    console.log(
      hasKey
        ? 'Its key may have signed blocks after this one: start it with --accept-restored only if they are lost, and no other node has the key.'
        : 'The backup holds no key: put validator-key.json into the folder before you start the node.',
    )
  }
  return ExitCode.DONE
}
