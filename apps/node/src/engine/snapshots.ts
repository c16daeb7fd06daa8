import { join } from 'node:path'
import { genesisHash } from '@icn/protocol'
import { createSnapshots, type NodeSnapshots, type SqliteStore, type StateReader } from '@icn/state-store'
import type { Logger } from 'pino'
import type { Configuration } from '../config/load.ts'
import type { Home } from '../home/open-home.ts'
import { removeRestoredMark } from '../restored.ts'

export interface OpenSnapshotsOptions {
  readonly configuration: Configuration
  readonly home: Home
  readonly store: SqliteStore
  /** Other connections to the database of the store. */
  readonly readers: readonly StateReader[]
  readonly logger: Logger
}

/** What a node of a network of several gives to those who join, and takes when it joins itself. */
export function openSnapshots({ configuration, home, store, readers, logger }: OpenSnapshotsOptions): NodeSnapshots {
  const blocks = configuration.values['snapshots.blocks']
  return createSnapshots({
    store,
    stateFile: home.stateFile,
    folder: join(configuration.home, 'snapshots'),
    network: genesisHash(home.genesis),
    readers,
    ...(blocks === 0 ? {} : { interval: { blocks } }),
    onProgress: ({ phase, done, total }) => {
      if (phase === 'restore' && isTenth(done, total)) logger.info({ done, total }, 'taking a snapshot of the network')
    },
    onMade: ({ height, chunks }) => logger.info({ height, chunks }, 'made a snapshot'),
    onRestored: () => {
      // What was restored here before is gone.
      removeRestoredMark(configuration.home)
      logger.info({ height: store.committed().height }, 'began with a snapshot of the network')
    },
    onRefused: ({ chunk, ...facts }) => {
      const what = chunk === undefined ? 'its pieces lead to another root' : `piece ${chunk} is not what its hash says`
      logger.warn(facts, `SNAPSHOT_ALTERED: a snapshot that was offered is refused: ${what}; another one is asked for`)
    },
    onFailure: (err) => logger.error({ err }, 'a snapshot could not be made'),
  })
}

/** Whether this chunk completes a tenth of all. */
function isTenth(done: number, total: number): boolean {
  return Math.floor((10 * done) / total) > Math.floor((10 * (done - 1)) / total)
}
