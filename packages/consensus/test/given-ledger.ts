import { createVerifyPool } from '@icn/crypto/verify-pool'
import type { NetworkParams } from '@icn/protocol'
import { createMachine } from '@icn/state-machine'
import { NOTHING_REPORTED, type StateStore } from '@icn/state-machine/kernel'
import { givenNetwork } from '../../testkit/src/given-network.ts'
import type { OpenStore } from '../../testkit/src/given-store.ts'
import type { StoreUnderTest } from '../../testkit/src/store-suite.ts'
import {
  type Application,
  type CommittedBlock,
  createApplication,
  type FinalizedBlock,
  type FinalizeRequest,
} from '../src/index.ts'

/** An application on a store of its own, driven by the test as an engine would. */
export interface Ledger {
  readonly application: Application
  readonly store: StateStore
  /** Finalizes and commits these transactions as the next block, a second after the last. */
  commitBlock(txs: readonly Uint8Array[]): Promise<{ readonly final: FinalizedBlock; readonly block: CommittedBlock }>
  /** What an engine asks for the next block. */
  next(txs: readonly Uint8Array[]): FinalizeRequest
  /** How often the machine was asked to execute a transaction. */
  executions(): number
  /** As after the end of the process: the store is opened again, with another application on it. */
  restart(): Promise<void>
}

/** One worker for a whole test file; it keeps nothing alive. */
const verifyPool = createVerifyPool()

export async function withLedger(
  openStore: OpenStore,
  work: (ledger: Ledger) => Promise<void>,
  params: Partial<NetworkParams> = {},
): Promise<void> {
  const { genesis } = givenNetwork(params)
  const bare = createMachine({ genesis })
  let executions = 0
  const execute: typeof bare.execute = (...call) => {
    executions++
    return bare.execute(...call)
  }
  const machine = { ...bare, execute }
  const opened: StoreUnderTest = openStore(machine.modules)
  const open = () => createApplication({ machine, store: opened.store, verifyPool })
  let application = open()

  function next(txs: readonly Uint8Array[]) {
    const { height, timeMs } = opened.store.committed()
    return { txs, height: height + 1, timeMs: Math.max(timeMs, genesis.timeMs) + 1_000, report: NOTHING_REPORTED }
  }

  async function commitBlock(txs: readonly Uint8Array[]) {
    const final = await application.finalizeBlock(next(txs))
    return { final, block: await application.commit({ hash: final.appHash, header: final.appHash }) }
  }

  try {
    await work({
      get application() {
        return application
      },
      get store() {
        return opened.store
      },
      next,
      commitBlock,
      executions: () => executions,
      restart: async () => {
        await opened.restart()
        application = open()
      },
    })
  } finally {
    await opened.dispose()
  }
}
