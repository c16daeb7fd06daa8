import { setTimeout as pause } from 'node:timers/promises'

const LOOK_MS = 50

/**
 * Looks again and again until there is an answer; what is thrown meanwhile counts as none yet.
 *
 * @param what - to be named where it does not come within `timeoutMs`
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  timeoutMs = 30_000,
): Promise<T> {
  const endMs = performance.now() + timeoutMs
  let last: unknown
  while (performance.now() < endMs) {
    try {
      const found = await look()
      if (found !== undefined && found !== false) return found
    } catch (error) {
      last = error
    }
    await pause(LOOK_MS)
  }
  throw new Error(`${what} did not come within ${timeoutMs} ms`, { cause: last })
}
