import type { KeyPart } from './table.ts'

/** Order of texts by their UTF-8 bytes, which is the order of SQLite's BINARY and of code points, not of JavaScript's `<`. */
export function compareText(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length)
  for (let i = 0; i < shorter; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return isSurrogate(x) === isSurrogate(y) ? x - y : isSurrogate(x) ? 1 : -1
  }
  return a.length - b.length
}

/** Order of keys of one table, part by part; a prefix comes before what it begins. */
export function compareKeys(a: readonly KeyPart[], b: readonly KeyPart[]): number {
  const shorter = Math.min(a.length, b.length)
  for (let i = 0; i < shorter; i++) {
    const order = comparePart(a[i] as KeyPart, b[i] as KeyPart)
    if (order !== 0) return order
  }
  return a.length - b.length
}

/** Surrogate pairs stand for code points above all that one unit can say. */
function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff
}

function comparePart(a: KeyPart, b: KeyPart): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  return Number(a) - Number(b)
}
