import { hashInto } from '@chainsafe/hashtree'
import {
  bitOf,
  HASH_WORDS,
  innerHashStart,
  isDirty,
  isLeaf,
  leafHashStart,
  leafOf,
  leftOf,
  type Pool,
  rightOf,
  setDirty,
} from './pool.ts'

/** Inner nodes whose hash is to be computed, by the bit on which they split. */
export type Dirty = number[][]

export function noDirty(): Dirty {
  return Array.from({ length: 256 }, () => [])
}

/** Marks an inner node; once, however often it is marked. */
export function mark(pool: Pool, dirty: Dirty, inner: number): void {
  if (isDirty(pool, inner)) return
  setDirty(pool, inner, true)
  dirty[bitOf(pool, inner)]?.push(inner)
}

/** PERF: 2,048 pairs at once are 128 KiB in and 64 KiB out, which stay in the second cache. */
const BATCH = 2_048
const input = new Int32Array(BATCH * 2 * HASH_WORDS)
const output = new Int32Array(BATCH * HASH_WORDS)
const inputBytes = new Uint8Array(input.buffer)
const outputBytes = new Uint8Array(output.buffer)

/**
 * Computes marked hashes and empties their lists. Children split on higher bits, so from the highest bit down each comes after its own.
 * @param least - nodes that split on a lower bit stay marked
 */
export function rehash(pool: Pool, dirty: Dirty, least = 0): void {
  for (let bit = 255; bit >= least; bit--) {
    const inners = dirty[bit]
    if (inners === undefined || inners.length === 0) continue
    for (let first = 0; first < inners.length; first += BATCH) {
      hashBatch(pool, inners, first, Math.min(inners.length, first + BATCH))
    }
    inners.length = 0
  }
}

function hashBatch(pool: Pool, inners: readonly number[], first: number, end: number): void {
  let at = 0
  for (let i = first; i < end; i++) {
    const inner = inners[i] as number
    copyHash(pool, leftOf(pool, inner), at)
    copyHash(pool, rightOf(pool, inner), at + HASH_WORDS)
    at += 2 * HASH_WORDS
  }
  const count = end - first
  hashInto(inputBytes.subarray(0, count * 64), outputBytes.subarray(0, count * 32))
  const { innerWords } = pool
  for (let i = 0; i < count; i++) {
    const inner = inners[first + i] as number
    const to = innerHashStart(inner)
    const from = i * HASH_WORDS
    for (let word = 0; word < HASH_WORDS; word++) innerWords[to + word] = output[from + word] as number
    setDirty(pool, inner, false)
  }
}

function copyHash({ leafWords, innerWords }: Pool, ref: number, at: number): void {
  const words = isLeaf(ref) ? leafWords : innerWords
  const from = isLeaf(ref) ? leafHashStart(leafOf(ref)) : innerHashStart(ref)
  for (let word = 0; word < HASH_WORDS; word++) input[at + word] = words[from + word] as number
}
