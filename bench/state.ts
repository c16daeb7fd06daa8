/** Updating the root of a million rows: hashing alone, and with the write to the disk. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import {
  compareKeys,
  defineTable,
  encodeRow,
  NOTHING_REPORTED,
  type RowChange,
  type Table,
  text,
  uint,
} from '@icn/state-machine/kernel'
import { createTree, type LeafChange, openSqliteStore } from '@icn/state-store'
import { type BenchResult, result } from './result.ts'

const ROWS = 1_000_000
const CHANGED = 10_000
const ROUNDS = 9
const accounts = defineTable('account', {
  key: { id: text },
  columns: { balance: uint, note: text },
}) as unknown as Table

export async function run(): Promise<readonly BenchResult[]> {
  const tree = treeFigures()
  const folder = mkdtempSync(join(tmpdir(), 'icn-bench-state-'))
  try {
    return [...tree, ...(await storeFigures(folder))]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function treeFigures(): BenchResult[] {
  console.error(`state: a tree of ${ROWS} leaves`)
  const list = randomBytes(ROWS * 64)
  const buildMs: number[] = []
  let tree = createTree()
  for (let round = 0; round < 3; round++) buildMs.push(timeMs(() => (tree = createTree(list))))
  const updateMs = rounds((round) => {
    const changes: LeafChange[] = Array.from({ length: CHANGED }, (_, index) => {
      const at = ((index * 97 + round * 13) % ROWS) * 64
      return { path: list.subarray(at, at + 32), hash: randomBytes(32) }
    })
    return timeMs(() => tree.apply(changes))
  })
  const where = `${CHANGED} changed leaves of ${ROWS}, median of ${ROUNDS}`
  const whole = { name: 'building the whole tree', value: median(buildMs) }
  return [result('root update, hashing alone', updateMs, 'ms', where, whole)]
}

async function storeFigures(folder: string): Promise<BenchResult[]> {
  console.error(`state: a store of ${ROWS} rows`)
  const modules = [{ name: 'bench', tables: [accounts] }]
  const store = openSqliteStore({ file: join(folder, 'state.db'), modules, writer: 'thread' })
  let height = 0
  const write = async (changes: readonly RowChange[]) => {
    const { appHash } = store.stage(changes)
    const hash = new Uint8Array(32)
    await store.commit({
      height: ++height,
      timeMs: 0,
      hash,
      header: hash,
      appHash,
      report: NOTHING_REPORTED,
      transactions: [],
      events: [],
    })
  }
  for (let first = 0; first < ROWS; first += 50_000)
    await write(Array.from({ length: 50_000 }, (_, index) => change(first + index, 0)))
  const alone = upserts(folder)
  const blockMs: number[] = []
  const aloneMs: number[] = []
  // In turns, so that noise of the machine meets both.
  for (let round = 0; round < ROUNDS + 1; round++) {
    const changes = Array.from({ length: CHANGED }, (_, index) => change((index * 97 + round * 13) % ROWS, round + 1))
    // As a block brings them.
    changes.sort((a, b) => compareKeys(a.key, b.key))
    const startMs = performance.now()
    await write(changes)
    const ours = performance.now() - startMs
    const theirs = timeMs(() => alone.write(changes))
    if (round > 0) blockMs.push(ours)
    if (round > 0) aloneMs.push(theirs)
  }
  await store.close()
  alone.close()
  const where = `${CHANGED} changed rows of ${ROWS}: encoding, hashing, SQLite write and sync; median of ${ROUNDS}`
  return [
    result('root update with write and sync', median(blockMs), 'ms', where, {
      name: 'SQLite upserts alone',
      value: median(aloneMs),
    }),
  ]
}

function change(index: number, balance: number): RowChange {
  const id = `account-${index}`
  return { table: accounts, key: [id], row: { id, balance, note: 'a row of the size that a ballot has, more or less' } }
}

/** The same rows in a table without leaves, in one synced transaction. */
function upserts(folder: string) {
  const database = new DatabaseSync(join(folder, 'alone.db'))
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 32000',
  )
  database.exec('CREATE TABLE account (id TEXT PRIMARY KEY, row BLOB NOT NULL) WITHOUT ROWID')
  const put = database.prepare('INSERT INTO account VALUES (?, ?) ON CONFLICT DO UPDATE SET row = excluded.row')
  const write = async (changes: readonly RowChange[]) => {
    database.exec('BEGIN')
    for (const { row } of changes) if (row !== undefined) put.run(String(row.id), encodeRow(accounts, row))
    database.exec('COMMIT')
  }
  for (let first = 0; first < ROWS; first += 50_000)
    write(Array.from({ length: 50_000 }, (_, index) => change(first + index, 0)))
  return { write, close: () => database.close() }
}

function rounds(work: (round: number) => number): number {
  return median(Array.from({ length: ROUNDS + 1 }, (_, round) => work(round)).slice(1))
}

function timeMs(work: () => void): number {
  const startMs = performance.now()
  work()
  return performance.now() - startMs
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
