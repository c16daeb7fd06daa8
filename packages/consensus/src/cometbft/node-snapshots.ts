import type { Snapshots } from '../port.ts'

export interface SnapshotsOfEngine {
  /** CometBFT has no block of this height and before. */
  readonly beginsAfter: number
  /** Of the last block that the engine knows of. */
  readonly height: () => number
  /** Of the last block in the store. */
  readonly storedHeight: () => number
  /** The last chunk was taken: another state is in the store. */
  readonly onSynced: () => void
}

/**
 * Who begins with a snapshot asks for the headers of two blocks after it, and forgets for good a snapshot for which they
 * are not there yet.
 */
const BLOCKS_AFTER = 2

/** Snapshots as CometBFT's peers may have them, and the moment at which a state that was taken stands in the store. */
export function snapshotsOfEngine(snapshots: Snapshots, engine: SnapshotsOfEngine): Snapshots {
  const isProved = (height: number) => height > engine.beginsAfter && height + BLOCKS_AFTER <= engine.height()

  return {
    ...snapshots,
    list: async () => (await snapshots.list()).filter(({ height }) => isProved(height)),
    apply: async (index, chunk, sender) => {
      const verdict = await snapshots.apply(index, chunk, sender)
      if (engine.storedHeight() !== engine.height()) engine.onSynced()
      return verdict
    },
  }
}
