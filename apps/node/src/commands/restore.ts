import { resolve } from 'node:path'
import { restoreBackup } from '../backup.ts'
import { readCommandLine } from '../command-line.ts'
import { ExitCode } from '../exit-codes.ts'
import { JOIN_ANEW } from '../restored.ts'

/** Makes a data folder of a backup. */
export async function restore(args: readonly string[]): Promise<ExitCode> {
  const { configuration, names, flags } = readCommandLine(args, ['--json'], 1, 'restore BACKUP --home DIR [--json]')
  const { home } = configuration
  const facts = await restoreBackup(resolve(names[0] ?? ''), home)
  if (flags.has('--json')) console.log(JSON.stringify({ home, ...facts }))
  else {
    console.log(`ok ${home} is ${facts.network} at height ${facts.height}`)
    console.log(nextStep(facts.isOfNetwork, 'validator-key.json' in facts.files))
  }
  return ExitCode.DONE
}

function nextStep(isOfNetwork: boolean, hasKey: boolean): string {
  if (isOfNetwork) return `It is of a network of several nodes. To run one again, ${JOIN_ANEW}.`
  return hasKey
    ? 'Its key may have signed blocks after this one: start it with --accept-restored only if they are lost, and no other node has the key.'
    : 'The backup holds no key: put validator-key.json into the folder before you start the node.'
}
