import { resolve } from 'node:path'
import { toHex } from '@icn/crypto'
import { readCommandLine } from '../command-line.ts'
import { ExitCode } from '../exit-codes.ts'
import { importArchive } from '../import-archive.ts'

/** Makes a data folder of what `export` wrote. */
export async function importState(args: readonly string[]): Promise<ExitCode> {
  const usage = 'import FILE --home DIR [--app-hash HEX] [--key FILE] [--json]'
  const { configuration, names, flags } = readCommandLine(args, ['--app-hash=', '--key=', '--json'], 1, usage)
  const { home } = configuration
  const { manifest, network } = importArchive(resolve(names[0] ?? ''), home, {
    appHash: flags.get('--app-hash'),
    keyFile: flags.get('--key'),
  })
  const facts = { home, network, height: manifest.height, appHash: toHex(manifest.appHash) }
  if (flags.has('--json')) console.log(JSON.stringify(facts))
  else console.log(`ok ${home} is ${network} at height ${manifest.height}, state ${facts.appHash}`)
  return ExitCode.DONE
}
