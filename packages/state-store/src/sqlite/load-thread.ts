import { DatabaseSync } from 'node:sqlite'
import { workerData } from 'node:worker_threads'
import { end, type LoadThreadAnswer, type LoadThreadData, loadInTurns } from './load-trees.ts'

const { file, modules, turns, port } = workerData as LoadThreadData

function answer(message: LoadThreadAnswer, transferred: ArrayBuffer[] = []): void {
  port.postMessage(message, transferred)
}

try {
  const database = new DatabaseSync(file, { readOnly: true })
  for (const [module, pool] of loadInTurns(database, modules, turns)) {
    answer({ module, pool }, [pool.slotWords.buffer as ArrayBuffer, pool.leafWords.buffer as ArrayBuffer])
  }
  database.close()
} catch (error) {
  const { message, errcode = 0 } = error as Error & { errcode?: number }
  answer({ message, errcode })
} finally {
  end(turns)
}
