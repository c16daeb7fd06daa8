/** Paths are 32 bytes in one long array; `at` is where one begins. Bit 0 is the highest of the first byte. */
export const PATH_BYTES = 32

export function bitAt(paths: Uint8Array, at: number, bit: number): number {
  return ((paths[at + (bit >> 3)] as number) >> (7 - (bit & 7))) & 1
}

/** The first bit in which two paths differ, 256 where they are equal. */
export function firstDifference(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number): number {
  for (let i = 0; i < PATH_BYTES; i++) {
    const difference = (a[aAt + i] as number) ^ (b[bAt + i] as number)
    if (difference !== 0) return i * 8 + Math.clz32(difference) - 24
  }
  return PATH_BYTES * 8
}

export function comparePaths(a: Uint8Array, aAt: number, b: Uint8Array, bAt: number): number {
  for (let i = 0; i < PATH_BYTES; i++) {
    const difference = (a[aAt + i] as number) - (b[bAt + i] as number)
    if (difference !== 0) return difference
  }
  return 0
}
