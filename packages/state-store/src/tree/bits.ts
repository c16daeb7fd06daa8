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
