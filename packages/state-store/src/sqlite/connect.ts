import { DatabaseSync } from 'node:sqlite'

/** Bytes of a page. PERF: a changed row costs its page in the log; 4 KiB took a seventh more of the processor, and 1 KiB does not hold a member whole. */
export const PAGE_BYTES = 2_048
/** Pages of the log, 4 MiB, before it is moved into the database. PERF: at 16 MiB a vote in a hundred waited twice as long. */
export const LOG_PAGES = 2_048
const CACHE_KIB = 16_384
/** Where another connection writes, each of its blocks empties the cache of one that reads. */
const READING_CACHE_KIB = 2_048
/** What a long read has made the log grow beyond is given back to the disk. */
const LOG_BYTES_LEFT = 67_108_864

/**
 * A connection that may write. Whoever commits on it has the block on the disk.
 *
 * @param options.movesLog - whether a commit moves a long log into the database, which takes a tenth of a second
 */
export function connect(file: string, { movesLog = true }: { readonly movesLog?: boolean } = {}): DatabaseSync {
  const database = new DatabaseSync(file)
  database.exec(
    `PRAGMA page_size = ${PAGE_BYTES}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF`,
  )
  database.exec(`PRAGMA cache_size = -${CACHE_KIB}; PRAGMA wal_autocheckpoint = ${movesLog ? LOG_PAGES : 0}`)
  database.exec(`PRAGMA journal_size_limit = ${LOG_BYTES_LEFT}`)
  return database
}

/** Of a connection that only reads from now on. */
export function keepLittle(database: DatabaseSync): void {
  database.exec(`PRAGMA cache_size = -${READING_CACHE_KIB}`)
}
