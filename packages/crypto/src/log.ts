import { innerHash } from './merkle.ts'
import { sha256 } from './sha256.ts'
import { fromHex, toHex } from './text.ts'

/**
 * An append-only log, as little of it as appending needs: a Merkle mountain range, whose peaks are the roots of the
 * full binary trees that the leaves fill, largest first. A plain value, so it can stand in a table column.
 */
export interface Log {
  readonly size: number
  /** One hash of 64 hexadecimal digits for every 1 in the binary form of `size`. */
  readonly peaks: string
}

const DIGITS = 64
const LEAF_PREFIX = new TextEncoder().encode('icn:log-leaf')
const ROOT_PREFIX = new TextEncoder().encode('icn:log')

export function emptyLog(): Log {
  return { size: 0, peaks: '' }
}

/** Hash of an entry: sha256("icn:log-leaf" || bytes). */
export function logLeaf(bytes: Uint8Array): Uint8Array {
  return sha256(LEAF_PREFIX, bytes)
}

/**
 * The log with one more leaf; the old one stays as it is. One hash on average, at most log2(size).
 *
 * @param leaf - 32 bytes, from `logLeaf`
 * @throws RangeError for a leaf of another length, or a log whose peaks do not fit its size
 */
export function appendLog(log: Log, leaf: Uint8Array): Log {
  if (leaf.length !== 32) throw new RangeError(`a leaf is 32 bytes, got ${leaf.length}`)
  checkPeaks(log)
  let hash = leaf
  let end = log.peaks.length
  for (let rest = log.size; rest % 2 === 1; rest = (rest - 1) / 2) {
    hash = innerHash(fromHex(log.peaks.slice(end - DIGITS, end)), hash)
    end -= DIGITS
  }
  return { size: log.size + 1, peaks: log.peaks.slice(0, end) + toHex(hash) }
}

/** sha256("icn:log" || size as 8 bytes, big end first || peaks): names the whole history of the log. */
export function logRoot(log: Log): Uint8Array {
  checkPeaks(log)
  const size = new DataView(new ArrayBuffer(8))
  size.setBigUint64(0, BigInt(log.size))
  return sha256(ROOT_PREFIX, new Uint8Array(size.buffer), fromHex(log.peaks))
}

function checkPeaks(log: Log): void {
  let peaks = 0
  for (let rest = log.size; rest > 0; rest = Math.floor(rest / 2)) peaks += rest % 2
  if (log.peaks.length !== peaks * DIGITS) throw new RangeError(`a log of ${log.size} leaves has ${peaks} peaks`)
}
