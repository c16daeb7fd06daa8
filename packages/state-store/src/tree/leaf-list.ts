/** A leaf in a list: 32 bytes of path, 32 of hash. */
export const LEAF_BYTES = 64
/** The same in words of 32 bits. */
export const LEAF_WORDS = 16

const INDEXES = 0x100_0000

/**
 * The order of the paths in a list of leaves; equal ones keep theirs.
 *
 * @param stride - bytes from one path to the next
 *
 * PERF: 29 bits of path and 24 of index in one exact number sort natively; the few that agree in 29 bits are put right
 * after.
 */
export function sortedIndexes(list: Uint8Array, count = list.length / LEAF_BYTES, stride = LEAF_BYTES): Uint32Array {
  if (count >= INDEXES) throw new RangeError(`a module has at most 16,777,215 rows, got ${count}`)
  const keys = new Float64Array(count)
  const view = new DataView(list.buffer, list.byteOffset, list.length)
  for (let index = 0; index < count; index++) keys[index] = (view.getUint32(index * stride) >>> 3) * INDEXES + index
  keys.sort()
  const indexes = new Uint32Array(count)
  for (let i = 0; i < count; i++) indexes[i] = (keys[i] as number) % INDEXES
  for (let i = 1; i < count; i++) {
    const agrees = Math.floor((keys[i] as number) / INDEXES) === Math.floor((keys[i - 1] as number) / INDEXES)
    for (
      let j = i;
      agrees && j > 0 && isBefore(list, stride * (indexes[j] ?? 0), stride * (indexes[j - 1] ?? 0));
      j--
    ) {
      const moved = indexes[j] ?? 0
      indexes[j] = indexes[j - 1] ?? 0
      indexes[j - 1] = moved
    }
  }
  return indexes
}

function isBefore(list: Uint8Array, aStart: number, bStart: number): boolean {
  for (let i = 0; i < 32; i++) {
    const difference = (list[aStart + i] ?? 0) - (list[bStart + i] ?? 0)
    if (difference !== 0) return difference < 0
  }
  return false
}
