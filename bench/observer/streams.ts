import { get } from 'node:http'

/** An event stream of a node, and when each event came. */
export interface Stream {
  /** Times of arrival (`performance.now()`) by the event's id. */
  readonly arrivals: ReadonlyMap<string, number>
  count(): number
  close(): void
}

/** @param isTimed - whether to keep the time of each event; a reader of many only counts */
export async function openStream(url: string, isTimed: boolean): Promise<Stream> {
  const arrivals = new Map<string, number>()
  let count = 0
  let rest = ''
  const { promise: opened, resolve, reject } = Promise.withResolvers<void>()
  const request = get(`${url}/v1/events`, { agent: false }, (response) => {
    response.setEncoding('latin1')
    if (response.statusCode !== 200) reject(new Error(`the stream was answered with ${response.statusCode}`))
    response.on('data', (text: string) => {
      resolve()
      const nowMs = performance.now()
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        if (!line.startsWith('id:')) continue
        count++
        if (isTimed) arrivals.set(line.slice(3).trim(), nowMs)
      }
    })
    response.on('error', () => {})
  })
  request.on('error', reject)
  await opened
  return { arrivals, count: () => count, close: () => request.destroy() }
}

/** How much later each event that both have came to the second one, in ms, in order. */
export function lagOf(first: Stream, second: Stream, sinceMs: number, untilMs: number): readonly number[] {
  const lags: number[] = []
  for (const [id, atMs] of first.arrivals) {
    const other = second.arrivals.get(id)
    if (atMs >= sinceMs && atMs <= untilMs && other !== undefined) lags.push(other - atMs)
  }
  return lags.sort((a, b) => a - b)
}
