import { parentPort, workerData } from 'node:worker_threads'
import { createBlockWriter } from './block-writer.ts'
import { connect } from './connect.ts'
import type { WriterFailure, WriterOrder, WriterThreadData } from './writer.ts'

const { file, tables } = workerData as WriterThreadData
const database = connect(file)
const writer = createBlockWriter(database, tables)
/** After the first failure nothing is written: the blocks that come next stand on one that is not there. */
let failure: WriterFailure

parentPort?.on('message', (order: WriterOrder) => {
  if (order.do === 'close') {
    writer.rollBack()
    database.close()
    parentPort?.close()
    return
  }
  if (failure === undefined) attempt(order)
  if (order.do === 'commit') parentPort?.postMessage(failure)
})

function attempt(order: Exclude<WriterOrder, { do: 'close' }>): void {
  try {
    if (order.do === 'rows') writer.rows(order)
    else if (order.do === 'commit') writer.commit(order)
    else writer.rollBack()
  } catch (error) {
    const { message, errcode = 0 } = error as Error & { errcode?: number }
    failure = { message, errcode }
  }
}
