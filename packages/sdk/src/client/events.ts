import { createParser } from 'eventsource-parser'
import { ApiError, problemOf, Unreachable } from './errors.ts'
import { pause } from './pause.ts'

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
  let wasOpen = false
  const isOver = () => signal?.aborted === true
  while (!isOver()) {
    try {
      for await (const event of readOnce(
        fetchWith,
        url,
        last === undefined ? headers : { ...headers, 'last-event-id': last },
        signal,
        () => {
          wasOpen = true
        },
      )) {
        last = event.id
        retryMs = FIRST_RETRY_MS
        yield event
      }
    } catch (error) {
      if (isOver()) return
      // What was never there, or is refused, will not come by waiting.
      if (!wasOpen || error instanceof ApiError || retryMs >= LONGEST_RETRY_MS) throw error
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
  opened: () => void,
): AsyncIterable<NodeEvent> {
  const response = await fetchWith(url, { headers, ...(signal === undefined ? {} : { signal }) }).catch((cause) => {
    throw new Unreachable(`no node answers at ${new URL(url).origin}`, { cause })
  })
  if (!response.ok || response.body === null) throw await problemOf(response, new URL(url).origin)
  opened()
  const events: NodeEvent[] = []
  const parser = createParser({
    onEvent: ({ id = '', data }) => events.push({ id, ...(JSON.parse(data) as Omit<NodeEvent, 'id'>) }),
  })
  const decoder = new TextDecoder()
  // Not every browser can iterate over a stream.
  const reader = response.body.getReader()
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      parser.feed(decoder.decode(part.value, { stream: true }))
      yield* events.splice(0)
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}
