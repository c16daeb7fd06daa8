import { setTimeout as pause } from 'node:timers/promises'
import { cpuMs } from '../process-figures.ts'
import { openConnection } from '../votes/connection.ts'

/** One kind of question, asked by many at once. */
export interface ReadKind {
  readonly name: string
  /** Path of the n-th question. */
  readonly path: (index: number) => string
}

export interface ReadFigures {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Of one core, that the node took meanwhile. */
  readonly nodeShare: number
  readonly answerBytes: number
}

interface Asking {
  readonly connections: number
  readonly ms: number
  /** Questions offered in a second by all together; without it each asks again as soon as it has its answer. */
  readonly perSecond?: number
}

/** Asks the kinds in turn. Where answers come later than the next question is due, fewer are asked. @throws for another answer than 200 */
export async function measureReads(
  url: string,
  pid: number,
  kinds: readonly ReadKind[],
  { connections, ms, perSecond }: Asking,
): Promise<ReadFigures> {
  const open = await Promise.all(Array.from({ length: connections }, () => openConnection(new URL(url))))
  const latencies: number[] = []
  let bytes = 0
  const [cpuBefore, startMs] = [cpuMs(pid), performance.now()]
  const dueMs = (index: number) => (perSecond === undefined ? 0 : startMs + (1_000 * index) / perSecond)
  await Promise.all(
    open.map(async (connection, worker) => {
      for (let index = worker; performance.now() < startMs + ms; index += connections) {
        const waitMs = dueMs(index) - performance.now()
        if (waitMs > 0) await pause(waitMs)
        const { name, path } = kinds[index % kinds.length] as ReadKind
        const askedMs = performance.now()
        const { status, body } = await connection.get(path(index))
        if (status !== 200) throw new Error(`${name} was answered with ${status}: ${body}`)
        latencies.push(performance.now() - askedMs)
        bytes += body.length
      }
    }),
  )
  const tookMs = performance.now() - startMs
  for (const connection of open) connection.close()
  latencies.sort((a, b) => a - b)
  const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? 0
  return {
    perSecond: (1_000 * latencies.length) / tookMs,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    nodeShare: (cpuMs(pid) - cpuBefore) / tookMs,
    answerBytes: bytes / latencies.length,
  }
}
