import type { SnapshotInfo, Snapshots } from '@icn/state-machine/kernel'
import type { StateReader } from '../sqlite/reader.ts'
import type { SqliteStore } from '../sqlite/sqlite-store.ts'
import { openSnapshotFolder } from './folder.ts'
import type { SnapshotInterval } from './interval.ts'
import { beginMaking, type SnapshotProgress } from './making.ts'
import { SNAPSHOT_FORMAT } from './manifest.ts'
import { beginRestoring, type SnapshotRefusal } from './restoring.ts'

export interface SnapshotsOptions {
  readonly store: SqliteStore
  /** The store's database. */
  readonly stateFile: string
  /** Where snapshots are kept: `<home>/snapshots`. */
  readonly folder: string
  /** Hash of the genesis: snapshots of other networks are refused. */
  readonly network: Uint8Array
  /** When one is made by itself; without it only `make` makes one. */
  readonly interval?: SnapshotInterval
  /** How many are kept; default 2. */
  readonly keep?: number
  /** Other connections to the database, which have to let go of it when a restored state takes its place. */
  readonly readers?: readonly StateReader[]
  /** The clock, against which a snapshot of the future is refused; one that is being taken is kept for a while. */
  readonly nowMs?: () => number
  readonly onProgress?: (progress: SnapshotProgress) => void
  readonly onMade?: (info: SnapshotInfo) => void
  /** The store is another one now: whoever remembers what it answered has to ask again. */
  readonly onRestored?: () => void
  /** What somebody offered is not what it should be. */
  readonly onRefused?: (refusal: SnapshotRefusal) => void
  /** A snapshot that could not be made: the node goes on, somebody should know. */
  readonly onFailure: (error: Error) => void
}

/** State sync of one node: what it offers, and how it takes what others offer. */
export interface NodeSnapshots extends Snapshots {
  /** Makes one of the last block now, in the background; `undefined` where that failed. */
  make(): Promise<SnapshotInfo | undefined>
  /** The lowest height that is offered; blocks after it must be kept for whoever begins there. */
  oldestHeight(): number | undefined
  /** Gives up what is being made or restored. To be called before the store is closed. */
  close(): Promise<void>
}

export function createSnapshots(options: SnapshotsOptions): NodeSnapshots {
  const { store, stateFile, network, interval, readers = [], nowMs = Date.now, onFailure } = options
  const { onProgress = () => {}, onMade = () => {}, onRestored = () => {}, onRefused = () => {} } = options
  const folder = openSnapshotFolder(options.folder, options.keep ?? 2, nowMs)
  const making = beginMaking({ store, stateFile, network, interval, onProgress, onMade, onFailure }, folder)
  const restoring = beginRestoring({ store, stateFile, network, readers, nowMs, onProgress, onRestored, onRefused })
  return {
    list: async () => folder.list(),
    load: async (height, format, chunk) => (format === SNAPSHOT_FORMAT ? folder.load(height, chunk) : undefined),
    offer: restoring.offer,
    apply: restoring.apply,
    make: making.make,
    oldestHeight: () => folder.list().at(-1)?.height,
    close: async () => {
      await making.close()
      await restoring.close()
    },
  }
}
