import { fdatasyncSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { type CheckpointThreadData, moveLog } from './checkpoint.ts'
import { connect } from './connect.ts'

const { file, descriptor } = workerData as CheckpointThreadData
const database = connect(file, { movesLog: false })

parentPort?.on('message', (order: 'move' | 'close') => {
  if (order === 'move') move()
  else close()
})

/** Twice: what came during the first round, which is long, is moved in a second one, which is short. */
function move(): void {
  for (let round = 0; round < 2; round++) {
    moveLog(database)
    sync()
  }
  parentPort?.postMessage('moved')
}

/** So that SQLite's own sync, for which the writer has to wait, finds little to do. */
function sync(): void {
  try {
    fdatasyncSync(descriptor)
  } catch {
    // No loss: the log is not begun anew before SQLite itself has synced.
  }
}

function close(): void {
  database.close()
  parentPort?.close()
}
