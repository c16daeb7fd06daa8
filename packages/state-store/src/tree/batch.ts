import { LEAF_BYTES } from './leaf-list.ts'
import { keep } from './read-ahead.ts'

/** A leaf as it shall be: its path and hash of 32 bytes each; `undefined`: gone. */
export interface LeafChange {
  readonly path: Uint8Array
  readonly hash: Uint8Array | undefined
}

/** Changes of leaves in one piece of memory. */
export interface Batch {
  /** A list of leaves, with the hashes they shall have; once a leaf is changed, with the one it had. */
  readonly bytes: Uint8Array
  readonly words: Int32Array
  /** 1 for a leaf that shall be gone. */
  readonly isGone: Uint8Array
  /** 1 for a leaf that was in the tree before its change. */
  readonly wasThere: Uint8Array
}

/** PERF: what so many changes refer to stays in the first cache until it is copied. */
const READ_AHEAD = 256

export function batchOf(changes: readonly LeafChange[]): Batch {
  const bytes = new Uint8Array(changes.length * LEAF_BYTES)
  const isGone = new Uint8Array(changes.length)
  for (const [index, { path, hash }] of changes.entries()) {
    if (index % READ_AHEAD === 0) readAhead(changes, index)
    bytes.set(path, index * LEAF_BYTES)
    if (hash === undefined) isGone[index] = 1
    else bytes.set(hash, index * LEAF_BYTES + 32)
  }
  return { bytes, words: new Int32Array(bytes.buffer), isGone, wasThere: new Uint8Array(changes.length) }
}

function readAhead(changes: readonly LeafChange[], first: number): void {
  let read = 0
  for (let index = first; index < Math.min(changes.length, first + READ_AHEAD); index++) {
    const { path, hash } = changes[index] as LeafChange
    read ^= (path[0] ?? 0) ^ (hash?.[0] ?? 0)
  }
  keep(read)
}

/** The changes that undo those of a batch. They keep its memory. */
export function undoOf({ bytes, wasThere }: Batch, changes: readonly LeafChange[]): LeafChange[] {
  const undo: LeafChange[] = []
  for (const [index, { path, hash }] of changes.entries()) {
    const at = index * LEAF_BYTES
    if (wasThere[index] === 1) undo.push({ path, hash: bytes.subarray(at + 32, at + LEAF_BYTES) })
    else if (hash !== undefined) undo.push({ path, hash: undefined })
  }
  return undo
}
