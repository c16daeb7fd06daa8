import { append, CborMajor, type CborWriter, encodeCanonical, writeBytes, writeHead } from '@icn/crypto'
import type { Table } from './table.ts'

/** Makes the chunks of a snapshot, one after the other. */
export interface ChunkWriter {
  /** @param row - canonical bytes */
  add(row: Uint8Array): void
  /** How many the chunk has so far. */
  rows(): number
  /** Bytes of these, without what stands between them. */
  bytes(): number
  /** DAG-CBOR `[table, [row, …]]` of what was added; the next chunk begins. */
  end(table: Table): Uint8Array
}

const ROOM_BYTES = 65_536
const HEAD_BYTES = 64

/**
 * PERF: rows are written one behind the other at once, as `encodeCanonical` would. Kept until their chunk is whole, eight
 * thousand arrays would outlive the memory for young values, and the thread of a snapshot would hold many chunks.
 */
export function createChunkWriter(): ChunkWriter {
  const body: CborWriter = { bytes: new Uint8Array(ROOM_BYTES), at: 0 }
  let rows = 0
  let bytes = 0

  function add(row: Uint8Array): void {
    writeBytes(body, row)
    rows++
    bytes += row.length
  }

  function end(table: Table): Uint8Array {
    const head: CborWriter = { bytes: new Uint8Array(HEAD_BYTES), at: 0 }
    writeHead(head, CborMajor.LIST, 2)
    append(head, encodeCanonical(table.name))
    writeHead(head, CborMajor.LIST, rows)
    const whole = new Uint8Array(head.at + body.at)
    whole.set(head.bytes.subarray(0, head.at))
    whole.set(body.bytes.subarray(0, body.at), head.at)
    body.at = 0
    rows = 0
    bytes = 0
    return whole
  }

  return { add, rows: () => rows, bytes: () => bytes, end }
}
