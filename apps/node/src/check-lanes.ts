import { appendLog } from '@icn/crypto'
import { laneGroupHash, laneLeaf } from '@icn/protocol'
import { historyId, type SqlReader } from '@icn/state-machine/kernel'
import { type LaneFacts, laneBlocks, laneLogOf, laneSizeBefore, listLanes } from '@icn/state-machine/lanes'
import { CorruptData, RESTORE, type StateReader } from '@icn/state-store'

/** Blocks read together. */
const BLOCKS = 200

/**
 * Adds the events of every block that is kept to the logs of lanes as they were before, and compares what comes of it with
 * the rows. Cost grows with the history: about 10 µs an event.
 *
 * @param keptFrom - the lowest height whose block is kept
 * @returns the number of events
 * @throws CorruptData
 */
export function checkLanes(reader: StateReader, keptFrom: number): number {
  return reader.read((sql) => listLanes(sql).reduce((sum, facts) => sum + checkLane(sql, facts, keptFrom), 0))
}

function checkLane(sql: SqlReader, { lane, log: expected }: LaneFacts, keptFrom: number): number {
  const first = laneSizeBefore(sql, lane, keptFrom, keptFrom)
  let log = laneLogOf(sql, lane, first)
  let events = 0
  let from: number | undefined
  while (log.size < expected.size) {
    const blocks = laneBlocks(sql, lane, log.size, Math.min(log.size + BLOCKS, expected.size), BLOCKS * BLOCKS)
    if (blocks.length === 0) throw corrupt(lane, keptFrom)
    for (const { height, timeMs, groups } of blocks) {
      from ??= height
      log = appendLog(log, laneLeaf(height, timeMs, groups.map(laneGroupHash)))
      events += groups.reduce((sum, group) => sum + group.events.length, 0)
    }
  }
  // An event too many stands in a block that is not in the log. Blocks from before there were such logs are passed over.
  const place = historyId(from ?? keptFrom, 0)
  const count = 'SELECT count(*) AS events FROM event WHERE lane = ? AND id >= ?'
  const all = sql.get<{ events: number }>(count, lane, place)
  if (log.peaks !== expected.peaks || all?.events !== events) throw corrupt(lane, from ?? keptFrom)
  return events
}

function corrupt(lane: number, from: number): CorruptData {
  return new CorruptData(`the events of lane ${lane} from block ${from} on do not lead to its log`, RESTORE)
}
