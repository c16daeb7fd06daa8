import { logRoot } from '@icn/crypto'
import { LANES } from '@icn/protocol'
import { assert, type State } from '../../kernel/index.ts'
import { laneLogs } from './tables.ts'

/** Every lane has a row, or none has; a log has a last block where it has any. That the events are those of the log: `checkLanes`. */
export function checkLaneInvariants(state: State): void {
  const rows = [...state.open(laneLogs).scan([])]
  assert(rows.length === 0 || rows.length === LANES.length, 'every lane has a log, or none has')
  for (const { lane, log, height } of rows) {
    assert(lane < LANES.length, `${lane} is a lane`)
    assert((log.size === 0) === (height === 0), `the log of lane ${lane} has a last block where it has any`)
    assert(log.size <= height, `the log of lane ${lane} has a block at most once`)
    // Throws where the peaks do not fit the size.
    logRoot(log)
  }
}
