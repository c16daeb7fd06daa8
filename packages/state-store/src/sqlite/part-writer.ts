import type { DatabaseSync } from 'node:sqlite'

/** Some entries of a run, in order. */
export interface RunPart {
  readonly run: number
  readonly entries: readonly RunEntry[]
  /** Where the run is whole with them: the id up to which everything is in runs. */
  readonly through: number | undefined
}

export interface RunEntry {
  readonly hash: Uint8Array
  readonly id: number
}

/** Writes parts of runs within a transaction. What a crash cut short is written again. */
export function createPartWriter(database: DatabaseSync): (part: RunPart) => void {
  const put = database.prepare('INSERT OR REPLACE INTO tx_place VALUES (?, ?, ?)')
  const putMeta = database.prepare("INSERT OR REPLACE INTO meta VALUES ('placedThrough', ?)")
  return ({ run, entries, through }) => {
    for (const { hash, id } of entries) put.run(run, hash, id)
    if (through !== undefined) putMeta.run(String(through))
  }
}
