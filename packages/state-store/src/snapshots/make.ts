import type { DatabaseSync } from 'node:sqlite'
import { sha256 } from '@icn/crypto'
import { assert, type ModuleTables, type RowReader, snapshotOf, type Table } from '@icn/state-machine/kernel'
import { quote } from '../sqlite/quote.ts'
import { schemaFingerprint } from '../sqlite/schema.ts'
import { accessTable } from '../sqlite/table-access.ts'
import { compress } from './compress.ts'
import { encodeManifest, MAX_CHUNK_BYTES, type Manifest, type SnapshotBlock } from './manifest.ts'

/** Takes a snapshot's pieces as they are made. */
export interface SnapshotSink {
  chunk(index: number, compressed: Uint8Array): void
  /** Chunks so far, and a guess of how many there will be. */
  progress(done: number, expected: number): void
}

/** The last block of the database; `undefined` before the first one. */
export function lastBlockOf(database: DatabaseSync): SnapshotBlock | undefined {
  const row = database.prepare('SELECT * FROM block ORDER BY height DESC LIMIT 1').get()
  if (row === undefined) return undefined
  const { height, timeMs, hash, header, appHash, txCount, report } = row
  return {
    height: Number(height),
    timeMs: Number(timeMs),
    hash: hash as Uint8Array,
    header: header as Uint8Array,
    appHash: appHash as Uint8Array,
    report: JSON.parse(String(report)),
    transactions: Number(txCount),
  }
}

/**
 * Makes a snapshot of what the connection's open transaction sees. Memory: a chunk and its hashes.
 *
 * @returns its metadata
 */
export function makeSnapshot(
  database: DatabaseSync,
  modules: readonly ModuleTables[],
  network: Uint8Array,
  sink: SnapshotSink,
): Uint8Array {
  const block = lastBlockOf(database)
  assert(block !== undefined, 'a snapshot is of a committed block')
  const hashes: Uint8Array[] = []
  const expected = expectedChunks(database, modules)
  for (const chunk of snapshotOf(readerOf(database, modules), modules)) {
    assert(chunk.length <= MAX_CHUNK_BYTES, 'a row fits into a chunk')
    sink.chunk(hashes.length, compress(chunk))
    hashes.push(sha256(chunk))
    sink.progress(hashes.length, Math.max(expected, hashes.length))
  }
  const manifest: Manifest = {
    ...block,
    network,
    tables: schemaFingerprint(modules),
    chunkHashes: Buffer.concat(hashes),
  }
  return encodeManifest(manifest)
}

function readerOf(database: DatabaseSync, modules: readonly ModuleTables[]): RowReader {
  const accesses = new Map(
    modules.flatMap(({ tables }) => tables.map((table) => [table, accessTable(database, table)])),
  )
  return {
    readRow: (table, key) => accesses.get(table)?.read(key),
    scanRows: (table, prefix, options = {}) => accesses.get(table)?.scan(prefix, options) ?? [],
  }
}

/** Most chunks are cut by their number of rows. */
const ROWS_IN_CHUNK = 8_192

function expectedChunks(database: DatabaseSync, modules: readonly ModuleTables[]): number {
  const rowsOf = ({ name }: Table) =>
    Number(database.prepare(`SELECT count(*) AS rows FROM ${quote(name)}`).get()?.rows)
  const tables = modules.flatMap((module) => module.tables)
  return tables.reduce((sum, table) => sum + Math.ceil(rowsOf(table) / ROWS_IN_CHUNK), 0)
}
