import { hashInto } from '@chainsafe/hashtree'
import { copyHash, HASH_WORDS } from './bits.ts'
import { hashStart, leftSlot, type Pool, rightSlot } from './pool.ts'
import type { Route } from './route.ts'

/** PERF: 2,048 pairs at once are 128 KiB in and 64 KiB out, which stay in the second cache. */
const BATCH = 2_048
const input = new Int32Array(BATCH * 2 * HASH_WORDS)
const output = new Int32Array(BATCH * HASH_WORDS)
const inputBytes = new Uint8Array(input.buffer)
const outputBytes = new Uint8Array(output.buffer)

/** Computes the hashes of all inner nodes of a route, the last level first. */
export function rehash(pool: Pool, route: Route): void {
  let end = route.count
  for (const begin of route.levels.toReversed()) {
    for (let first = begin; first < end; first += BATCH) hashBatch(pool, route, first, Math.min(end, first + BATCH))
    end = begin
  }
}

function hashBatch({ slotWords }: Pool, { inners, slots }: Route, first: number, end: number): void {
  const count = end - first
  for (let i = 0; i < count; i++) {
    const inner = inners[first + i] as number
    copyHash(slotWords, hashStart(leftSlot(inner)), input, 2 * i * HASH_WORDS)
    copyHash(slotWords, hashStart(rightSlot(inner)), input, (2 * i + 1) * HASH_WORDS)
  }
  hashInto(inputBytes.subarray(0, count * 64), outputBytes.subarray(0, count * 32))
  for (let i = 0; i < count; i++) {
    copyHash(output, i * HASH_WORDS, slotWords, hashStart(slots[first + i] as number))
  }
}
