import { parentPort, workerData } from 'node:worker_threads'
import { SnapshotError } from '@icn/state-machine/kernel'
import { createLoader } from './loader.ts'
import type { RestoreAnswer, RestoreOrder, RestoreThreadData } from './restorer.ts'

const { file, modules, manifest } = workerData as RestoreThreadData
const loader = createLoader(file, modules, manifest)

function answer(message: RestoreAnswer, transferred: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transferred)
}

parentPort?.on('message', (order: RestoreOrder) => {
  try {
    if (order === 'discard') discard()
    else if (order === 'finish') finish()
    else take(order.index, order.bytes)
  } catch (error) {
    answer({ failed: (error as Error).message, isSnapshot: error instanceof SnapshotError })
  }
})

/** The answer comes before the work: the sender is known, and the next chunk may be on its way. */
function take(index: number, bytes: Uint8Array): void {
  const chunk = loader.verify(index, bytes)
  answer({ index, isChunk: chunk !== undefined })
  if (chunk !== undefined) loader.insert(chunk)
}

function finish(): void {
  const pools = loader.finish()
  const buffers = [...pools.values()].flatMap(({ slotWords, leafWords }) => [slotWords.buffer, leafWords.buffer])
  answer({ pools }, buffers as ArrayBuffer[])
  parentPort?.close()
}

function discard(): void {
  loader.discard()
  parentPort?.close()
}
