export type Fetch = typeof fetch

const TIMEOUT_MS = 2_000
const MOST_BYTES = 16_777_216

/** The body of a good answer; `undefined` where none came in time, or a longer one than anybody should send. */
export async function fetchText(
  fetchWith: Fetch,
  url: string,
): Promise<{ readonly text: string; readonly date: string | null } | undefined> {
  try {
    const response = await fetchWith(url, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'error' })
    if (!response.ok || response.body === null) {
      await response.body?.cancel()
      return undefined
    }
    const parts: Uint8Array[] = []
    let size = 0
    for await (const part of response.body) {
      size += part.length
      if (size > MOST_BYTES) return undefined
      parts.push(part)
    }
    return { text: Buffer.concat(parts).toString('utf8'), date: response.headers.get('date') }
  } catch {
    // The one who watches says that nobody answers; why, the log of that process knows.
    return undefined
  }
}
