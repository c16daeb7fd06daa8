/** Reads lists, texts and byte strings of CBOR in place. */
export interface ListReader {
  /** The number of items, which come next. */
  list(expected?: number): number
  text(): string
  /** A part of the same memory. */
  bytes(): Uint8Array
  /** Nothing may be left. */
  end(): void
}

const BYTES = 2
const TEXT = 3
const LIST = 4

/** Whatever is wrong with the input is a RangeError. @see RFC 8949 section 3 */
export function createListReader(input: Uint8Array): ListReader {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let at = 0

  /** Length after a head byte of this major type, at most what is left. */
  function length(major: number): number {
    const head = input[at++] ?? 0
    const minor = head & 31
    if (head >> 5 !== major || minor > 26) throw new RangeError(`byte ${at - 1} begins something else`)
    let value = minor
    if (minor >= 24) {
      const size = 1 << (minor - 24)
      value = 0
      for (let i = 0; i < size; i++) value = value * 256 + (input[at++] ?? 0)
    }
    if (at + value > input.length) throw new RangeError(`the input ends before ${value} bytes or items more`)
    return value
  }

  function part(size: number): Uint8Array {
    at += size
    return input.subarray(at - size, at)
  }

  function list(expected?: number): number {
    const count = length(LIST)
    if (expected !== undefined && count !== expected) throw new RangeError(`a list of ${count} items, not ${expected}`)
    return count
  }

  return {
    list,
    text: () => decoder.decode(part(length(TEXT))),
    bytes: () => part(length(BYTES)),
    end: () => {
      if (at !== input.length) throw new RangeError(`bytes after the last item, at ${at}`)
    },
  }
}
