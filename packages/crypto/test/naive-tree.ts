import {
  type AbsenceProof,
  compareBytes,
  EMPTY_ROOT,
  innerHash,
  leafHash,
  type ProofStep,
  type RowProof,
} from '@icn/crypto'

/** A path of 32 bytes and the value that stands there. */
export interface Entry {
  readonly path: Uint8Array
  readonly value: Uint8Array
}

/** Root of a crit-bit tree by its definition: split at the first bit in which any two paths differ, 0 to the left. */
export function naiveRoot(entries: readonly Entry[]): Uint8Array {
  const [first] = entries
  if (first === undefined) return EMPTY_ROOT
  if (entries.length === 1) return leafHash(first.path, first.value)
  const [left, right] = split(entries)
  return innerHash(naiveRoot(left), naiveRoot(right))
}

/** The proof of an entry that is in the tree, by the same definition. */
export function naiveProof(entries: readonly Entry[], entry: Entry): RowProof {
  return { ...entry, steps: stepsTo(entries, entry) }
}

/** The neighbours of a path at which nothing stands. @param entries - in order of their paths */
export function naiveAbsence(entries: readonly Entry[], path: Uint8Array): AbsenceProof {
  const left = entries.findLast((entry) => compareBytes(entry.path, path) < 0)
  const right = entries.find((entry) => compareBytes(entry.path, path) > 0)
  return {
    path,
    ...(left === undefined ? {} : { left: naiveProof(entries, left) }),
    ...(right === undefined ? {} : { right: naiveProof(entries, right) }),
  }
}

function stepsTo(entries: readonly Entry[], entry: Entry): ProofStep[] {
  if (entries.length === 1) return []
  const [left, right] = split(entries)
  if (left.includes(entry)) return [...stepsTo(left, entry), { side: 'right', hash: naiveRoot(right) }]
  return [...stepsTo(right, entry), { side: 'left', hash: naiveRoot(left) }]
}

function split(entries: readonly Entry[]): [Entry[], Entry[]] {
  for (let bit = 0; bit < 256; bit++) {
    const left = entries.filter(({ path }) => bitAt(path, bit) === 0)
    if (left.length > 0 && left.length < entries.length) {
      return [left, entries.filter(({ path }) => bitAt(path, bit) === 1)]
    }
  }
  throw new RangeError('two entries have the same path')
}

function bitAt(path: Uint8Array, bit: number): number {
  return ((path[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1
}
