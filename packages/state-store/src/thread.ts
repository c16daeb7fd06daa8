import { Worker, type WorkerOptions } from 'node:worker_threads'

/**
 * Memory for what a thread has just made and mostly throws away, in MB. By itself V8 takes 48 for each thread before it
 * collects, and hardly gives it back.
 */
const YOUNG_MB = 6

/** A thread with one of this package's modules in it. */
export function startThread(
  module: URL,
  workerData: unknown,
  transferList: WorkerOptions['transferList'] = [],
): Worker {
  return new Worker(module, {
    workerData,
    transferList,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
  })
}
