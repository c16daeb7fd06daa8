import { CanonicalError, isForbiddenKey, MAX_DEPTH } from './canonical-error.ts'

export interface CanonicalLimits {
  /** Default 1,048,576. */
  readonly maxBytes?: number
  /** Lists and maps within each other; default 16. */
  readonly maxDepth?: number
  /** Values and keys together; default 16,384, which takes about 2 ms. */
  readonly maxItems?: number
}

interface Reader {
  readonly bytes: Uint8Array
  at: number
  depthLeft: number
  itemsLeft: number
}

/**
 * Reads one canonical DAG-CBOR value in a single pass; `encodeCanonical` of the result gives the same bytes.
 *
 * The profile is narrower than DAG-CBOR: no floats and no tags. Lengths are checked against the input before anything
 * is allocated, so a hostile input costs no more than its length. Byte strings are copied out.
 *
 * @param bytes - exactly one value
 * @throws CanonicalError, and nothing else, when `bytes` are anything but canonical
 * @see https://ipld.io/specs/codecs/dag-cbor/spec/ (strictness), RFC 8949 section 4.2
 */
export function decodeCanonical(bytes: Uint8Array, limits: CanonicalLimits = {}): unknown {
  const { maxBytes = 1_048_576, maxDepth = MAX_DEPTH, maxItems = 16_384 } = limits
  if (bytes.length > maxBytes) throw new CanonicalError('TOO_LARGE', `${bytes.length} bytes, at most ${maxBytes}`)
  const reader: Reader = { bytes, at: 0, depthLeft: maxDepth, itemsLeft: maxItems }
  const value = readValue(reader)
  if (reader.at !== bytes.length) throw fault(reader, 'bytes after the value')
  return value
}

function fault(reader: Reader, what: string): CanonicalError {
  return new CanonicalError('NON_CANONICAL', `${what} at byte ${reader.at}`)
}

function badAmount(reader: Reader, what: string): CanonicalError {
  return new CanonicalError('BAD_AMOUNT', `${what} at byte ${reader.at}`)
}

function readValue(reader: Reader): unknown {
  countItem(reader)
  const head = nextByte(reader)
  const minor = head & 31
  switch (head >> 5) {
    case 0:
      return readInteger(reader, minor)
    case 1:
      return readNegative(reader, minor)
    case 2:
      return readBytes(reader, minor)
    case 3:
      return readText(reader, readLength(reader, minor))
    case 4:
      return readList(reader, minor)
    case 5:
      return readMap(reader, minor)
    case 6:
      throw fault(reader, 'a tag')
    default:
      return readSimple(reader, minor)
  }
}

function countItem(reader: Reader): void {
  if (--reader.itemsLeft < 0) throw new CanonicalError('TOO_LARGE', `too many items at byte ${reader.at}`)
}

function nextByte(reader: Reader): number {
  const byte = reader.bytes[reader.at]
  if (byte === undefined) throw fault(reader, 'the input ends early')
  reader.at++
  return byte
}

function readSimple(reader: Reader, minor: number): boolean | null {
  if (minor === 20) return false
  if (minor === 21) return true
  if (minor === 22) return null
  if (minor >= 25 && minor <= 27) throw badAmount(reader, 'a floating-point number')
  throw fault(reader, 'undefined, a break or an unknown simple value')
}

/** The number after a head byte: the shortest of its forms, at most 2^53 − 1. */
function readInteger(reader: Reader, minor: number): number {
  if (minor < 24) return minor
  if (minor > 27) throw fault(reader, 'an indefinite or reserved length')
  const size = 1 << (minor - 24)
  const { bytes, at } = reader
  if (at + size > bytes.length) throw fault(reader, 'the input ends early')
  let value = 0
  for (let i = at; i < at + size; i++) value = value * 256 + (bytes[i] ?? 0)
  const shorter = minor === 24 ? 24 : 2 ** (4 * size)
  if (value < shorter) throw fault(reader, 'a number in a longer form than needed')
  // Rounding in the loop cannot bring a larger number below 2^53.
  if (value > Number.MAX_SAFE_INTEGER) throw badAmount(reader, 'an integer beyond 2^53 − 1')
  reader.at = at + size
  return value
}

function readNegative(reader: Reader, minor: number): number {
  const value = -1 - readInteger(reader, minor)
  if (value < -Number.MAX_SAFE_INTEGER) throw badAmount(reader, 'an integer beyond −(2^53 − 1)')
  return value
}

/** A length in bytes or items: every byte and every item takes at least one byte of what is left. */
function readLength(reader: Reader, minor: number): number {
  const start = reader.at
  let length: number
  try {
    length = readInteger(reader, minor)
  } catch (error) {
    if (error instanceof CanonicalError && error.code === 'BAD_AMOUNT') throw fault(reader, 'a length beyond the input')
    throw error
  }
  if (length > reader.bytes.length - reader.at) {
    reader.at = start
    throw fault(reader, 'a length beyond the input')
  }
  return length
}

function readBytes(reader: Reader, minor: number): Uint8Array {
  const length = readLength(reader, minor)
  const copy = new Uint8Array(length)
  copy.set(reader.bytes.subarray(reader.at, reader.at + length))
  reader.at += length
  return copy
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** PERF: below about 40 bytes building the text by hand is several times faster than a TextDecoder. */
function readText(reader: Reader, length: number): string {
  const { bytes, at } = reader
  if (length > 40) return readLongText(reader, length)
  let text = ''
  for (let i = at; i < at + length; i++) {
    const byte = bytes[i] ?? 0
    if (byte > 127) return readLongText(reader, length)
    text += String.fromCharCode(byte)
  }
  reader.at = at + length
  return text
}

function readLongText(reader: Reader, length: number): string {
  const part = reader.bytes.subarray(reader.at, reader.at + length)
  let text: string
  try {
    text = utf8.decode(part)
  } catch {
    throw fault(reader, 'text that is not UTF-8')
  }
  reader.at += length
  return text
}

function enter(reader: Reader): void {
  if (--reader.depthLeft < 0) throw fault(reader, 'too many lists and maps within each other')
}

function readList(reader: Reader, minor: number): unknown[] {
  const length = readLength(reader, minor)
  enter(reader)
  const list: unknown[] = []
  for (let i = 0; i < length; i++) list.push(readValue(reader))
  reader.depthLeft++
  return list
}

function readMap(reader: Reader, minor: number): Record<string, unknown> {
  const length = readLength(reader, minor)
  enter(reader)
  const map: Record<string, unknown> = {}
  let previousAt = 0
  let previousLength = -1
  for (let i = 0; i < length; i++) {
    countItem(reader)
    const head = nextByte(reader)
    if (head >> 5 !== 3) throw fault(reader, 'a key that is not text')
    const keyLength = readLength(reader, head & 31)
    const keyAt = reader.at
    if (!isAfter(reader.bytes, keyAt, keyLength, previousAt, previousLength)) throw fault(reader, 'keys out of order')
    const key = readKey(reader, keyLength)
    if (isForbiddenKey(key)) throw new CanonicalError('FORBIDDEN_KEY', `key ${key} at byte ${keyAt}`)
    map[key] = readValue(reader)
    previousAt = keyAt
    previousLength = keyLength
  }
  reader.depthLeft++
  return map
}

/** Whether a key comes strictly after the one before it: the longer later, equal lengths by bytes. */
function isAfter(bytes: Uint8Array, at: number, length: number, previousAt: number, previousLength: number): boolean {
  if (length !== previousLength) return length > previousLength
  for (let i = 0; i < length; i++) {
    const difference = (bytes[at + i] ?? 0) - (bytes[previousAt + i] ?? 0)
    if (difference !== 0) return difference > 0
  }
  return false
}

// PERF: the same few hundred keys come again and again; a known key costs no allocation. Bounded: one key a slot.
const knownKeys: string[] = new Array<string>(1024).fill('')

function readKey(reader: Reader, length: number): string {
  const { bytes, at } = reader
  if (length === 0 || length > 40) return readText(reader, length)
  const first = bytes[at] ?? 0
  const last = bytes[at + length - 1] ?? 0
  const middle = bytes[at + (length >> 1)] ?? 0
  const slot = (first * 31 + last * 7 + middle * 131 + length) & 1023
  const known = knownKeys[slot] ?? ''
  if (known.length === length && isText(bytes, at, known)) {
    reader.at = at + length
    return known
  }
  const key = readText(reader, length)
  knownKeys[slot] = key
  return key
}

/** Equal as ASCII: a text with other characters is never equal, because its bytes are above 127. */
function isText(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false
  return true
}
