import { readdirSync, writeFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { syncFile } from '../durable.ts'
import { pass, waitBefore } from '../sqlite/gate.ts'
import { chunkName } from './folder.ts'
import { makeSnapshot } from './make.ts'
import type { MakeAnswer, MakeThreadData } from './maker.ts'

const { file, draft, modules, network, gate } = workerData as MakeThreadData
/** PERF: of this thread alone, as Linux has it: it takes what blocks leave of the processors. */
const NICE = 10

function answer(message: MakeAnswer): void {
  parentPort?.postMessage(message)
}

try {
  const database = new DatabaseSync(file, { readOnly: true })
  if (gate !== undefined) waitBefore(gate)
  database.exec('BEGIN')
  // The first read decides what the transaction sees.
  database.prepare('SELECT max(height) FROM block').get()
  const isInTime = gate === undefined || pass(gate)
  if (process.platform === 'linux') setPriority(0, NICE)
  if (isInTime) answer({ metadata: make(database) })
  else answer({ missed: true })
  database.close()
} catch (error) {
  answer({ message: (error as Error).message })
}

function make(database: DatabaseSync): Uint8Array {
  const metadata = makeSnapshot(database, modules, network, {
    chunk: (index, compressed) => writeFileSync(join(draft, chunkName(index)), compressed),
    progress: (done, total) => answer({ done, total }),
  })
  // At the end, since each sync may hold up that of a block.
  for (const name of readdirSync(draft)) syncFile(join(draft, name))
  return metadata
}
