import { equalBytes, sha256 } from '@icn/crypto'
import { type ChunkVerdict, SnapshotError, type SnapshotInfo, type Snapshots } from '@icn/state-machine/kernel'
import type { StateReader } from '../sqlite/reader.ts'
import { schemaFingerprint } from '../sqlite/schema.ts'
import { draftOf, removeDraft, type SqliteStore } from '../sqlite/sqlite-store.ts'
import type { SnapshotProgress } from './making.ts'
import { chunksOf, decodeManifest, MAX_METADATA_BYTES, type Manifest, SNAPSHOT_FORMAT } from './manifest.ts'
import { type Restorer, startRestoring } from './restorer.ts'

export interface RestoringOptions {
  readonly store: SqliteStore
  readonly stateFile: string
  readonly network: Uint8Array
  readonly readers: readonly StateReader[]
  readonly nowMs: () => number
  readonly onProgress: (progress: SnapshotProgress) => void
  readonly onRestored: () => void
  readonly onRefused: (refusal: SnapshotRefusal) => void
}

/** What strangers offered, and what is not as it should be. */
export interface SnapshotRefusal {
  readonly height: number
  /** Place of the piece that is another one than the metadata says; `undefined`: all pieces together lead to another root. */
  readonly chunk?: number
  /** Who sent the piece, as CometBFT names its peers; nothing more is taken from there. */
  readonly sender?: string
}

export interface SnapshotRestoring extends Pick<Snapshots, 'offer' | 'apply'> {
  close(): Promise<void>
}

interface Current {
  readonly manifest: Manifest
  readonly restorer: Restorer
  readonly taken: Set<number>
}

/** Time of a block in the future that clocks which differ explain: what a peer says of it stands under no proof. */
const CLOCK_MS = 60_000

/** Takes a snapshot from strangers. What the light client verified is the app hash; everything else is checked against it. */
export function beginRestoring(options: RestoringOptions): SnapshotRestoring {
  const { store, stateFile, network, readers, nowMs, onProgress, onRestored, onRefused } = options
  let current: Current | undefined

  async function offer(snapshot: SnapshotInfo, appHash: Uint8Array): ReturnType<Snapshots['offer']> {
    if (store.head().height !== 0) return 'abort'
    if (snapshot.format !== SNAPSHOT_FORMAT) return 'reject-format'
    const manifest = acceptable(snapshot, appHash)
    if (manifest === undefined) return 'reject'
    await giveUp()
    removeDraft(stateFile)
    const restorer = startRestoring({ file: draftOf(stateFile), modules: store.modules, manifest })
    current = { manifest, restorer, taken: new Set() }
    return 'accept'
  }

  function acceptable({ height, chunks, hash, metadata }: SnapshotInfo, appHash: Uint8Array): Manifest | undefined {
    if (metadata.length > MAX_METADATA_BYTES || !equalBytes(sha256(metadata), hash)) return undefined
    const manifest = decodeManifest(metadata)
    if (manifest === undefined) return undefined
    const fits =
      manifest.height === height &&
      chunksOf(manifest) === chunks &&
      chunks > 0 &&
      equalBytes(manifest.appHash, appHash) &&
      equalBytes(manifest.network, network) &&
      manifest.tables === schemaFingerprint(store.modules) &&
      manifest.timeMs <= nowMs() + CLOCK_MS
    return fits ? manifest : undefined
  }

  async function apply(index: number, chunk: Uint8Array, sender: string): Promise<ChunkVerdict> {
    if (current === undefined) return { result: 'abort' }
    const { manifest, restorer, taken } = current
    if (!Number.isSafeInteger(index) || index < 0 || index >= chunksOf(manifest)) return { result: 'abort' }
    if (taken.has(index)) return { result: 'accept' }
    try {
      if (!(await restorer.take(index, chunk))) {
        onRefused({ height: manifest.height, chunk: index, sender })
        return { result: 'retry', refetchChunks: [index], rejectSenders: sender === '' ? [] : [sender] }
      }
      taken.add(index)
      onProgress({ phase: 'restore', done: taken.size, total: chunksOf(manifest) })
      if (taken.size === chunksOf(manifest)) await finish(restorer)
      return { result: 'accept' }
    } catch (error) {
      await giveUp()
      // Every chunk is what the snapshot said, so the snapshot lied; anything else is this machine's.
      if (!(error instanceof SnapshotError)) throw error
      onRefused({ height: manifest.height })
      return { result: 'reject-snapshot' }
    }
  }

  async function finish(restorer: Restorer): Promise<void> {
    const trees = await restorer.finish()
    current = undefined
    await store.replaceBy({ trees }, readers)
    onRestored()
  }

  async function giveUp(): Promise<void> {
    const own = current
    current = undefined
    await own?.restorer.discard()
    if (own !== undefined) removeDraft(stateFile)
  }

  return { offer, apply, close: giveUp }
}
