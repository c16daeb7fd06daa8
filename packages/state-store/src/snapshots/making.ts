import type { SnapshotInfo } from '@icn/state-machine/kernel'
import { createGate, type Gate } from '../sqlite/gate.ts'
import type { SqliteStore } from '../sqlite/sqlite-store.ts'
import type { SnapshotFolder } from './folder.ts'
import { isDue, isNear, type SnapshotInterval } from './interval.ts'
import { type MakeThreadData, type Making, startMaking } from './maker.ts'

export interface SnapshotProgress {
  readonly phase: 'make' | 'restore'
  /** Chunks. */
  readonly done: number
  /** While one is being made, a guess. */
  readonly total: number
}

export interface MakingOptions {
  readonly store: SqliteStore
  readonly stateFile: string
  readonly network: Uint8Array
  readonly interval: SnapshotInterval | undefined
  readonly onProgress: (progress: SnapshotProgress) => void
  readonly onMade: (info: SnapshotInfo) => void
  /** A snapshot that could not be made: the node goes on, somebody should know. */
  readonly onFailure: (error: Error) => void
}

/** Makes snapshots beside the blocks, one at a time. */
export interface SnapshotMaking {
  /** Of the last block, now; waits for the one that is being made. */
  make(): Promise<SnapshotInfo | undefined>
  close(): Promise<void>
}

interface Current extends Making {
  /** Where it begins with a block that is still to come; until `isLetIn`, it waits. */
  readonly gate: Gate | undefined
  isLetIn: boolean
  readonly kept: Promise<SnapshotInfo | undefined>
}

export function beginMaking(options: MakingOptions, folder: SnapshotFolder): SnapshotMaking {
  const { store, stateFile, network, interval, onProgress, onMade, onFailure } = options
  let current: Current | undefined
  let closing = false

  if (interval !== undefined) {
    store.askBeforeBlocks((block, before) => {
      const due = isDue(interval, block, before)
      if (closing || !(due || isNear(interval, block))) return undefined
      const own = current ?? start(createGate())
      // One that began earlier is still at work: this height has none.
      if (!due || own.isLetIn) return undefined
      own.isLetIn = true
      return own.gate
    })
  }

  function start(gate: Gate | undefined): Current {
    const data: MakeThreadData = { file: stateFile, draft: folder.begin(), modules: store.modules, network, gate }
    const making = startMaking(data, (done, total) => onProgress({ phase: 'make', done, total }))
    const kept = making.made
      .then((metadata) => {
        if (metadata === undefined || closing) return undefined
        const info = folder.complete(metadata)
        onMade(info)
        return info
      })
      .catch((error: Error) => {
        onFailure(error)
        return undefined
      })
      .finally(() => {
        folder.giveUp()
        current = undefined
      })
    current = { ...making, gate, isLetIn: gate === undefined, kept }
    return current
  }

  async function make(): Promise<SnapshotInfo | undefined> {
    while (current !== undefined) await (current.isLetIn ? current.kept : stop())
    return closing ? undefined : start(undefined).kept
  }

  async function stop(): Promise<void> {
    const own = current
    await own?.stop()
    await own?.kept
  }

  return {
    make,
    close: async () => {
      closing = true
      await stop()
    },
  }
}
