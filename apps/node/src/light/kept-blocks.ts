import { rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { MAX_LIGHT_BLOCKS } from '@icn/protocol'
import {
  ARCHIVE_RULE,
  decodeLightBlock,
  encodeLightBlock,
  type LightBlock,
  type Trusted,
  trustedBlock,
  verifyStep,
} from '@icn/protocol/light'

/**
 * Light blocks that lead from the genesis towards the present, in a file of their own: with them a node proves its state that
 * has none of the blocks from before its snapshot, or has forgotten them. They are no state, and can be had again from others.
 */
export interface KeptBlocks {
  /** The path from the genesis, ascending; each of its blocks was verified. */
  readonly path: () => readonly LightBlock[]
  /** Any block that is kept, in its one form. */
  at(height: number): Uint8Array | undefined
  /** Keeps another path in place of the one before. */
  putPath(path: readonly LightBlock[]): void
  /** Keeps the first block of CometBFT beside the path, where the network goes on from a node that was alone. */
  putFirst(block: LightBlock): void
  close(): void
}

/** Raised with every change of the table: a file of another version is begun anew. */
const LAYOUT = 1
const SCHEMA =
  'CREATE TABLE IF NOT EXISTS block (height INTEGER PRIMARY KEY, isOnPath INTEGER NOT NULL, bytes BLOB NOT NULL)'

/**
 * Opens the file; what cannot be read, or does not lead on from the genesis, is begun anew.
 *
 * @param file - `light-blocks.db` in the data folder
 * @param start - the genesis, as what is trusted
 * @param onLost - gets why the file was begun anew
 */
export function openKeptBlocks(file: string, start: Trusted, onLost: (reason: string) => void): KeptBlocks {
  const { database, verified } = openOrBeginAnew(file, start, onLost)
  const find = database.prepare('SELECT bytes FROM block WHERE height = ?')
  const drop = database.prepare('DELETE FROM block WHERE height = ?')
  const setAside = database.prepare('UPDATE block SET isOnPath = 0 WHERE height = ?')
  const put = database.prepare('INSERT OR REPLACE INTO block VALUES (?, ?, ?)')
  let path = verified

  /** Whoever joins a network that goes on from a node that was alone wants to see the first block of CometBFT. */
  function leave(height: number): void {
    if (start.height > 0 && height === start.height + 1) setAside.run(height)
    else drop.run(height)
  }

  function putPath(next: readonly LightBlock[]): void {
    if (next.length > MAX_LIGHT_BLOCKS) throw new RangeError(`a path of more than ${MAX_LIGHT_BLOCKS} light blocks`)
    const stays = new Set(next.map(({ header }) => header.height))
    const stood = new Set(path.map(({ header }) => header.height))
    database.exec('BEGIN')
    try {
      for (const height of stood) if (!stays.has(height)) leave(height)
      for (const block of next)
        if (!stood.has(block.header.height)) put.run(block.header.height, 1, encodeLightBlock(block))
      database.exec('COMMIT')
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK')
      throw error
    }
    path = next
  }

  return {
    path: () => path,
    at: (height) => find.get(height)?.bytes as Uint8Array | undefined,
    putPath,
    putFirst: (block) => {
      const { height } = block.header
      if (!path.some(({ header }) => header.height === height)) put.run(height, 0, encodeLightBlock(block))
    },
    close: () => database.close(),
  }
}

interface Opened {
  readonly database: DatabaseSync
  readonly verified: readonly LightBlock[]
}

function openOrBeginAnew(file: string, start: Trusted, onLost: (reason: string) => void): Opened {
  try {
    return open(file, start)
  } catch (error) {
    onLost((error as Error).message)
    for (const name of [file, `${file}-wal`, `${file}-shm`]) rmSync(name, { force: true })
    return open(file, start)
  }
}

function open(file: string, start: Trusted): Opened {
  const database = new DatabaseSync(file)
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 0')
    const layout = Number(database.prepare('PRAGMA user_version').get()?.user_version)
    const tables = Number(database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()?.tables)
    if (tables > 0 && layout !== LAYOUT) throw new Error(`it has layout ${layout}, this program writes ${LAYOUT}`)
    database.exec(`${SCHEMA}; PRAGMA user_version = ${LAYOUT}`)
    return { database, verified: readPath(database, start) }
  } catch (error) {
    database.close()
    throw error
  }
}

/** Nothing is believed because it stands there: who can write into the folder could lead outsiders astray otherwise. */
function readPath(database: DatabaseSync, start: Trusted): LightBlock[] {
  const rows = database.prepare('SELECT bytes FROM block WHERE isOnPath = 1 ORDER BY height').all()
  let trusted = start
  return rows.map(({ bytes }) => {
    const block = decodeLightBlock(bytes as Uint8Array)
    const verified = verifyStep(trusted, block, ARCHIVE_RULE)
    if (!verified.ok) throw new Error(`block ${block.header.height} is not proved: ${verified.failure}`)
    trusted = trustedBlock(block)
    return block
  })
}
