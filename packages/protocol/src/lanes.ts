import { encodeCanonical, logLeaf, sha256 } from '@icn/crypto'

/** The lanes of a chain by number: what each of them is about. */
export const LANES = ['core', 'marketplace', 'storage'] as const

/** An event as the log of its lane has it. */
export type LaneEvent = readonly [
  topic: string,
  org: string | null,
  subject: string,
  data: Readonly<Record<string, string | number | boolean>>,
]

/** Events that are shown or hidden together: those of one transaction, or one of the end of a block. */
export interface LaneGroup {
  /** Position of the transaction in its block; at the end of a block, the number of its transactions. */
  readonly index: number
  /** Hash of the transaction, 32 bytes; `null` at the end of a block. */
  readonly transaction: Uint8Array | null
  /** Of the transaction, 64 bytes; `null` at the end of a block. Whoever does not know it cannot guess at a hidden group. */
  readonly signature: Uint8Array | null
  /** In their order; at least one. */
  readonly events: readonly LaneEvent[]
}

const GROUP_PREFIX = new TextEncoder().encode('icn:lane-group')

/** sha256("icn:lane-group" || encoding of [index, transaction, signature, events]); 3 µs for a vote on node. */
export function laneGroupHash({ index, transaction, signature, events }: LaneGroup): Uint8Array {
  return sha256(GROUP_PREFIX, encodeCanonical([index, transaction, signature, events]))
}

/**
 * What one block adds to the log of a lane: the leaf of the encoding of [height, time, hashes of the groups].
 *
 * @param groups - hashes in the order of the block, at least one
 */
export function laneLeaf(height: number, timeMs: number, groups: readonly Uint8Array[]): Uint8Array {
  return logLeaf(encodeCanonical([height, timeMs, groups]))
}
