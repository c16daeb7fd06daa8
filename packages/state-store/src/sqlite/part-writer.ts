import type { DatabaseSync } from 'node:sqlite'
import type { RunPart } from './transaction-index.ts'

/** Writes parts of runs within a transaction. What a crash cut short is written again. */
export function createPartWriter(database: DatabaseSync): (part: RunPart) => void {
  const put = database.prepare('INSERT OR REPLACE INTO tx_place VALUES (?, ?, ?)')
  const putMeta = database.prepare("INSERT OR REPLACE INTO meta VALUES ('placedThrough', ?)")
  return ({ run, entries, through }) => {
    for (const { hash, id } of entries) put.run(run, hash, id)
    if (through !== undefined) putMeta.run(String(through))
  }
}
