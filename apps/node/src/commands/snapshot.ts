import { join } from 'node:path'
import { toHex } from '@icn/crypto'
import { createMachine } from '@icn/state-machine'
import type { SnapshotInfo } from '@icn/state-machine/kernel'
import { createSnapshots, lockDataFolder, openSqliteStore } from '@icn/state-store'
import { readCommandLine } from '../command-line.ts'
import { readDataFolder } from '../data-folder.ts'
import { ExitCode } from '../exit-codes.ts'
import { progressBar } from '../progress.ts'

/** Makes a snapshot for state sync of a folder that no node has open, and lists what is kept. */
export async function snapshot(args: readonly string[]): Promise<ExitCode> {
  const { configuration, flags } = readCommandLine(args, ['--json'], 0, 'snapshot [--home DIR] [--json]')
  const { home } = configuration
  const { genesis, hash, stateFile } = readDataFolder(home)
  const lock = lockDataFolder(home)
  try {
    const store = openSqliteStore({ file: stateFile, modules: createMachine({ genesis }).modules })
    const show = progressBar('snapshot')
    const snapshots = createSnapshots({
      store,
      stateFile,
      folder: join(home, 'snapshots'),
      network: hash,
      onProgress: ({ done, total }) => show(done, total),
      onFailure: (error) => {
        throw error
      },
    })
    await snapshots.make()
    const list = await snapshots.list()
    if (flags.has('--json')) console.log(JSON.stringify({ snapshots: list.map(view) }))
    else
      for (const { height, chunks, hash: name } of list.map(view)) console.log(`${height}  ${chunks} chunks  ${name}`)
    await snapshots.close()
    await store.close()
  } finally {
    lock.release()
  }
  return ExitCode.DONE
}

function view({ height, format, chunks, hash }: SnapshotInfo) {
  return { height, format, chunks, hash: toHex(hash) }
}
