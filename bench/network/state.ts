import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'

/**
 * The state of a cooperative as the beginning of a network: the rows of the fixture without its blocks, so that every node
 * that starts with a copy answers the same root to CometBFT's `InitChain`.
 *
 * @returns path of the database
 */
export async function makeState(folder: string, members: number, voters: number): Promise<string> {
  const home = join(folder, `members-${members}`)
  await promisify(execFile)(process.execPath, ['bench/votes/fixture.ts', home, String(members), String(voters)])
  const file = join(home, 'state.db')
  const database = new DatabaseSync(file)
  database.exec('DELETE FROM block; PRAGMA wal_checkpoint(TRUNCATE)')
  database.close()
  return file
}
