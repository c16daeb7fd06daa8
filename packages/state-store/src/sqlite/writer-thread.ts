import { parentPort, workerData } from 'node:worker_threads'
import { createBlockWriter } from './block-writer.ts'
import { createCheckpoints } from './checkpoint.ts'
import { connect } from './connect.ts'
import { type WriterFailure, type WriterOrder, type WriterThreadData, writeLast } from './writer.ts'

// PERF: nothing here loads the kernel or the cryptography: the first block would wait half a second for them.
const { file, descriptor, tables, keepBlocks } = workerData as WriterThreadData
const database = connect(file, { movesLog: false })
const checkpoints = createCheckpoints({ file, descriptor }, database)
const writer = createBlockWriter(database, tables, keepBlocks)
/** After the first failure nothing is written: the blocks that come next stand on one that is not there. */
let failure: WriterFailure

parentPort?.on('message', (order: WriterOrder) => {
  if (order.do === 'close') {
    void close()
    return
  }
  if (failure === undefined) attempt(order)
  if (order.do !== 'commit') return
  parentPort?.postMessage(failure)
  if (failure === undefined) checkpoints.afterBlock()
})

async function close(): Promise<void> {
  writer.rollBack()
  await checkpoints.close()
  database.close()
  parentPort?.close()
}

function attempt(order: WriterOrder): void {
  try {
    if (order.do === 'rows') writer.rows(order)
    else if (order.do === 'rollBack') writer.rollBack()
    else if (order.do === 'commit') writeLast(writer, order)
  } catch (error) {
    const { message, errcode = 0 } = error as Error & { errcode?: number }
    failure = { message, errcode }
  }
}
