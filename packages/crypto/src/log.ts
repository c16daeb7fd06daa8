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
  return appendTree(log, 0, leaf)
}

/** A log with one more leaf, and what that made: the leaf, then the root of each tree that it completes, lowest first. */
export function growLog(log: Log, leaf: Uint8Array): { readonly log: Log; readonly nodes: readonly Uint8Array[] } {
  const nodes: Uint8Array[] = []
  return { log: appendTree(log, 0, leaf, nodes), nodes }
}

/** A full binary tree over 2^height leaves of a log, the first of which is leaf `first`, counted from 0. */
export interface LogTree {
  readonly first: number
  readonly height: number
}

/**
 * The full trees, each as large as fits, that lead from a log of `from` leaves to one of `to`: at most 2 · log2(to). From 0
 * they are the peaks. The last leaf of each is the one that completes it, see `growLog`.
 *
 * @throws RangeError for what is no size of a log
 */
export function logTrees(from: number, to: number): LogTree[] {
  if (!isSize(from) || !isSize(to)) throw new RangeError(`${from} and ${to} are not both sizes of a log`)
  const trees: LogTree[] = []
  for (let first = from; first < to; ) {
    let height = 0
    while (first % 2 ** (height + 1) === 0 && first + 2 ** (height + 1) <= to) height++
    trees.push({ first, height })
    first += 2 ** height
  }
  return trees
}

/**
 * The log of `size` leaves that begins with `log` and goes on with the leaves under these roots. Whoever knows the longer
 * log from elsewhere proves so that the shorter one is its beginning.
 *
 * @param roots - of `logTrees(log.size, size)`, 32 bytes each
 * @throws RangeError for too many or too few roots, or ones of another length
 */
export function extendLog(log: Log, size: number, roots: readonly Uint8Array[]): Log {
  const trees = logTrees(log.size, size)
  if (size < log.size || trees.length !== roots.length) {
    throw new RangeError(`${trees.length} roots lead from ${log.size} leaves to ${size}, got ${roots.length}`)
  }
  return trees.reduce((grown, { height }, index) => appendTree(grown, height, roots[index] as Uint8Array), log)
}

/** @param nodes - gets the root of the tree and of those that it completes */
function appendTree(log: Log, height: number, root: Uint8Array, nodes?: Uint8Array[]): Log {
  if (root.length !== 32) throw new RangeError(`a leaf is 32 bytes, got ${root.length}`)
  checkPeaks(log)
  let hash = root
  let end = log.peaks.length
  nodes?.push(hash)
  for (let rest = log.size / 2 ** height; rest % 2 === 1; rest = (rest - 1) / 2) {
    hash = innerHash(fromHex(log.peaks.slice(end - DIGITS, end)), hash)
    end -= DIGITS
    nodes?.push(hash)
  }
  return { size: log.size + 2 ** height, peaks: log.peaks.slice(0, end) + toHex(hash) }
}

/** sha256("icn:log" || size as 8 bytes, big end first || peaks): names the whole history of the log. */
export function logRoot(log: Log): Uint8Array {
  checkPeaks(log)
  const size = new DataView(new ArrayBuffer(8))
  size.setBigUint64(0, BigInt(log.size))
  return sha256(ROOT_PREFIX, new Uint8Array(size.buffer), fromHex(log.peaks))
}

function isSize(size: number): boolean {
  return Number.isSafeInteger(size) && size >= 0
}

function checkPeaks(log: Log): void {
  let peaks = 0
  for (let rest = log.size; rest > 0; rest = Math.floor(rest / 2)) peaks += rest % 2
  if (log.peaks.length !== peaks * DIGITS) throw new RangeError(`a log of ${log.size} leaves has ${peaks} peaks`)
}
