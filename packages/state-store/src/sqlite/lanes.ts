import type { DatabaseSync } from 'node:sqlite'
import { fromHex, type Log, logTrees } from '@icn/crypto'
import { LANES } from '@icn/protocol'
import type { LaneEntry } from '@icn/state-machine/kernel'
import { laneLogs } from '@icn/state-machine/lanes'

/** Writes what a block added to the logs of lanes, within its transaction. */
export function createLaneWriter(database: DatabaseSync): (height: number, entries: readonly LaneEntry[]) => void {
  const put = putter(database)
  return (height, entries) => {
    for (const { lane, position, nodes } of entries) put(lane, position, height, Buffer.concat(nodes))
  }
}

/**
 * Forgets the leaves of blocks that are kept no longer, but for those that complete a peak of what was forgotten: with
 * them the logs of all later heights are known.
 *
 * @returns what is called with the lowest height that is kept
 */
export function createLanePruner(database: DatabaseSync): (keptFrom: number) => void {
  const firstKept = database.prepare(
    'SELECT position FROM lane_entry WHERE lane = ? AND height >= ? ORDER BY position LIMIT 1',
  )
  const last = database.prepare('SELECT max(position) AS position FROM lane_entry WHERE lane = ?')
  const drop = database.prepare(
    'DELETE FROM lane_entry WHERE lane = ? AND position < ? AND position NOT IN (SELECT value FROM json_each(?))',
  )
  return (keptFrom) => {
    for (const lane of LANES.keys()) {
      const size = Number(firstKept.get(lane, keptFrom)?.position ?? Number(last.get(lane)?.position ?? -1) + 1)
      drop.run(lane, size, JSON.stringify(logTrees(0, size).map(({ first, height }) => first + 2 ** height - 1)))
    }
  }
}

/** Begins the logs of lanes where a snapshot ends: all that is known of them, and needed, is their peaks. */
export function seedLanes(database: DatabaseSync, height: number): void {
  const hasLanes = database.prepare('SELECT count(*) AS tables FROM sqlite_schema WHERE name = ?').get(laneLogs.name)
  if (hasLanes?.tables !== 1) return
  const put = putter(database)
  for (const row of database.prepare(`SELECT lane, log FROM ${laneLogs.name}`).all()) {
    const { size, peaks } = JSON.parse(String(row.log)) as Log
    for (const [index, tree] of logTrees(0, size).entries()) {
      const nodes = new Uint8Array((tree.height + 1) * 32)
      nodes.set(fromHex(peaks.slice(index * 64, index * 64 + 64)), tree.height * 32)
      put(Number(row.lane), tree.first + 2 ** tree.height - 1, height, nodes)
    }
  }
}

function putter(database: DatabaseSync) {
  const statement = database.prepare('INSERT INTO lane_entry VALUES (?, ?, ?, ?)')
  return (lane: number, position: number, height: number, nodes: Uint8Array) => {
    statement.run(lane, position, height, nodes)
  }
}
