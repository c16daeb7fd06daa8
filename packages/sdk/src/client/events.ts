import { createParser } from 'eventsource-parser'

/** Something that happened on the ledger. */
export interface NodeEvent {
  /** To go on after this one. */
  readonly id: string
  readonly topic: string
  readonly lane: number
  readonly height: number
  readonly time: string
  readonly org: string | null
  readonly subject: string
  readonly data: Readonly<Record<string, string | number | boolean>>
}

const FIRST_RETRY_MS = 250
const LONGEST_RETRY_MS = 15_000

/** Reads a stream of events, and begins again after the last one whenever the connection ends. */
export async function* readEvents(
  fetchWith: typeof fetch,
  url: string,
  headers: Readonly<Record<string, string>>,
  lastEventId: string | undefined,
  signal: AbortSignal | undefined,
): AsyncIterable<NodeEvent> {
  let last = lastEventId
  let retryMs = FIRST_RETRY_MS
  const isOver = () => signal?.aborted === true
  while (!isOver()) {
    try {
      for await (const event of readOnce(
        fetchWith,
        url,
        last === undefined ? headers : { ...headers, 'last-event-id': last },
        signal,
      )) {
        last = event.id
        retryMs = FIRST_RETRY_MS
        yield event
      }
    } catch (error) {
      if (isOver()) return
      if (retryMs >= LONGEST_RETRY_MS) throw error
    }
    await pause(retryMs, signal)
    retryMs = Math.min(LONGEST_RETRY_MS, retryMs * 2)
  }
}

async function* readOnce(
  fetchWith: typeof fetch,
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): AsyncIterable<NodeEvent> {
  const response = await fetchWith(url, { headers, ...(signal === undefined ? {} : { signal }) })
  if (!response.ok || response.body === null) throw new Error(`the stream of events answers ${response.status}`)
  const events: NodeEvent[] = []
  const parser = createParser({
    onEvent: ({ id = '', data }) => events.push({ id, ...(JSON.parse(data) as Omit<NodeEvent, 'id'>) }),
  })
  const decoder = new TextDecoder()
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    parser.feed(decoder.decode(chunk, { stream: true }))
    yield* events.splice(0)
  }
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timeout = setTimeout(resolve, ms)
    signal?.addEventListener('abort', () => {
      clearTimeout(timeout)
      resolve()
    })
  })
}
