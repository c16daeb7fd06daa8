import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { GenesisOrigin } from '@icn/protocol'
import { createMachine } from '@icn/state-machine'
import { createOverlay } from '@icn/state-machine/kernel'
import { CorruptData, lockDataFolder, openReader, openSqliteStore } from '@icn/state-store'
import { checkLanes } from '../check-lanes.ts'
import { loadConfiguration } from '../config/load.ts'
import { ExitCode } from '../exit-codes.ts'
import { openHome } from '../home/open-home.ts'
import { replay } from '../replay.ts'
import type { RulesOption } from '../run-process.ts'
import { TransferError } from '../transfer-error.ts'

/**
 * Checks a data folder whole: every page and index, every row against its leaf, the root, the invariants of the modules, the events of
 * all kept blocks against the logs of lanes, and, with `--replay`, all blocks from the genesis in a store of their own. Cost grows with state and history.
 */
export async function verify(args: readonly string[], rules: RulesOption): Promise<ExitCode> {
  const { home } = loadConfiguration(
    args.filter((arg) => arg !== '--replay'),
    process.env,
  )
  if (!existsSync(join(home, 'state.db')))
    throw new CorruptData(`no state in ${home}`, 'name the data folder with --home')
  const lock = lockDataFolder(home)
  try {
    const { genesis, stateFile } = openHome(home, '', 0)
    const machine = createMachine({ genesis, ...rules })
    const store = openSqliteStore({ file: stateFile, modules: machine.modules })
    try {
      store.verifyAll()
      console.log(`ok pages, rows and root at height ${store.committed().height}`)
      machine.checkInvariants(createOverlay(store))
      console.log('ok invariants')
      const reader = openReader(stateFile)
      try {
        console.log(`ok ${checkLanes(reader, store.keptFrom())} events in the logs of their lanes`)
      } finally {
        reader.close()
      }
      const from = store.keptFrom()
      if (args.includes('--replay') && genesis.origin !== undefined) throw notOfThis(genesis.origin)
      if (args.includes('--replay') && from > 1) throw notKept(from)
      if (args.includes('--replay')) console.log(`ok replay of ${await replay(machine, store)} blocks from the genesis`)
      return ExitCode.DONE
    } finally {
      await store.close()
    }
  } finally {
    lock.release()
  }
}

function notOfThis({ chainId, height }: GenesisOrigin): Error {
  const found = `blocks up to ${height} are of the network ${chainId}, and a replay begins at its genesis`
  return new TransferError('NOT_KEPT', found, 'verify it without --replay, and replay in a folder of that network')
}

function notKept(from: number): Error {
  const found = `the folder keeps blocks from height ${from} on, and a replay begins at the genesis`
  return new TransferError('NOT_KEPT', found, 'verify it without --replay, and replay on a node with the whole history')
}
