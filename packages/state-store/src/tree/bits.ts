/** Bit `bit` of a path, counted from its first byte's highest: 0 or 1. */
export function bitAt(bytes: Uint8Array, start: number, bit: number): number {
  return ((bytes[start + (bit >> 3)] ?? 0) >> (7 - (bit & 7))) & 1
}

/** The first bit in which two paths differ; 256 where they are equal. */
export function firstDifference(a: Uint8Array, aStart: number, b: Uint8Array, bStart: number): number {
  for (let i = 0; i < 32; i++) {
    const difference = (a[aStart + i] ?? 0) ^ (b[bStart + i] ?? 0)
    if (difference !== 0) return i * 8 + Math.clz32(difference) - 24
  }
  return 256
}

/** Words of 32 bits in a hash or a path. */
export const HASH_WORDS = 8

/** Copies a hash or a path. PERF: a loop, since a call of `set` for so little takes twice the time. */
export function copyHash(from: Int32Array, fromStart: number, to: Int32Array, toStart: number): void {
  for (let word = 0; word < HASH_WORDS; word++) to[toStart + word] = from[fromStart + word] as number
}

/** Tells whether two hashes or paths are equal. */
export function isEqualHash(a: Int32Array, aStart: number, b: Int32Array, bStart: number): boolean {
  for (let word = 0; word < HASH_WORDS; word++) if (a[aStart + word] !== b[bStart + word]) return false
  return true
}
