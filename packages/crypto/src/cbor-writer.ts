/** Major types: what the number of a head tells. @see RFC 8949, section 3.1 */
export const CborMajor = { UNSIGNED: 0x00, NEGATIVE: 0x20, BYTES: 0x40, TEXT: 0x60, LIST: 0x80, MAP: 0xa0 } as const
export type CborMajor = (typeof CborMajor)[keyof typeof CborMajor]

/** Bytes that grow: `at` of `bytes` are written. The functions below put another array in its place when there is no room. */
export interface CborWriter {
  bytes: Uint8Array
  at: number
}

/** A byte string: its head, then `bytes`. */
export function writeBytes(writer: CborWriter, bytes: Uint8Array): void {
  writeHead(writer, CborMajor.BYTES, bytes.length)
  append(writer, bytes)
}

/** Bytes as they are, such as a value that was encoded before. */
export function append(writer: CborWriter, bytes: Uint8Array): void {
  reserve(writer, bytes.length)
  writer.bytes.set(bytes, writer.at)
  writer.at += bytes.length
}

/**
 * The head of a value: a major type with its number, in the shortest form.
 *
 * @param value - 0 to 2^53 − 1: the number itself, or a length in bytes or entries
 * @see RFC 8949, sections 3 and 4.2.1
 */
export function writeHead(writer: CborWriter, major: CborMajor, value: number): void {
  reserve(writer, 9)
  const { bytes } = writer
  if (value < 24) {
    bytes[writer.at++] = major | value
    return
  }
  const size = value < 0x100 ? 1 : value < 0x1_0000 ? 2 : value < 0x1_0000_0000 ? 4 : 8
  bytes[writer.at] = major | (size === 1 ? 24 : size === 2 ? 25 : size === 4 ? 26 : 27)
  let rest = value
  for (let i = size; i > 0; i--) {
    bytes[writer.at + i] = rest % 256
    rest = Math.floor(rest / 256)
  }
  writer.at += size + 1
}

/** Makes room for `length` bytes. */
export function reserve(writer: CborWriter, length: number): void {
  const needed = writer.at + length
  if (needed <= writer.bytes.length) return
  const larger = new Uint8Array(Math.max(needed, 2 * writer.bytes.length))
  larger.set(writer.bytes.subarray(0, writer.at))
  writer.bytes = larger
}
