import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type AbsenceProof,
  absenceProofFromJson,
  absenceProofToJson,
  compareBytes,
  concatBytes,
  EMPTY_ROOT,
  encodeCanonical,
  innerHash,
  leafHash,
  ProofError,
  type RowProof,
  rootFromProof,
  rowPath,
  rowProofFromJson,
  rowProofToJson,
  sha256,
  toHex,
  verifyAbsence,
  verifyRow,
} from '@icn/crypto'
import fc from 'fast-check'
import { type Entry, naiveAbsence, naiveProof, naiveRoot } from './naive-tree.ts'

const path = fc.oneof(
  fc.uint8Array({ minLength: 32, maxLength: 32 }),
  // Paths that share long beginnings, which real hashes never do.
  fc.tuple(fc.nat(3), fc.nat(255)).map(([first, last]) => {
    const bytes = new Uint8Array(32)
    bytes[0] = first
    bytes[31] = last
    return bytes
  }),
)
const tree = fc
  .uniqueArray(fc.record({ path, value: fc.uint8Array({ maxLength: 40 }) }), {
    minLength: 1,
    maxLength: 24,
    selector: (entry) => toHex(entry.path),
  })
  .map((entries): Entry[] => entries.toSorted((a, b) => compareBytes(a.path, b.path)))

test('hashes are what the format says', () => {
  const value = encodeCanonical(['x', 1])
  const where = rowPath('vote', ['p1', 7])
  assert.deepEqual(where, sha256(encodeCanonical(['vote', 'p1', 7])))
  assert.deepEqual(leafHash(where, value), sha256(concatBytes(ascii('icn:leaf'), where, sha256(value))))
  assert.deepEqual(innerHash(where, EMPTY_ROOT), sha256(concatBytes(where, new Uint8Array(32))))
  assert.deepEqual(EMPTY_ROOT, new Uint8Array(32))
})

test('every entry of a tree is proved, and nothing else at its path', () => {
  fc.assert(
    fc.property(tree, fc.nat(), (entries, pick) => {
      const root = naiveRoot(entries)
      const proof = naiveProof(entries, entries[pick % entries.length] as Entry)
      assert.ok(verifyRow(root, proof))
      assert.deepEqual(rootFromProof(proof), root)
      assert.equal(verifyRow(root, { ...proof, value: concatBytes(proof.value, new Uint8Array(1)) }), false)
      assert.equal(verifyRow(root, { ...proof, path: flip(proof.path, pick) }), false)
      assert.equal(verifyRow(flip(root, pick), proof), false)
      assert.equal(verifyRow(root, { ...proof, steps: proof.steps.slice(1) }), proof.steps.length === 0)
      assert.equal(verifyRow(root, { ...proof, steps: [...proof.steps, { side: 'left', hash: root }] }), false)
    }),
  )
})

test('changing any step makes a proof false', () => {
  fc.assert(
    fc.property(tree, fc.nat(), fc.nat(), (entries, pick, at) => {
      const proof = naiveProof(entries, entries[pick % entries.length] as Entry)
      fc.pre(proof.steps.length > 0)
      const index = at % proof.steps.length
      const otherHash = proof.steps.map((step, i) => (i === index ? { ...step, hash: flip(step.hash, at) } : step))
      const otherSide = proof.steps.map((step, i) =>
        i === index ? { ...step, side: step.side === 'left' ? ('right' as const) : ('left' as const) } : step,
      )
      assert.equal(verifyRow(naiveRoot(entries), { ...proof, steps: otherHash }), false)
      assert.equal(verifyRow(naiveRoot(entries), { ...proof, steps: otherSide }), false)
    }),
  )
})

test('absence is proved for every path that is not in the tree, and for none that is', () => {
  fc.assert(
    fc.property(tree, path, (entries, missing) => {
      const root = naiveRoot(entries)
      for (const entry of entries) assert.equal(verifyAbsence(root, naiveAbsence(entries, entry.path)), false)
      fc.pre(!entries.some((entry) => compareBytes(entry.path, missing) === 0))
      assert.ok(verifyAbsence(root, naiveAbsence(entries, missing)))
    }),
  )
})

test('two leaves that are not neighbours prove no absence between them', () => {
  fc.assert(
    fc.property(tree, fc.nat(), fc.nat(), (entries, a, b) => {
      fc.pre(entries.length > 2)
      const low = Math.min(a % entries.length, b % entries.length)
      const high = Math.max(a % entries.length, b % entries.length)
      fc.pre(high - low > 1)
      const left = naiveProof(entries, entries[low] as Entry)
      const right = naiveProof(entries, entries[high] as Entry)
      for (const between of entries.slice(low + 1, high)) {
        const shifted = nextPath(between.path)
        assert.equal(verifyAbsence(naiveRoot(entries), { path: shifted, left, right }), false)
      }
    }),
  )
})

test('an end of the tree proves absence only beyond it', () => {
  fc.assert(
    fc.property(tree, (entries) => {
      const root = naiveRoot(entries)
      entries.forEach((entry, index) => {
        const proof = naiveProof(entries, entry)
        const above = { path: nextPath(entry.path), left: proof }
        const isLast = index === entries.length - 1
        fc.pre(compareBytes(above.path, entry.path) > 0)
        assert.equal(verifyAbsence(root, above), isLast)
      })
    }),
  )
})

test('an empty tree proves everything absent, and no other tree does without neighbours', () => {
  assert.ok(verifyAbsence(EMPTY_ROOT, { path: new Uint8Array(32) }))
  assert.equal(verifyAbsence(sha256(), { path: new Uint8Array(32) }), false)
})

test('malformed proofs are false, never an exception', () => {
  const entry = { path: new Uint8Array(32), value: new Uint8Array(1) }
  const root = naiveRoot([entry])
  const step = { side: 'left', hash: new Uint8Array(32) } as const
  const malformed: unknown[] = [
    undefined,
    null,
    {},
    { ...entry, steps: undefined },
    { ...entry, steps: [undefined] },
    { ...entry, steps: [{ side: 'up', hash: new Uint8Array(32) }] },
    { ...entry, steps: [{ side: 'left', hash: new Uint8Array(31) }] },
    { ...entry, steps: new Array(257).fill(step) },
    { ...entry, path: new Uint8Array(31), steps: [] },
    { ...entry, value: 'text', steps: [] },
  ]
  for (const proof of malformed) {
    assert.equal(verifyRow(root, proof as RowProof), false)
    assert.equal(verifyAbsence(root, { path: new Uint8Array(32).fill(1), left: proof as RowProof }), false)
    assert.throws(() => rootFromProof(proof as RowProof), ProofError)
    assert.throws(() => rowProofFromJson(proof), ProofError)
  }
  assert.equal(verifyAbsence(root, undefined as unknown as AbsenceProof), false)
  assert.equal(verifyRow(new Uint8Array(31), { ...entry, steps: [] }), false)
})

test('a proof stays the same through JSON text', () => {
  fc.assert(
    fc.property(tree, path, fc.nat(), (entries, missing, pick) => {
      const proof = naiveProof(entries, entries[pick % entries.length] as Entry)
      assert.deepEqual(rowProofFromJson(JSON.parse(JSON.stringify(rowProofToJson(proof)))), proof)
      const absence = naiveAbsence(entries, missing)
      assert.deepEqual(absenceProofFromJson(JSON.parse(JSON.stringify(absenceProofToJson(absence)))), absence)
    }),
  )
})

for (const [name, change] of [
  ['upper-case hex', { path: 'AA'.repeat(32) }],
  ['a short path', { path: 'aa' }],
  ['a value that is no text', { value: 5 }],
  ['half a byte', { value: 'a' }],
  ['an unknown side', { steps: [{ side: 'both', hash: 'aa'.repeat(32) }] }],
  ['a short hash', { steps: [{ side: 'left', hash: 'aa' }] }],
  ['no list of steps', { steps: {} }],
  ['257 steps', { steps: new Array(257).fill({ side: 'left', hash: 'aa'.repeat(32) }) }],
] as const) {
  test(`refuses a JSON proof with ${name}`, () => {
    const proof = { path: 'aa'.repeat(32), value: '00', steps: [] }
    assert.equal(rowProofFromJson(proof).steps.length, 0)
    assert.throws(() => rowProofFromJson({ ...proof, ...change }), { name: 'ProofError', code: 'BAD_PROOF' })
    assert.throws(() => absenceProofFromJson({ path: proof.path, left: { ...proof, ...change } }), ProofError)
  })
}

/** The path one above; of the last one, the first. */
function nextPath(bytes: Uint8Array): Uint8Array {
  const next = bytes.slice()
  for (let i = next.length - 1; i >= 0; i--) {
    next[i] = ((next[i] ?? 0) + 1) & 255
    if (next[i] !== 0) break
  }
  return next
}

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const changed = bytes.slice()
  const at = (bit >> 3) % bytes.length
  changed[at] = (changed[at] ?? 0) ^ (1 << (bit & 7))
  return changed
}

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
