import type { StateModule } from '../../kernel/index.ts'
import { checkLaneInvariants } from './invariants.ts'
import { laneTables } from './tables.ts'

/** What happened in each lane, under the root: its row is written at the end of each block, by `logEvents`. */
export const lanesModule: StateModule = {
  name: 'lanes',
  lane: 0,
  tables: laneTables,
  isLater: true,
  handlers: {},
  checkInvariants: checkLaneInvariants,
}

export { logEvents } from './log-events.ts'
export * from './queries.ts'
export { laneLogs } from './tables.ts'
