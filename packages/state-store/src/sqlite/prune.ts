import type { DatabaseSync } from 'node:sqlite'
import { historyId, idsOfBlock } from '@icn/state-machine/kernel'
import { keptFromOf } from './history.ts'
import { createLanePruner } from './lanes.ts'

/** Rows that go with one block, more or less: forgetting must not hold up what is written. */
const ROWS_AT_ONCE = 4_000

/**
 * Forgets old blocks with their transactions and events, some with each block, in its transaction.
 *
 * @param keepBlocks - how many of the latest are kept; 0: all
 * @returns what is to be called within the transaction of each block
 */
export function createPruner(database: DatabaseSync, keepBlocks: number): (height: number) => void {
  if (keepBlocks === 0) return () => {}
  const dropBlock = database.prepare('DELETE FROM block WHERE height = ?')
  const dropTransactions = database.prepare('DELETE FROM tx WHERE id BETWEEN ? AND ?')
  const dropEvents = database.prepare('DELETE FROM event WHERE id BETWEEN ? AND ?')
  const putMeta = database.prepare("INSERT OR REPLACE INTO meta VALUES ('keptFrom', ?)")
  const runAfter = database.prepare('SELECT min(run) AS run FROM tx_place WHERE run > ?')
  const dropPlaces = database.prepare(
    'DELETE FROM tx_place WHERE run = ?1 AND hash IN (SELECT hash FROM tx_place WHERE run = ?1 LIMIT ?2)',
  )
  const pruneLanes = createLanePruner(database)
  const lowest = database.prepare('SELECT min(height) AS height FROM block')
  let from: number | undefined

  function dropOldest(height: number): number {
    const [first, last] = idsOfBlock(height)
    dropBlock.run(height)
    return Number(dropTransactions.run(first, last).changes) + Number(dropEvents.run(first, last).changes)
  }

  /** A run begins where the one before it ends. */
  function dropRun(kept: number): void {
    const run = runAfter.get(0)?.run
    const next = run == null ? null : runAfter.get(Number(run))?.run
    if (next != null && Number(next) <= historyId(kept, 0)) dropPlaces.run(Number(run), ROWS_AT_ONCE)
  }

  return (height) => {
    // The block of a snapshot stands below what is kept, and goes too.
    from ??= Math.min(keptFromOf(database), Number(lowest.get()?.height ?? 1))
    const keep = height - keepBlocks + 1
    const before = from
    for (let rows = 0; from < keep && rows < ROWS_AT_ONCE; from++) rows += 1 + dropOldest(from)
    if (from > before && from > keptFromOf(database)) putMeta.run(String(from))
    if (from > before) pruneLanes(from)
    dropRun(from)
  }
}

/**
 * From which height on an engine has to keep its own blocks, so that a peer that begins with a snapshot can go on, and
 * evidence can still be judged; 0: all of them (`Commit.retain_height` of ABCI).
 *
 * @param blocks.height - of the last block
 * @param blocks.keepBlocks - as the store is told; 0: all
 * @param blocks.oldestSnapshot - the lowest height of which a snapshot is offered
 * @param blocks.evidenceBlocks - the age that evidence may have
 * @param blocks.neededFrom - the lowest height of which something else needs the block; `undefined`: none
 */
export function retainHeight(blocks: {
  readonly height: number
  readonly keepBlocks: number
  readonly oldestSnapshot: number | undefined
  readonly evidenceBlocks: number
  readonly neededFrom?: number | undefined
}): number {
  const { height, keepBlocks, oldestSnapshot = height, evidenceBlocks, neededFrom = height } = blocks
  if (keepBlocks === 0) return 0
  return Math.max(0, Math.min(height - keepBlocks + 1, oldestSnapshot, height - evidenceBlocks, neededFrom))
}
