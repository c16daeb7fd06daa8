import { EMPTY_ROOT, innerHash } from '@icn/crypto'

/** The root by its definition: split the sorted leaves on the first bit in which first and last differ. */
export function naiveRoot(leaves: readonly { readonly path: Uint8Array; readonly hash: Uint8Array }[]): Uint8Array {
  return leaves.length === 0 ? EMPTY_ROOT : rootOf(leaves.toSorted((a, b) => Buffer.compare(a.path, b.path)))
}

function rootOf(sorted: readonly { readonly path: Uint8Array; readonly hash: Uint8Array }[]): Uint8Array {
  const [first] = sorted
  if (first === undefined) throw new Error('no leaf')
  if (sorted.length === 1) return first.hash
  for (let bit = 0; bit < 256; bit++) {
    const zeros = sorted.filter(({ path }) => (((path[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) === 0)
    if (zeros.length > 0 && zeros.length < sorted.length)
      return innerHash(rootOf(zeros), rootOf(sorted.slice(zeros.length)))
  }
  throw new Error('equal paths')
}
