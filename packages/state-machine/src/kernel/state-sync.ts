/** A copy of the whole state at one height, in chunks, as a node that joins asks for it. */
export interface SnapshotInfo {
  readonly height: number
  readonly format: number
  readonly chunks: number
  /** Names the contents: equal on every node. */
  readonly hash: Uint8Array
  /** What a receiver needs to check each chunk by itself. */
  readonly metadata: Uint8Array
}

/** State sync, as ABCI 2.0 asks for it. Chunks are at most 10 MB, and what is asked for or handed in is hostile. */
export interface Snapshots {
  list(): Promise<readonly SnapshotInfo[]>
  load(height: number, format: number, chunk: number): Promise<Uint8Array | undefined>
  /** @param appHash - of the state at the snapshot's height, which a light client verified */
  offer(snapshot: SnapshotInfo, appHash: Uint8Array): Promise<'accept' | 'abort' | 'reject' | 'reject-format'>
  apply(index: number, chunk: Uint8Array, sender: string): Promise<ChunkVerdict>
}

export interface ChunkVerdict {
  readonly result: 'accept' | 'abort' | 'retry' | 'retry-snapshot' | 'reject-snapshot'
  readonly refetchChunks?: readonly number[]
  readonly rejectSenders?: readonly string[]
}
