import { hashInto } from '@chainsafe/hashtree'
import { firstDifference, PATH_BYTES } from './bits.ts'
import { HASH_WORDS, type Pool, type Ref } from './pool.ts'

/** Inner nodes whose hash is stale, with their distance from the root. */
export interface Stale {
  count: number
  nodes: Int32Array
  depths: Uint8Array
}

/** Blocks hashed in one call: what goes in and out fits the second-level cache. */
const BATCH = 2048
const input = new Uint8Array(BATCH * 64)
const output = new Uint8Array(BATCH * 32)
const inputWords = new Int32Array(input.buffer)
const outputWords = new Int32Array(output.buffer)

export function createStale(): Stale {
  return { count: 0, nodes: new Int32Array(1024), depths: new Uint8Array(1024) }
}

/**
 * Inner nodes on the way to each of `count` paths.
 * PERF: paths come in ascending order, so that what two neighbours share is walked once.
 */
export function nodesAbove(pool: Pool, paths: Uint8Array, count: number): Stale {
  const { bits, left, right } = pool
  const stale = createStale()
  const way = new Int32Array(PATH_BYTES * 8)
  let depth = 0
  for (let i = 0; i < count; i++) {
    const at = i * PATH_BYTES
    const shared = i === 0 ? 0 : firstDifference(paths, at - PATH_BYTES, paths, at)
    while (depth > 0 && (bits[way[depth - 1] as number] as number) > shared) depth--
    let ref: Ref = depth === 0 ? pool.root : childAt(pool, way[depth - 1] as number, paths, at)
    // The root is on everybody's way: listed once unless a path that is gone led elsewhere, which costs only time.
    while (ref >= 0) {
      push(stale, ref, depth)
      way[depth++] = ref
      const bit = bits[ref] as number
      const isRight = ((paths[at + (bit >> 3)] as number) >> (7 - (bit & 7))) & 1
      ref = (isRight === 1 ? right[ref] : left[ref]) as number
    }
  }
  return stale
}

/** Every inner node of the tree. */
export function allNodes(pool: Pool): Stale {
  const stale = createStale()
  const refs = new Int32Array(PATH_BYTES * 8 + 1)
  const depths = new Uint8Array(PATH_BYTES * 8 + 1)
  let waiting = 1
  refs[0] = pool.root
  while (waiting > 0) {
    const ref = refs[--waiting] as Ref
    const depth = depths[waiting] as number
    if (ref < 0) continue
    push(stale, ref, depth)
    refs[waiting] = pool.right[ref] as Ref
    depths[waiting++] = depth + 1
    refs[waiting] = pool.left[ref] as Ref
    depths[waiting++] = depth + 1
  }
  return stale
}

/** Hashes the nodes given, the deepest first, so that the hashes below are fresh when one is read. */
export function rehash(pool: Pool, stale: Stale): void {
  const { nodes, starts } = byDepth(stale)
  for (let depth = starts.length - 2; depth >= 0; depth--) {
    const end = starts[depth + 1] as number
    for (let from = starts[depth] as number; from < end; from += BATCH) {
      hashBatch(pool, nodes.subarray(from, Math.min(from + BATCH, end)))
    }
  }
}

function hashBatch(pool: Pool, nodes: Int32Array): void {
  const { left, right, innerHashes } = pool
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i] as number
    gather(pool, left[node] as Ref, i * 2 * HASH_WORDS)
    gather(pool, right[node] as Ref, (i * 2 + 1) * HASH_WORDS)
  }
  hashInto(input.subarray(0, nodes.length * 64), output.subarray(0, nodes.length * 32))
  for (let i = 0; i < nodes.length; i++) {
    const to = (nodes[i] as number) * HASH_WORDS
    for (let word = 0; word < HASH_WORDS; word++) innerHashes[to + word] = outputWords[i * HASH_WORDS + word] as number
  }
}

function gather(pool: Pool, ref: Ref, to: number): void {
  const from = ref < 0 ? pool.leafHashes : pool.innerHashes
  const at = (ref < 0 ? ~ref : ref) * HASH_WORDS
  for (let word = 0; word < HASH_WORDS; word++) inputWords[to + word] = from[at + word] as number
}

function childAt(pool: Pool, inner: number, paths: Uint8Array, at: number): Ref {
  const bit = pool.bits[inner] as number
  const isRight = ((paths[at + (bit >> 3)] as number) >> (7 - (bit & 7))) & 1
  return (isRight === 1 ? pool.right[inner] : pool.left[inner]) as Ref
}

function push(stale: Stale, node: number, depth: number): void {
  if (stale.count === stale.nodes.length) {
    const nodes = new Int32Array(stale.count * 2)
    const depths = new Uint8Array(stale.count * 2)
    nodes.set(stale.nodes)
    depths.set(stale.depths)
    stale.nodes = nodes
    stale.depths = depths
  }
  stale.nodes[stale.count] = node
  stale.depths[stale.count++] = depth
}

/** Counting sort: the nodes of each depth together, `starts[depth]` to `starts[depth + 1]`. */
function byDepth({ count, nodes, depths }: Stale): { readonly nodes: Int32Array; readonly starts: Uint32Array } {
  const starts = new Uint32Array(258)
  for (let i = 0; i < count; i++) starts[(depths[i] as number) + 1] = (starts[(depths[i] as number) + 1] as number) + 1
  for (let depth = 1; depth < starts.length; depth++) {
    starts[depth] = (starts[depth] as number) + (starts[depth - 1] as number)
  }
  const sorted = new Int32Array(count)
  const next = starts.slice()
  for (let i = 0; i < count; i++) {
    const depth = depths[i] as number
    const place = next[depth] as number
    sorted[place] = nodes[i] as number
    next[depth] = place + 1
  }
  return { nodes: sorted, starts }
}
