import assert from 'node:assert/strict'
import { test } from 'node:test'
import { leafHash, sha256, toHex, verifyAbsence, verifyRow } from '@icn/crypto'
import fc from 'fast-check'
import { CorruptData } from '../src/errors.ts'
import { loadPool } from '../src/tree/load.ts'
import { createTree, treeOn } from '../src/tree/tree.ts'
import { naiveRoot } from './naive-tree.ts'

/** Paths that share long beginnings as often as not, so that every shape of a tree comes up. */
const path = fc.oneof(
  fc.uint8Array({ minLength: 32, maxLength: 32 }),
  // The same 28 to 33 bits, round those by which paths are sorted natively; then few that differ.
  fc.tuple(fc.integer({ min: 28, max: 33 }), fc.nat(3)).map(([bit, last]) => {
    const bytes = new Uint8Array(32).fill(0xab)
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7))
    bytes[31] = last
    return bytes
  }),
  fc.tuple(fc.integer({ min: 0, max: 31 }), fc.nat(7)).map(([byte, bit]) => {
    const bytes = new Uint8Array(32)
    bytes[byte] = 1 << bit
    return bytes
  }),
)
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })
const change = fc.record({ path, hash: fc.option(hash, { nil: undefined, freq: 3 }) })
const batch = fc.uniqueArray(change, { selector: (item) => toHex(item.path), maxLength: 40 })

test('after any changes the root is that of the definition, and undoing leads back', () => {
  fc.assert(
    fc.property(fc.array(batch, { maxLength: 6 }), (batches) => {
      const tree = createTree()
      const leaves = new Map<string, { path: Uint8Array; hash: Uint8Array }>()
      for (const changes of batches) {
        const before = tree.root()
        const undo = tree.apply(changes)
        const after = tree.root()
        tree.apply(undo)
        assert.deepEqual(tree.root(), before)
        tree.apply(changes)
        assert.deepEqual(tree.root(), after)
        for (const item of changes) {
          if (item.hash === undefined) leaves.delete(toHex(item.path))
          else leaves.set(toHex(item.path), { path: item.path, hash: item.hash })
        }
        assert.deepEqual(tree.root(), naiveRoot([...leaves.values()]))
        assert.equal(tree.size(), leaves.size)
        for (const leaf of leaves.values()) assert.deepEqual(tree.get(leaf.path), leaf.hash)
      }
    }),
    { numRuns: 300 },
  )
})

test('every leaf is proved, and every absence by its neighbours', () => {
  const rows = fc.uniqueArray(fc.nat(1_000), { maxLength: 30 })
  fc.assert(
    fc.property(rows, fc.nat(2_000), (numbers, absent) => {
      const tree = createTree()
      const rowOf = (number: number) => new TextEncoder().encode(`row ${number}`)
      const pathOf = (number: number) => sha256(rowOf(number))
      tree.apply(numbers.map((number) => ({ path: pathOf(number), hash: leafHash(pathOf(number), rowOf(number)) })))
      const byPath = new Map(numbers.map((number) => [toHex(pathOf(number)), number]))
      const proofOf = (at: Uint8Array) => ({
        path: at,
        value: rowOf(byPath.get(toHex(at)) ?? -1),
        steps: tree.steps(at),
      })
      for (const number of numbers) assert.ok(verifyRow(tree.root(), proofOf(pathOf(number))))
      if (numbers.includes(absent)) return
      const { left, right } = tree.neighbours(pathOf(absent))
      const proof = {
        path: pathOf(absent),
        ...(left === undefined ? {} : { left: proofOf(left) }),
        ...(right === undefined ? {} : { right: proofOf(right) }),
      }
      assert.ok(verifyAbsence(tree.root(), proof))
    }),
  )
})

test('a tree made of a list of leaves is the one that grew', () => {
  fc.assert(
    fc.property(batch, (changes) => {
      const grown = createTree()
      grown.apply(changes)
      const list = grown.leaves()
      assert.deepEqual(createTree(list).root(), grown.root())
      const shuffled = Buffer.concat(
        Array.from({ length: grown.size() }, (_, index) => list.subarray(index * 64, index * 64 + 64)).toReversed(),
      )
      assert.deepEqual(createTree(shuffled).leaves(), list)
      assert.deepEqual(createTree(shuffled).root(), grown.root())
    }),
  )
})

test('changes that are many go part by part to the same root', () => {
  const leaf = (number: number) => ({
    path: sha256(new Uint8Array([number >> 8, number & 255])),
    hash: sha256(new Uint8Array([1, number >> 8, number & 255])),
  })
  const all = Array.from({ length: 5_000 }, (_, number) => leaf(number))
  const tree = createTree()
  tree.apply(all)
  assert.deepEqual(tree.root(), naiveRoot(all))
  tree.apply(all.slice(0, 3_000).map(({ path }) => ({ path, hash: undefined })))
  assert.deepEqual(tree.root(), naiveRoot(all.slice(3_000)))
})

test('batches of any size and mix lead to the root of the definition, to that of the loaded list, and back', () => {
  // Of a thousand paths a third share their first 32 bits, a third their first 29.
  const paths = Array.from({ length: 1_000 }, (_, number) => {
    const bytes = sha256(new Uint8Array([number >> 8, number & 255]))
    if (number % 3 === 0) bytes.fill(0xab, 0, 4)
    if (number % 3 === 1) bytes.set([0xab, 0xab, 0xab, 0xa8 | (number & 7)])
    return bytes
  })
  const round = fc.record({
    chosen: fc.uniqueArray(fc.nat(paths.length - 1), { maxLength: 900, size: 'max' }),
    removedOfFour: fc.nat(4),
    salt: fc.nat(255),
  })
  fc.assert(
    fc.property(fc.array(round, { minLength: 1, maxLength: 5 }), (rounds) => {
      const tree = createTree()
      const leaves = new Map<number, { path: Uint8Array; hash: Uint8Array }>()
      for (const { chosen, removedOfFour, salt } of rounds) {
        const before = tree.root()
        const changes = chosen.map((number, index) => {
          const leaf = { path: paths[number] as Uint8Array, hash: sha256(new Uint8Array([salt, number >> 8, number])) }
          if (index % 4 >= removedOfFour) leaves.set(number, leaf)
          else leaves.delete(number)
          return leaves.has(number) ? leaf : { path: leaf.path, hash: undefined }
        })
        const undo = tree.apply(changes)
        const redo = tree.apply(undo)
        assert.deepEqual(tree.root(), before)
        tree.apply(redo)
        assert.deepEqual(tree.root(), naiveRoot([...leaves.values()]))
        assert.equal(tree.size(), leaves.size)
        assert.deepEqual(createTree(tree.leaves()).root(), tree.root())
      }
      tree.apply(Array.from(leaves.values(), ({ path }) => ({ path, hash: undefined })))
      assert.deepEqual(tree.root(), new Uint8Array(32))
      assert.equal(tree.size(), 0)
      assert.equal(tree.leaves().length, 0)
    }),
    { numRuns: 40 },
  )
})

test('a tree loaded of a list changes like one that grew', () => {
  fc.assert(
    fc.property(batch, batch, (first, second) => {
      const grown = createTree()
      grown.apply(first)
      const loaded = createTree(grown.leaves())
      const undoOfGrown = grown.apply(second)
      assert.deepEqual(loaded.apply(second), undoOfGrown)
      assert.deepEqual(loaded.leaves(), grown.leaves())
      assert.deepEqual(loaded.root(), grown.root())
      loaded.apply(undoOfGrown)
      assert.deepEqual(loaded.root(), createTree(loaded.leaves()).root())
    }),
  )
})

test('one inner node stands over several leaves, of a list or grown, also when most have gone', () => {
  const leaves = Array.from({ length: 10_000 }, (_, number) => {
    const path = sha256(new Uint8Array([number >> 8, number & 255]))
    return { path, hash: sha256(path) }
  })
  const grown = loadPool([], 0)
  treeOn(grown).apply(leaves)
  const loaded = loadPool([treeOn(grown).leaves()], leaves.length)
  for (const pool of [grown, loaded]) {
    const inners = () => pool.inners - 1 - pool.freeInners.length
    assert.ok(inners() < leaves.length / 4, `${inners()} inner nodes`)
    treeOn(pool).apply(leaves.slice(100).map(({ path }) => ({ path, hash: undefined })))
    assert.ok(inners() < 50, `${inners()} inner nodes over 100 leaves`)
    assert.deepEqual(treeOn(pool).root(), naiveRoot(leaves.slice(0, 100)))
  }
})

test('a list in which a path comes twice is refused', () => {
  const leaf = new Uint8Array(64).fill(1)
  assert.throws(() => createTree(Buffer.concat([leaf, new Uint8Array(64), leaf])), CorruptData)
})
