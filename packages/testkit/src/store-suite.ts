import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sha256 } from '@icn/crypto'
import {
  type AnyRow,
  type BlockRecord,
  bool,
  changesOfChunk,
  compareKeys,
  defineTable,
  json,
  keyOf,
  type ModuleTables,
  NOTHING_REPORTED,
  optional,
  type RowChange,
  type StateStore,
  snapshotOf,
  type Table,
  text,
  uint,
} from '@icn/state-machine/kernel'
import fc from 'fast-check'
import { applyTo, idOf, rootsOf, rowsOf, type StoreModel } from './store-model.ts'
import { checkProof, isProved } from './store-proofs.ts'

/** A store under test, and what stands for the end of its process. */
export interface StoreUnderTest {
  /** Another one after each restart. */
  readonly store: StateStore
  /** Closes and opens again; a store without a disk drops what is staged. */
  restart(): Promise<void>
  /** Closes, and removes what is on the disk. */
  dispose(): Promise<void>
}

/** Every kind of column, and keys of both kinds in both orders. */
export const seats = defineTable('seat', {
  key: { hall: text, number: uint },
  columns: {
    holder: text,
    taken: bool,
    price: optional(uint),
    tags: json<readonly string[]>(),
    note: optional(json()),
  },
  indexes: [['holder']],
}) as unknown as Table
const halls = defineTable('hall', { key: { id: text }, columns: { size: uint } }) as unknown as Table
const turns = defineTable('turn', { key: { dueMs: uint, id: text }, columns: {} }) as unknown as Table

export const suiteModules: readonly ModuleTables[] = [
  { name: 'seating', tables: [seats, halls] },
  { name: 'turns', tables: [turns] },
  { name: 'idle', tables: [] },
]

/** Rows are plain objects, as rules make them. */
const PLAIN = { noNullPrototype: true } as const

/** Texts whose order by UTF-16 units is not that of their bytes, and ones that begin each other. */
const part = fc.oneof(
  fc.constantFrom('', 'a', 'ab', 'Z', 'ä', '\uffee', '\u{1f600}'),
  fc.string({ unit: 'binary', maxLength: 4 }),
)
const keyText = part.filter((value) => !value.includes('\0'))
const number = fc.oneof(fc.nat(3), fc.constantFrom(2 ** 32, Number.MAX_SAFE_INTEGER))
const seatRow = fc.record(
  {
    hall: keyText,
    number,
    holder: part,
    taken: fc.boolean(),
    price: fc.option(number),
    tags: fc.array(part, { maxLength: 2 }),
    note: fc.option(fc.record({ b: number, aa: part }, PLAIN)),
  },
  PLAIN,
)
const anyChange: fc.Arbitrary<RowChange> = fc
  .tuple(
    fc.oneof(
      fc.tuple(fc.constant(seats), seatRow),
      fc.tuple(fc.constant(halls), fc.record({ id: keyText, size: number }, PLAIN)),
      fc.tuple(fc.constant(turns), fc.record({ dueMs: number, id: keyText }, PLAIN)),
    ),
    fc.integer({ min: 0, max: 3 }),
  )
  .map(([[table, row], chance]) => ({ table, key: keyOf(table, row), row: chance === 0 ? undefined : row }))

/** The changes of one block: each key at most once. */
const anyBlock = fc.uniqueArray(anyChange, { selector: ({ table, key }) => idOf(table, key), maxLength: 12 })

/**
 * What every store must do. `create` makes an empty one with `suiteModules`; each property runs on stores of its own.
 *
 * @param runs - how often a property is tried
 */
export function testStore(name: string, create: () => StoreUnderTest, runs = 40): void {
  const withStore = async (work: (session: StoreUnderTest) => Promise<void>) => {
    const session = create()
    try {
      await work(session)
    } finally {
      await session.dispose()
    }
  }

  test(`${name}: a new store stands at height 0 under the roots of empty trees`, async () => {
    await withStore(async ({ store }) => {
      const { height, timeMs, appHash } = store.committed()
      assert.deepEqual([height, timeMs], [0, 0])
      assert.deepEqual(appHash, rootsOf(new Map(), suiteModules).appHash)
      assert.deepEqual(store.stage([]), rootsOf(new Map(), suiteModules))
      assert.equal(store.block(1), undefined)
      assert.equal(store.transaction(sha256(new Uint8Array(1))), undefined)
    })
  })

  test(`${name}: after any blocks, reopened after each, rows and roots are those of the definition`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyBlock, { minLength: 1, maxLength: 5 }), (blocks) =>
        withStore(async (session) => {
          const model: StoreModel = new Map()
          for (const changes of blocks) {
            applyTo(model, changes)
            const staged = session.store.stage(changes)
            assert.deepEqual(staged, rootsOf(model, suiteModules))
            await commitBlock(session.store, staged.appHash)
            await session.restart()
            assert.deepEqual(session.store.committed().appHash, staged.appHash)
            for (const table of [seats, halls, turns])
              assert.deepEqual(allRows(session.store, table), rowsOf(model, table))
            for (const { table, key } of changes) {
              assert.deepEqual(session.store.readRow(table, key), model.get(idOf(table, key))?.row)
            }
          }
        }),
      ),
      { numRuns: runs },
    )
  })

  test(`${name}: a scan answers what its prefix, its start and its limit allow, in order of the keys' bytes`, async () => {
    const query = fc.record({
      prefix: fc.option(keyText, { freq: 2 }),
      after: fc.option(fc.tuple(keyText, number)),
      limit: fc.option(fc.nat(4)),
    })
    await fc.assert(
      fc.asyncProperty(anyBlock, fc.array(query, { maxLength: 8 }), (changes, queries) =>
        withStore(async ({ store }) => {
          const model: StoreModel = new Map()
          applyTo(model, changes)
          await commitBlock(store, store.stage(changes).appHash)
          const present = rowsOf(model, seats).map((row) => keyOf(seats, row) as [string, number])
          const own = present.map((after) => ({ prefix: after[0], after, limit: null }))
          for (const { prefix, after, limit } of [...queries, ...own]) {
            const expected = rowsOf(model, seats).filter((row) => {
              const key = keyOf(seats, row)
              return (prefix === null || key[0] === prefix) && (after === null || compareKeys(key, after) > 0)
            })
            const options = { ...(after === null ? {} : { after }), ...(limit === null ? {} : { limit }) }
            const found = [...store.scanRows(seats, prefix === null ? [] : [prefix], options)]
            assert.deepEqual(found.map(plain), expected.slice(0, limit ?? undefined).map(plain))
          }
        }),
      ),
      { numRuns: runs },
    )
  })

  test(`${name}: scans within a scan, and one that is left early, do not disturb each other`, async () => {
    await withStore(async ({ store }) => {
      await commitBlock(store, store.stage(seatsOf('a', 4)).appHash)
      const pairs: string[] = []
      for (const outer of store.scanRows(seats, ['a'])) {
        for (const inner of store.scanRows(seats, ['a'])) {
          pairs.push(`${outer.number}${inner.number}`)
          if (inner.number === 1) break
        }
      }
      assert.deepEqual(pairs, ['00', '01', '10', '11', '20', '21', '30', '31'])
      assert.equal([...store.scanRows(seats, ['a'])].length, 4)
    })
  })

  test(`${name}: a second stage replaces the first, and nothing staged is read before it is committed`, async () => {
    await fc.assert(
      fc.asyncProperty(anyBlock, anyBlock, anyBlock, (base, dropped, kept) =>
        withStore(async (session) => {
          const { store } = session
          const model: StoreModel = new Map()
          applyTo(model, base)
          await commitBlock(store, store.stage(base).appHash)
          const before = allRows(store, seats)
          store.stage(dropped)
          assert.deepEqual(allRows(store, seats), before)
          assert.deepEqual(store.committed().appHash, rootsOf(model, suiteModules).appHash)
          assert.deepEqual(store.stage([]), rootsOf(model, suiteModules))
          store.stage(dropped)
          const staged = store.stage(kept)
          applyTo(model, kept)
          assert.deepEqual(staged, rootsOf(model, suiteModules))
          await commitBlock(store, staged.appHash)
          await session.restart()
          for (const table of [seats, halls, turns])
            assert.deepEqual(allRows(session.store, table), rowsOf(model, table))
        }),
      ),
      { numRuns: runs },
    )
  })

  test(`${name}: what was staged is gone after a restart`, async () => {
    await withStore(async (session) => {
      await commitBlock(session.store, session.store.stage(seatsOf('a', 2)).appHash)
      const { appHash } = session.store.committed()
      session.store.stage(seatsOf('b', 2))
      await session.restart()
      assert.deepEqual(session.store.stage([]).appHash, appHash)
      assert.equal(session.store.readRow(seats, ['b', 0]), undefined)
    })
  })

  test(`${name}: every row is proved, and every absence, under the committed app hash`, async () => {
    await fc.assert(
      fc.asyncProperty(anyBlock, fc.array(fc.tuple(keyText, number), { maxLength: 6 }), (changes, others) =>
        withStore(async ({ store }) => {
          await commitBlock(store, store.stage(changes).appHash)
          for (const { table, key } of changes) checkProof(store, table, key)
          for (const key of others) checkProof(store, seats, key)
        }),
      ),
      { numRuns: runs },
    )
  })

  test(`${name}: blocks, transactions and events are read as they were written`, async () => {
    await withStore(async (session) => {
      const { appHash } = session.store.stage(seatsOf('a', 1))
      const block = wholeBlock(appHash)
      await session.store.commit(block)
      await session.restart()
      const { height, timeMs, blockHash } = session.store.committed()
      assert.deepEqual([height, timeMs, blockHash], [1, block.timeMs, block.hash])
      assert.deepEqual(plain(session.store.block(1)), plain(block))
      for (const [index, record] of block.transactions.entries()) {
        assert.deepEqual(plain(session.store.transaction(record.hash)), plain({ ...record, height: 1, index }))
      }
      assert.equal(session.store.block(2), undefined)
    })
  })

  test(`${name}: a block that was not staged, or not in its turn, is a bug`, async () => {
    await withStore(async ({ store }) => {
      await commitBlock(store, store.stage(seatsOf('a', 1)).appHash)
      const { appHash } = store.committed()
      await assert.rejects(store.commit(emptyBlock(2, appHash)), { name: 'InvariantError' })
      const staged = store.stage(seatsOf('b', 1))
      for (const height of [1, 3]) {
        await assert.rejects(store.commit(emptyBlock(height, staged.appHash)), { name: 'InvariantError' })
      }
      assert.deepEqual(store.committed().appHash, appHash)
      await store.commit(emptyBlock(2, staged.appHash))
      assert.equal(store.committed().height, 2)
    })
  })

  test(`${name}: the next blocks stand on one that is still being written`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyBlock, { minLength: 2, maxLength: 4 }), (blocks) =>
        withStore(async (session) => {
          const model: StoreModel = new Map()
          const written: Promise<void>[] = []
          const appHashes = [session.store.head().appHash]
          for (const changes of blocks) {
            for (const table of [seats, halls, turns])
              assert.deepEqual(allRows(session.store, table), rowsOf(model, table))
            const { appHash } = session.store.stage(changes)
            written.push(commitBlock(session.store, appHash))
            applyTo(model, changes)
            assert.deepEqual(session.store.head().appHash, rootsOf(model, suiteModules).appHash)
            for (const { table, key } of changes)
              assert.deepEqual(session.store.readRow(table, key), model.get(idOf(table, key))?.row)
            appHashes.push(appHash)
            for (const { table, key } of changes) assert.ok(isProved(session.store, appHashes, table, key))
          }
          await Promise.all(written)
          assert.deepEqual(session.store.committed(), session.store.head())
          await session.restart()
          for (const table of [seats, halls, turns])
            assert.deepEqual(allRows(session.store, table), rowsOf(model, table))
        }),
      ),
      { numRuns: runs },
    )
  })

  test(`${name}: a store filled from a snapshot has the same root, and cuts the same snapshot`, async () => {
    await fc.assert(
      fc.asyncProperty(anyBlock, anyBlock, (first, second) =>
        withStore(({ store }) =>
          withStore(async ({ store: other }) => {
            await commitBlock(store, store.stage(first).appHash)
            await commitBlock(store, store.stage(second).appHash)
            const chunks = [...snapshotOf(store, suiteModules)]
            const { appHash } = other.stage(chunks.flatMap((chunk) => changesOfChunk(chunk, suiteModules)))
            assert.deepEqual(appHash, store.committed().appHash)
            await commitBlock(other, appHash)
            assert.deepEqual([...snapshotOf(other, suiteModules)], chunks)
          }),
        ),
      ),
      { numRuns: runs },
    )
  })

  test(`${name}: before the first block, staging leaves the committed root as it is`, async () => {
    await withStore(async ({ store }) => {
      store.stage(seatsOf('a', 1))
      assert.deepEqual(store.committed().appHash, rootsOf(new Map(), suiteModules).appHash)
    })
  })

  test(`${name}: while a block is staged, proofs are of the committed one`, async () => {
    await withStore(async ({ store }) => {
      await commitBlock(store, store.stage(seatsOf('a', 3)).appHash)
      store.stage([...seatsOf('a', 2, 'somebody'), ...seatsOf('b', 1)])
      for (const key of [
        ['a', 0],
        ['a', 2],
        ['b', 0],
        ['c', 0],
      ])
        checkProof(store, seats, key)
    })
  })
}

/** `count` seats of a hall, numbered from 0. */
export function seatsOf(hall: string, count: number, holder = 'nobody'): RowChange[] {
  const rest = { holder, taken: false, price: null, tags: [], note: null }
  return Array.from({ length: count }, (_, index) => ({
    table: seats,
    key: [hall, index],
    row: { hall, number: index, ...rest },
  }))
}

export function emptyBlock(height: number, appHash: Uint8Array): BlockRecord {
  const hash = sha256(new Uint8Array([height & 255, height >> 8]))
  return {
    height,
    timeMs: height * 1_000,
    hash,
    header: hash,
    appHash,
    report: NOTHING_REPORTED,
    transactions: [],
    events: [],
  }
}

/** Commits an otherwise empty block on what is staged. */
export function commitBlock(store: StateStore, appHash: Uint8Array): Promise<void> {
  return store.commit(emptyBlock(store.head().height + 1, appHash))
}

function wholeBlock(appHash: Uint8Array): BlockRecord {
  const event = (subject: string) => ({ topic: 'seat.taken', subject, data: { number: 1, taken: true, holder: 'ä' } })
  const transactions = [0, 1, 2].map((index) => ({
    hash: sha256(new Uint8Array([9, index])),
    signer: `did:key:z${index}`,
    kind: 'seat.take',
    lane: index,
    code: index === 2 ? 3001 : 0,
    result: index === 0 ? { seat: 'a', number: 7 } : {},
    bytes: new Uint8Array([index, 0, 255]),
    events: index === 1 ? [event('one'), { ...event('two'), org: 'did:icn:x:o1' }] : [],
  }))
  return { ...emptyBlock(1, appHash), transactions, events: [{ ...event('end'), lane: 2 }] }
}

function allRows(store: StateStore, table: Table): AnyRow[] {
  return [...store.scanRows(table, [])]
}

/** Values alone: a driver may answer objects without prototype, and buffers for byte strings. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return [...value]
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, own]) => [name, plain(own)]))
}
