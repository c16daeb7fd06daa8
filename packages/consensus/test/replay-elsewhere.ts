/**
 * Replays blocks in a process of its own, on a SQLite store opened again after every block, and prints the root of each.
 * Whoever starts it chooses time zone and locale; `Date.now` stands still in another century, and `Math.random` is constant.
 *
 * Arguments: folder, file of the blocks (JSON: genesis, and of each block its time, its transactions in hex and its report).
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fromHex, toHex } from '@icn/crypto'
import { createVerifyPool } from '@icn/crypto/verify-pool'
import { parseGenesis } from '@icn/protocol'
import { createMachine } from '@icn/state-machine'
import type { ValidatorReport } from '@icn/state-machine/kernel'
import { openSqliteStore } from '@icn/state-store'
import { createApplication } from '../src/index.ts'

export interface RecordedBlock {
  readonly timeMs: number
  readonly txs: readonly string[]
  readonly report: ValidatorReport
}

export interface RecordedBlocks {
  readonly genesis: unknown
  readonly blocks: readonly RecordedBlock[]
}

const ELSEWHEN_MS = Date.UTC(1999, 11, 31, 23, 59, 59)

Date.now = () => ELSEWHEN_MS
Math.random = () => 0

const [folder = '', blocksFile = ''] = process.argv.slice(2)
const { genesis, blocks } = JSON.parse(readFileSync(blocksFile, 'utf8')) as RecordedBlocks
const machine = createMachine({ genesis: parseGenesis(genesis) })
const verifyPool = createVerifyPool()
const roots: string[] = []
for (const [index, { timeMs, txs, report }] of blocks.entries()) {
  const store = openSqliteStore({ file: join(folder, 'elsewhere.db'), modules: machine.modules })
  const application = createApplication({ machine, store, verifyPool })
  const final = await application.finalizeBlock({ txs: txs.map(fromHex), height: index + 1, timeMs, report })
  await application.commit({ hash: final.appHash, header: final.appHash })
  roots.push(toHex(final.appHash))
  await store.close()
}
await verifyPool.close()
console.log(JSON.stringify({ roots, hour: new Date(0).getHours(), nowMs: Date.now() }))
