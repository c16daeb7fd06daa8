import { bitAt, firstDifference, isEqualHash } from './bits.ts'
import {
  BUCKET_LEAVES,
  countIn,
  END,
  firstLeafOf,
  isBucket,
  leftSlot,
  newInner,
  nextOf,
  type Pool,
  pathStart,
  recordStart,
  refAt,
  rightSlot,
  type Slot,
  setBucket,
  setInner,
  setNext,
} from './pool.ts'

/** The leaf of a bucket that has a path, given in words, or `END`. */
export function findIn(pool: Pool, slot: Slot, path: Int32Array, start: number): number {
  let leaf = firstLeafOf(refAt(pool, slot))
  while (leaf !== END && !isEqualHash(path, start, pool.leafWords, recordStart(leaf))) leaf = nextOf(pool, leaf)
  return leaf
}

/** The last leaf of a bucket that comes before a path, or `END`; the path is not in it. */
export function lastBefore(pool: Pool, slot: Slot, path: Uint8Array, start: number): number {
  let before = END
  for (let leaf = firstLeafOf(refAt(pool, slot)); leaf !== END; leaf = nextOf(pool, leaf)) {
    const bit = firstDifference(path, start, pool.leafBytes, pathStart(leaf))
    if (bitAt(path, start, bit) === 0) break
    before = leaf
  }
  return before
}

/** Adds a leaf, whose path is written, to a bucket that has room, or is one too large until it is split. */
export function link(pool: Pool, slot: Slot, leaf: number): void {
  const before = lastBefore(pool, slot, pool.leafBytes, pathStart(leaf))
  const first = firstLeafOf(refAt(pool, slot))
  setNext(pool, leaf, before === END ? first : nextOf(pool, before))
  if (before !== END) setNext(pool, before, leaf)
  setBucket(pool, slot, before === END ? leaf : first, countIn(pool, slot) + 1)
}

/** Takes a leaf out of a bucket of several. */
export function unlink(pool: Pool, slot: Slot, leaf: number): void {
  const first = firstLeafOf(refAt(pool, slot))
  let before = first
  while (before !== leaf && nextOf(pool, before) !== leaf) before = nextOf(pool, before)
  if (before !== leaf) setNext(pool, before, nextOf(pool, leaf))
  setBucket(pool, slot, first === leaf ? nextOf(pool, leaf) : first, countIn(pool, slot) - 1)
}

/** The last of `count` leaves that follow one another. */
export function lastOf(pool: Pool, first: number, count: number): number {
  let leaf = first
  for (let at = 1; at < count; at++) leaf = nextOf(pool, leaf)
  return leaf
}

/** Makes an inner node with two buckets of a bucket, where its paths part; hashes are left to be computed. */
export function split(pool: Pool, slot: Slot): void {
  const { leafBytes } = pool
  const first = firstLeafOf(refAt(pool, slot))
  const count = countIn(pool, slot)
  const bit = firstDifference(leafBytes, pathStart(first), leafBytes, pathStart(lastOf(pool, first, count)))
  let last = first
  let left = 1
  for (let next = nextOf(pool, last); bitAt(leafBytes, pathStart(next), bit) === 0; next = nextOf(pool, last)) {
    last = next
    left++
  }
  const inner = newInner(pool)
  setBucket(pool, leftSlot(inner), first, left)
  setBucket(pool, rightSlot(inner), nextOf(pool, last), count - left)
  setNext(pool, last, END)
  setInner(pool, slot, inner, bit)
}

/** Whether two buckets hang below an inner node that fit into one. */
export function canJoin(pool: Pool, inner: number): boolean {
  const [left, right] = [leftSlot(inner), rightSlot(inner)]
  if (!isBucket(refAt(pool, left)) || !isBucket(refAt(pool, right))) return false
  return countIn(pool, left) + countIn(pool, right) <= BUCKET_LEAVES
}

/** Makes one bucket of the two below the inner node in a slot; the hash stays what it is. */
export function joinBuckets(pool: Pool, slot: Slot): void {
  const inner = refAt(pool, slot)
  const [left, right] = [leftSlot(inner), rightSlot(inner)]
  const first = firstLeafOf(refAt(pool, left))
  const count = countIn(pool, left)
  setNext(pool, lastOf(pool, first, count), firstLeafOf(refAt(pool, right)))
  setBucket(pool, slot, first, count + countIn(pool, right))
  pool.freeInners.push(inner)
}
