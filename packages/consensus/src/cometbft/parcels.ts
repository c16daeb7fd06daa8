import { createFrameReader, frame, MalformedFrame } from './frames.ts'

/**
 * Many transactions as one entry of CometBFT's pool: a zero byte, with which no transaction begins, then each behind its
 * length as an unsigned varint. PERF: an entry costs every node of the network a check, a place in the pool, messages to
 * its peers and another check after each block, whatever is in it. Blocks hold transactions, never parcels (ADR 0018).
 */
const MARK = 0
/** Of a parcel, at most: small enough to travel between votes on a block. */
export const PARCEL_BYTES = 64 * 1024
/** Transactions of a parcel, at most. */
export const PARCEL_ITEMS = 500

/** @param transactions - at least two that fit, as `partition` makes them */
export function pack(transactions: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([Uint8Array.of(MARK), ...transactions.map(frame)])
}

/** What an entry of CometBFT's pool holds, in order; `undefined` for a parcel that `pack` does not make. */
export function unpack(entry: Uint8Array): readonly Uint8Array[] | undefined {
  if (entry[0] !== MARK) return [entry]
  if (entry.length > PARCEL_BYTES) return undefined
  try {
    const transactions = createFrameReader(PARCEL_BYTES).read(entry.subarray(1))
    if (transactions.length < 2 || transactions.length > PARCEL_ITEMS) return undefined
    if (transactions.some(({ length }) => length === 0)) return undefined
    return Buffer.compare(pack(transactions), entry) === 0 ? transactions : undefined
  } catch (error) {
    if (error instanceof MalformedFrame) return undefined
    throw error
  }
}

/** Takes a list apart into parts of which each fits into a parcel, or is one transaction. */
export function partition<T extends { readonly bytes: Uint8Array }>(list: readonly T[]): readonly (readonly T[])[] {
  const parts: T[][] = []
  let room = 0
  for (const item of list) {
    const part = parts.at(-1)
    const size = frame(item.bytes).length
    if (part === undefined || size > room || part.length === PARCEL_ITEMS) {
      parts.push([item])
      room = PARCEL_BYTES - 1 - size
    } else {
      part.push(item)
      room -= size
    }
  }
  return parts
}
