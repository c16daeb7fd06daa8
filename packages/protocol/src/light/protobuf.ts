import { concatBytes } from '@icn/crypto'
import { MalformedLightBlock } from './malformed.ts'

/*
 * As much of Protocol Buffers as the few messages of a light block need, because their bytes are hashed and signed: fields
 * in ascending order, defaults left out, varints in their shortest form, as CometBFT writes them.
 */

export type Part = Uint8Array | undefined
type FieldValue = bigint | Uint8Array

const VARINT = 0
const FIXED64 = 1
const BYTES = 2
const utf8 = new TextEncoder()
const utf8Strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function message(...parts: readonly Part[]): Uint8Array {
  return concatBytes(...parts.filter((part) => part !== undefined))
}

/** Negative ones take ten bytes, as two's complement. */
export function varint(value: bigint): Uint8Array {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, value)
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  return Uint8Array.of(...bytes, Number(rest))
}

export function intField(number: number, value: number | bigint): Part {
  return BigInt(value) === 0n ? undefined : concatBytes(tag(number, VARINT), varint(BigInt(value)))
}

/** `sfixed64`: eight bytes, little end first. */
export function fixedField(number: number, value: number): Part {
  if (value === 0) return undefined
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigInt64(0, BigInt(value), true)
  return concatBytes(tag(number, FIXED64), bytes)
}

export function bytesField(number: number, value: Uint8Array): Part {
  return value.length === 0 ? undefined : messageField(number, value)
}

export function textField(number: number, value: string): Part {
  return bytesField(number, utf8.encode(value))
}

/** Written even where it is empty: fields that CometBFT declares as never null. */
export function messageField(number: number, value: Uint8Array): Uint8Array {
  return concatBytes(tag(number, BYTES), delimited(value))
}

/** With its length before it. */
export function delimited(value: Uint8Array): Uint8Array {
  return concatBytes(varint(BigInt(value.length)), value)
}

function tag(number: number, wire: number): Uint8Array {
  return varint(BigInt(number * 8 + wire))
}

/** The fields of one message. Every reading says what it found where it is not what was expected. */
export interface Fields {
  /** An integer from `min` to 2^53 − 1; 0 where the field is not there. */
  int(number: number, what: string, min?: number): number
  /** A signed integer of 64 bits. */
  int64(number: number): bigint
  bytes(number: number): Uint8Array
  text(number: number, what: string): string
  /** Of a repeated field, in order. */
  all(number: number): readonly Uint8Array[]
}

/**
 * Reads a message whose field numbers and wire types are known: `types` gives them by number. Time and memory grow with
 * the bytes; nothing is copied.
 *
 * @param repeated - which of them may be there more than once
 * @throws MalformedLightBlock for anything else
 */
export function readFields(
  bytes: Uint8Array,
  what: string,
  types: Readonly<Record<number, 'int' | 'bytes'>>,
  repeated: readonly number[] = [],
): Fields {
  const values = new Map<number, FieldValue[]>()
  let at = 0
  while (at < bytes.length) {
    const key = readVarint()
    const number = Number(key >> 3n)
    const wire = Number(key & 7n)
    const type = types[number]
    if (type === undefined || wire !== (type === 'int' ? VARINT : BYTES)) {
      throw new MalformedLightBlock(`expected ${what} without a field ${number} of wire type ${wire}`)
    }
    const list = values.get(number) ?? []
    if (list.length > 0 && !repeated.includes(number)) {
      throw new MalformedLightBlock(`expected field ${number} of ${what} once`)
    }
    list.push(type === 'int' ? readVarint() : readBytes())
    values.set(number, list)
  }

  function readVarint(): bigint {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++]
      if (byte === undefined) break
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80 && value < 1n << 64n) return value
    }
    throw new MalformedLightBlock(`expected ${what} with whole varints`)
  }

  function readBytes(): Uint8Array {
    const length = readVarint()
    if (length > BigInt(bytes.length - at)) throw new MalformedLightBlock(`expected ${what} with all of its bytes`)
    const start = at
    at += Number(length)
    return bytes.subarray(start, at)
  }

  const int64 = (number: number) => BigInt.asIntN(64, (values.get(number)?.[0] as bigint | undefined) ?? 0n)
  const own = (number: number) => (values.get(number)?.[0] as Uint8Array | undefined) ?? new Uint8Array()
  return {
    int64,
    int: (number, name, min = 0) => {
      const value = int64(number)
      if (value >= BigInt(min) && value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value)
      throw new MalformedLightBlock(`expected ${name} from ${min} to 2^53 - 1, got ${value}`)
    },
    bytes: own,
    text: (number, name) => {
      try {
        return utf8Strict.decode(own(number))
      } catch (cause) {
        throw new MalformedLightBlock(`expected ${name} as UTF-8`, { cause })
      }
    },
    all: (number) => (values.get(number) ?? []) as Uint8Array[],
  }
}
