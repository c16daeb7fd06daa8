import { hashInto } from '@chainsafe/hashtree'
import { copyHash, firstDifference, HASH_WORDS } from './bits.ts'
import {
  BUCKET_LEAVES,
  countIn,
  firstLeafOf,
  hashStart,
  leafHashStart,
  nextOf,
  type Pool,
  pathStart,
  refAt,
  type Slot,
} from './pool.ts'

/** How many buckets may be hashed together. PERF: their nodes and what goes into the hashes stay in the second cache. */
export const BUCKETS = 256

/** The nodes of some buckets: their leaves, and those between them and the root of each. */
const hashes = new Int32Array(BUCKETS * 2 * BUCKET_LEAVES * HASH_WORDS)
const lefts = new Int32Array(BUCKETS * 2 * BUCKET_LEAVES)
const rights = new Int32Array(lefts.length)
/** How many nodes are on the longest way from a node down to a leaf. */
const heights = new Uint8Array(lefts.length)
const roots = new Int32Array(BUCKETS)
let nodes = 0

/** For each height a list of its nodes: the latest, and for each node the one before. */
const latest = new Int32Array(BUCKET_LEAVES)
const earlier = new Int32Array(lefts.length)

/** The right edge of what is built of a bucket, and the bit on which each of it parts from the one before. */
const edge = new Int32Array(BUCKET_LEAVES + 1)
const bits = new Int32Array(BUCKET_LEAVES + 1)

const input = new Int32Array(BUCKETS * BUCKET_LEAVES * HASH_WORDS)
const output = new Int32Array(input.length / 2)
const inputBytes = new Uint8Array(input.buffer)
const outputBytes = new Uint8Array(output.buffer)

/**
 * Computes the hashes of the buckets in some slots, at most `BUCKETS`. PERF: height by height, all of them together,
 * since a call of the hashing library takes as long as many of its hashes.
 */
export function hashBuckets(pool: Pool, slots: Int32Array, count: number): void {
  nodes = 0
  latest.fill(-1)
  for (let at = 0; at < count; at++) roots[at] = grow(pool, slots[at] as Slot)
  for (let height = 1; height < BUCKET_LEAVES && latest[height] !== -1; height++) hashHeight(latest[height] as number)
  for (let at = 0; at < count; at++) {
    copyHash(hashes, (roots[at] as number) * HASH_WORDS, pool.slotWords, hashStart(slots[at] as Slot))
  }
}

/** A node beside the way from a leaf of a bucket to its root, the lowest first. */
export interface BucketStep {
  readonly side: 'left' | 'right'
  readonly hash: Uint8Array
}

const single = new Int32Array(1)

/** The nodes beside the way from the leaf at a place of a bucket to its root. */
export function stepsInBucket(pool: Pool, slot: Slot, place: number): BucketStep[] {
  single[0] = slot
  hashBuckets(pool, single, 1)
  const steps: BucketStep[] = []
  let node = place
  // Leaves come first, each before the nodes above it.
  for (let above = 0; above < nodes; above++) {
    if ((heights[above] as number) === 0) continue
    const isLeft = lefts[above] === node
    if (!isLeft && rights[above] !== node) continue
    const sibling = (isLeft ? rights[above] : lefts[above]) as number
    const bytes = new Uint8Array(hashes.slice(sibling * HASH_WORDS, (sibling + 1) * HASH_WORDS).buffer)
    steps.push({ side: isLeft ? 'right' : 'left', hash: bytes })
    node = above
  }
  return steps
}

/**
 * Adds the nodes of a bucket; answers its root. Of sorted leaves the tree is the Cartesian tree over the first
 * differences of neighbours: what stands on the right edge below a difference is complete when a higher one comes.
 */
function grow(pool: Pool, slot: Slot): number {
  const { leafWords, leafBytes } = pool
  const count = countIn(pool, slot)
  const firstNode = nodes
  nodes += count
  let top = -1
  let leaf = firstLeafOf(refAt(pool, slot))
  let before = leaf
  for (let at = 0; at < count; at++) {
    const node = firstNode + at
    copyHash(leafWords, leafHashStart(leaf), hashes, node * HASH_WORDS)
    heights[node] = 0
    const bit = at === 0 ? 0 : firstDifference(leafBytes, pathStart(before), leafBytes, pathStart(leaf))
    while (top > 0 && (bits[top] as number) > bit) top = joinTop(top)
    edge[++top] = node
    bits[top] = bit
    before = leaf
    leaf = nextOf(pool, leaf)
  }
  while (top > 0) top = joinTop(top)
  return edge[0] as number
}

/** Makes one node of the last two on the edge; answers where it stands. */
function joinTop(top: number): number {
  const left = edge[top - 1] as number
  const right = edge[top] as number
  const height = 1 + Math.max(heights[left] as number, heights[right] as number)
  lefts[nodes] = left
  rights[nodes] = right
  heights[nodes] = height
  earlier[nodes] = latest[height] as number
  latest[height] = nodes
  edge[top - 1] = nodes++
  return top - 1
}

function hashHeight(first: number): void {
  let count = 0
  for (let node = first; node !== -1; node = earlier[node] as number, count++) {
    copyHash(hashes, (lefts[node] as number) * HASH_WORDS, input, 2 * count * HASH_WORDS)
    copyHash(hashes, (rights[node] as number) * HASH_WORDS, input, (2 * count + 1) * HASH_WORDS)
  }
  hashInto(inputBytes.subarray(0, count * 64), outputBytes.subarray(0, count * 32))
  let at = 0
  for (let node = first; node !== -1; node = earlier[node] as number, at++) {
    copyHash(output, at * HASH_WORDS, hashes, node * HASH_WORDS)
  }
}
