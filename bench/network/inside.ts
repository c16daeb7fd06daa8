/**
 * Loaded into a node (`node --import`), which knows nothing of it: notes when requests with many transactions come and go,
 * and how long its main thread is busy at a time. Writes one JSON document into the folder `BENCH_INSIDE` when it ends.
 */
import { subscribe } from 'node:diagnostics_channel'
import { writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { isMainThread } from 'node:worker_threads'

export interface Inside {
  /** From the headers to the last byte of the body, milliseconds. */
  readonly readMs: readonly number[]
  /** From the last byte, or from the headers where the answer did not wait for it, to the answer in the socket. */
  readonly answeredMs: readonly number[]
  /** From the headers to the answer in the socket, of whole refusals. */
  readonly refusedMs: readonly number[]
  /** The longest time in which the main thread came to nothing else, because of its work or because others had the processors. */
  readonly longestMs: number
  /** The most processor time that the main thread took for itself within such a time. */
  readonly longestWorkMs: number
}

const LOOK_MS = 5

const folder = process.env.BENCH_INSIDE
if (isMainThread && folder !== undefined && process.argv.includes('start')) watch(folder)

function watch(folder: string): void {
  const began = new WeakMap<IncomingMessage, { readonly headersMs: number; endMs?: number }>()
  const readMs: number[] = []
  const answeredMs: number[] = []
  const refusedMs: number[] = []
  let longestMs = 0
  let longestWorkMs = 0
  let isOn = false

  function look(): void {
    let lastMs = performance.now()
    let workedMs = threadMs()
    const timer = setInterval(() => {
      const [nowMs, nowWorkedMs] = [performance.now(), threadMs()]
      longestMs = Math.max(longestMs, nowMs - lastMs)
      longestWorkMs = Math.max(longestWorkMs, nowWorkedMs - workedMs)
      lastMs = nowMs
      workedMs = nowWorkedMs
    }, LOOK_MS)
    timer.unref()
  }

  subscribe('http.server.request.start', (message) => {
    const { request } = message as { request: IncomingMessage }
    if (!request.url?.startsWith('/v1/transactions/batch')) return
    if (!isOn) look()
    isOn = true
    const times: { readonly headersMs: number; endMs?: number } = { headersMs: performance.now() }
    began.set(request, times)
    request.once('end', () => {
      times.endMs = performance.now()
      readMs.push(times.endMs - times.headersMs)
    })
  })
  subscribe('http.server.response.finish', (message) => {
    const { request, response } = message as { request: IncomingMessage; response: { statusCode: number } }
    const times = began.get(request)
    if (times === undefined) return
    const nowMs = performance.now()
    answeredMs.push(nowMs - (times.endMs ?? times.headersMs))
    if (response.statusCode === 429) refusedMs.push(nowMs - times.headersMs)
  })
  process.once('exit', () => {
    const inside: Inside = { readMs, answeredMs, refusedMs, longestMs, longestWorkMs }
    writeFileSync(join(folder, `inside-${process.pid}.json`), JSON.stringify(inside))
  })
}

function threadMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}
