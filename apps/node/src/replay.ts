import { createApplication } from '@icn/consensus'
import { equalBytes } from '@icn/crypto'
import { createVerifyPool } from '@icn/crypto/verify-pool'
import type { Machine } from '@icn/state-machine'
import type { StateStore } from '@icn/state-machine/kernel'
import { CorruptData, createMemoryStore } from '@icn/state-store'

/**
 * Executes every block again from the genesis in a store in memory, signatures included, and compares every root.
 *
 * @returns the number of blocks
 * @throws CorruptData naming the first block that comes out differently
 */
export async function replay(machine: Machine, original: StateStore): Promise<number> {
  const store = createMemoryStore(machine.modules)
  const verifyPool = createVerifyPool()
  const application = createApplication({ machine, store, verifyPool })
  const { height: last } = original.committed()
  try {
    for (let height = 1; height <= last; height++) {
      const block = original.block(height)
      const advice = 'restore the data folder from a backup, or take the history from another node'
      if (block === undefined) throw new CorruptData(`block ${height} is missing`, advice)
      const txs = block.transactions.map(({ bytes }) => bytes)
      const { appHash } = await application.finalizeBlock({ txs, height, timeMs: block.timeMs, report: block.report })
      if (!equalBytes(appHash, block.appHash)) throw new CorruptData(`block ${height} replays to another root`, advice)
      await application.commit({ hash: block.hash, header: block.header })
    }
    return last
  } finally {
    await verifyPool.close()
  }
}
