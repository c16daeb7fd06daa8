import type { DatabaseSync } from 'node:sqlite'
import { historyId, type TransactionRecord } from '@icn/state-machine/kernel'
import { createPartWriter, type RunEntry, type RunPart } from './part-writer.ts'

/**
 * Where transactions stand, by hash. Hashes are random: an index of all would cost each transaction a page of the log,
 * as much as its vote. So the latest are in memory, and are written as runs: many at once, sorted, page after page. A
 * search looks into each run, 12 µs for every 65,536 transactions of the ledger.
 */
export interface TransactionIndex {
  /** `historyId` of a transaction on the disk. */
  find(hash: Uint8Array): number | undefined
  /** The block is on the disk, and with it what `part` answered for it. */
  add(height: number, transactions: readonly TransactionRecord[]): void
  /** What is to be written with a block of so many transactions. */
  part(height: number, transactions: number): RunPart
}

/** A run that is being written. */
interface Frozen {
  readonly run: number
  readonly places: ReadonlyMap<string, number>
  /** What is not written yet. */
  readonly rest: Iterator<RunEntry>
  readonly through: number
  /** The block with which the rest is written. */
  lastHeight: number | undefined
}

const RUN = 65_536
/** Entries written with each transaction: a run is written before the next one is full. */
const PACE = 2
const NOTHING: RunPart = { run: 0, entries: [], through: undefined }

/** Reads into memory what is in no run yet, and writes it where it would fill one: runs must grow through any number of restarts. */
export function openTransactionIndex(database: DatabaseSync, size = RUN): TransactionIndex {
  const findIn = database.prepare('SELECT id FROM tx_place WHERE run = ? AND hash = ?')
  const through = Number(database.prepare("SELECT value FROM meta WHERE key = 'placedThrough'").get()?.value ?? 0)
  const runs = runsUpTo(database, through)
  let young = new Map<string, number>()
  let frozen: Frozen | undefined
  let placed = through
  let last = through
  for (const { id, hash, code } of database
    .prepare('SELECT id, hash, code FROM tx WHERE id > ? ORDER BY id')
    .iterate(through))
    put(hash as Uint8Array, Number(id), Number(code))

  if (young.size >= size) writeAll()

  function find(hash: Uint8Array): number | undefined {
    const text = textOf(hash)
    const recent = young.get(text) ?? frozen?.places.get(text)
    if (recent !== undefined) return recent
    for (let at = runs.length - 1; at >= 0; at--) {
      const found = findIn.get(runs[at] as number, hash)
      if (found !== undefined) return Number(found.id)
    }
    return undefined
  }

  /** Of the same bytes twice, the ones that were accepted; only a faulty producer includes others. */
  function put(hash: Uint8Array, id: number, code: number): void {
    last = id
    if (code === 0 || find(hash) === undefined) young.set(textOf(hash), id)
  }

  function add(height: number, transactions: readonly TransactionRecord[]): void {
    if (frozen?.lastHeight !== undefined && frozen.lastHeight <= height) finish(frozen)
    for (const [index, { hash, code }] of transactions.entries()) put(hash, historyId(height, index), code)
    if (young.size >= size && frozen === undefined) freeze()
  }

  function freeze(): void {
    frozen = { run: placed + 1, places: young, rest: inOrder(young), through: last, lastHeight: undefined }
    young = new Map()
  }

  function finish(run: Frozen): void {
    runs.push(run.run)
    placed = run.through
    frozen = undefined
  }

  function writeAll(): void {
    freeze()
    database.exec('BEGIN IMMEDIATE')
    createPartWriter(database)(part(0, Number.POSITIVE_INFINITY))
    database.exec('COMMIT')
    if (frozen !== undefined) finish(frozen)
  }

  function part(height: number, transactions: number): RunPart {
    if (frozen === undefined || frozen.lastHeight !== undefined) return NOTHING
    const { run, rest, through } = frozen
    const entries: RunEntry[] = []
    while (entries.length < PACE * transactions) {
      const { value, done } = rest.next()
      if (done) {
        frozen.lastHeight = height
        return { run, entries, through }
      }
      entries.push(value)
    }
    return { run, entries, through: undefined }
  }

  return { find, add, part }
}

/** PERF: a part at a time, so that no block waits until all are sorted. */
function* inOrder(places: ReadonlyMap<string, number>): Iterator<RunEntry> {
  const parts: string[][] = Array.from({ length: 256 }, () => [])
  for (const text of places.keys()) parts[text.charCodeAt(0)]?.push(text)
  for (const part of parts) {
    for (const text of part.sort()) yield { hash: Buffer.from(text, 'latin1'), id: places.get(text) as number }
  }
}

/** Ids of the runs that are whole, oldest first. */
function runsUpTo(database: DatabaseSync, through: number): number[] {
  const next = database.prepare('SELECT min(run) AS run FROM tx_place WHERE run > ?')
  const runs: number[] = []
  for (let run = next.get(0)?.run; run !== null && Number(run) <= through; run = next.get(Number(run))?.run)
    runs.push(Number(run))
  return runs
}

function textOf(hash: Uint8Array): string {
  return Buffer.from(hash.buffer, hash.byteOffset, hash.length).toString('latin1')
}
