import type { Log } from '@icn/crypto'
import { defineTable, json, uint } from '../../kernel/index.ts'

/**
 * What happened in each lane, as an append-only log: one leaf for each block that has events of the lane. With the first
 * event of the network every lane gets its row, so that a lane in which nothing happened yet is proved like any other.
 */
export const laneLogs = defineTable('lane_log', {
  key: { lane: uint },
  columns: {
    log: json<Log>(),
    /** Of the last block in the log; 0 where there is none. */
    height: uint,
  },
})

export const laneTables = [laneLogs]
