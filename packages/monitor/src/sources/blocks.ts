import type { StateReader } from '@icn/state-store'
import type { BlockFacts } from '../collect/block-window.ts'

interface Row {
  readonly height: number
  readonly timeMs: number
  readonly report: string
}

/** The blocks after a height, at most as many as a window holds, oldest first. */
export function readBlocks(reader: StateReader, afterHeight: number, window: number): BlockFacts[] {
  const rows = reader.read((sql, at) =>
    sql.all<Row>(
      'SELECT height, timeMs, report FROM block WHERE height > ? ORDER BY height',
      Math.max(afterHeight, at.height - window),
    ),
  )
  return rows.map(({ height, timeMs, report }) => ({ height, timeMs, report: JSON.parse(report) }))
}

/** The root after a height, in hex; `undefined` where there is no such block. */
export function readAppHash(reader: StateReader, height: number): string | undefined {
  const row = reader.read((sql) =>
    sql.get<{ appHash: Uint8Array }>('SELECT appHash FROM block WHERE height = ?', height),
  )
  return row === undefined ? undefined : Buffer.from(row.appHash).toString('hex')
}

/** The signed header of a block; empty where the engine keeps headers itself. */
export function readHeader(reader: StateReader, height: number): Uint8Array | undefined {
  return reader.read((sql) => sql.get<{ header: Uint8Array }>('SELECT header FROM block WHERE height = ?', height))
    ?.header
}
