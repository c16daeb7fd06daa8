/** Bytes of a message, at most: a block and what surrounds it stay far below. */
export const MAX_FRAME_BYTES = 32 * 1024 * 1024
/** A length below 2^35 in 7 bits a byte. */
const MAX_LENGTH_BYTES = 5

/** What came in is no sequence of frames; nothing after it can be trusted. */
export class MalformedFrame extends Error {
  override readonly name = 'MalformedFrame'
  readonly code = 'BAD_FRAME'
}

/** Takes a stream of bytes apart into messages, each of which stands behind its length as an unsigned varint. */
export interface FrameReader {
  /**
   * Answers the messages that are whole now. They may share memory with `chunk`.
   *
   * @throws MalformedFrame for a length over the bound, or one that never ends
   */
  read(chunk: Uint8Array): Uint8Array[]
}

export function createFrameReader(maxBytes = MAX_FRAME_BYTES): FrameReader {
  let length = 0
  let lengthBytes = 0
  /** Of the message that is not whole yet; `undefined` while its length is not known. */
  let missing: number | undefined
  // PERF: kept apart until the last one is there, so a message of many megabytes is copied once; and a length alone
  // makes nobody set memory aside.
  let parts: Uint8Array[] = []

  function readLength(byte: number): void {
    length += (byte & 0x7f) * 2 ** (7 * lengthBytes)
    lengthBytes++
    if (byte < 0x80) {
      if (length > maxBytes) throw new MalformedFrame(`a frame of ${length} bytes, at most ${maxBytes}`)
      missing = length
      length = 0
      lengthBytes = 0
    } else if (lengthBytes === MAX_LENGTH_BYTES) throw new MalformedFrame('the length of a frame does not end')
  }

  function read(chunk: Uint8Array): Uint8Array[] {
    const frames: Uint8Array[] = []
    let at = 0
    while (at < chunk.length || missing === 0) {
      if (missing === undefined) {
        readLength(chunk[at++] ?? 0)
        continue
      }
      const part = chunk.subarray(at, at + missing)
      at += part.length
      missing -= part.length
      if (missing > 0) {
        parts.push(part)
        continue
      }
      frames.push(parts.length === 0 ? part : Buffer.concat([...parts, part]))
      parts = []
      missing = undefined
    }
    return frames
  }

  return { read }
}

/** A message behind its length. */
export function frame(message: Uint8Array): Uint8Array {
  const head: number[] = []
  let rest = message.length
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) head.push((rest % 0x80) | 0x80)
  head.push(rest)
  const bytes = new Uint8Array(head.length + message.length)
  bytes.set(head)
  bytes.set(message, head.length)
  return bytes
}
