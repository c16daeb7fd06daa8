import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { toHex } from '@icn/crypto'
import { createMachine } from '@icn/state-machine'
import { writeArchive } from '@icn/state-store'
import { readCommandLine } from '../command-line.ts'
import { readDataFolder } from '../data-folder.ts'
import { ExitCode } from '../exit-codes.ts'
import { progressBar } from '../progress.ts'
import { TransferError } from '../transfer-error.ts'

/** Writes all state into one file, also while the node runs. */
export async function exportState(args: readonly string[]): Promise<ExitCode> {
  const { configuration, names, flags } = readCommandLine(args, ['--json'], 1, 'export FILE [--home DIR] [--json]')
  const file = resolve(names[0] ?? '')
  const { genesis, text, hash, stateFile } = readDataFolder(configuration.home)
  if (existsSync(file)) throw new TransferError('TARGET_EXISTS', `${file} is there already`, 'name a new file')
  const { modules } = createMachine({ genesis })
  const onProgress = progressBar('export')
  const { height, appHash } = writeArchive(file, { stateFile, modules, genesis: text, network: hash, onProgress })
  const facts = { file, network: genesis.chainId, height, appHash: toHex(appHash), sizeBytes: statSync(file).size }
  if (flags.has('--json')) console.log(JSON.stringify(facts))
  else console.log(`ok ${genesis.chainId} at height ${height}, state ${facts.appHash}, in ${file}`)
  return ExitCode.DONE
}
