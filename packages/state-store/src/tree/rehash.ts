import { hashInto } from '@chainsafe/hashtree'
import { isLeaf, leafOf, type Pool, WORDS } from './pool.ts'

/** Inner nodes whose hash is to be computed, by the bit on which they split. */
export type Dirty = number[][]

export function noDirty(): Dirty {
  return Array.from({ length: 256 }, () => [])
}

/** Marks an inner node; once, however often it is marked. */
export function mark(pool: Pool, dirty: Dirty, inner: number): void {
  if (pool.dirty[inner] === 1) return
  pool.dirty[inner] = 1
  dirty[pool.bits[inner] ?? 0]?.push(inner)
}

/** PERF: 2,048 pairs at once are 128 KiB in and 64 KiB out, which stay in the second cache. */
const BATCH = 2_048
const input = new Uint32Array(BATCH * 2 * WORDS)
const output = new Uint32Array(BATCH * WORDS)
const inputBytes = new Uint8Array(input.buffer)
const outputBytes = new Uint8Array(output.buffer)

/** Computes all marked hashes and empties the lists. Children split on higher bits, so from the highest bit down each comes after its own. */
export function rehash(pool: Pool, dirty: Dirty): void {
  for (let bit = 255; bit >= 0; bit--) {
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
    const inner = inners[i] ?? 0
    copyHash(pool, pool.left[inner] ?? 0, at)
    copyHash(pool, pool.right[inner] ?? 0, at + WORDS)
    at += 2 * WORDS
  }
  const count = end - first
  hashInto(inputBytes.subarray(0, count * 64), outputBytes.subarray(0, count * 32))
  const { innerHashes, dirty } = pool
  for (let i = 0; i < count; i++) {
    const inner = inners[first + i] ?? 0
    const to = inner * WORDS
    const from = i * WORDS
    for (let word = 0; word < WORDS; word++) innerHashes[to + word] = output[from + word] ?? 0
    dirty[inner] = 0
  }
}

function copyHash(pool: Pool, ref: number, at: number): void {
  const words = isLeaf(ref) ? pool.leafHashes : pool.innerHashes
  const from = (isLeaf(ref) ? leafOf(ref) : ref) * WORDS
  for (let word = 0; word < WORDS; word++) input[at + word] = words[from + word] ?? 0
}
