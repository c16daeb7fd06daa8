import { encodeCanonical } from '@icn/crypto'
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
const BYTES = 2
const LIST = 4

/**
 * PERF: rows are written one behind the other at once, as `encodeCanonical` would. Kept until their chunk is whole, eight
 * thousand arrays would outlive the memory for young values, and the thread of a snapshot would hold many chunks.
 */
export function createChunkWriter(): ChunkWriter {
  let body = new Uint8Array(ROOM_BYTES)
  let length = 0
  let rows = 0
  let bytes = 0

  function write(part: Uint8Array): void {
    if (length + part.length > body.length) {
      const larger = new Uint8Array(2 * (length + part.length))
      larger.set(body)
      body = larger
    }
    body.set(part, length)
    length += part.length
  }

  function add(row: Uint8Array): void {
    write(headOf(BYTES, row.length))
    write(row)
    rows++
    bytes += row.length
  }

  function end(table: Table): Uint8Array {
    const parts = [headOf(LIST, 2), encodeCanonical(table.name), headOf(LIST, rows), body.subarray(0, length)]
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
    let at = 0
    for (const part of parts) {
      whole.set(part, at)
      at += part.length
    }
    length = 0
    rows = 0
    bytes = 0
    return whole
  }

  return { add, rows: () => rows, bytes: () => bytes, end }
}

/** Major type and length in as few bytes as it takes. @see RFC 8949, section 3 */
function headOf(major: number, length: number): Uint8Array {
  const type = major << 5
  if (length < 24) return Uint8Array.of(type | length)
  if (length < 0x100) return Uint8Array.of(type | 24, length)
  if (length < 0x1_0000) return Uint8Array.of(type | 25, length >> 8, length)
  return Uint8Array.of(type | 26, length >>> 24, length >> 16, length >> 8, length)
}
