import { setTimeout as pause } from 'node:timers/promises'

const LOOK_MS = 50

/**
 * Waits until CometBFT serves its RPC: it does so when it and the application have come to the same height.
 *
 * @param until - ends the waiting
 */
export async function rpcAnswers(url: string, until: AbortSignal): Promise<void> {
  while (!until.aborted) {
    try {
      const answer = await fetch(`${url}/health`, { signal: until })
      await answer.body?.cancel()
      if (answer.ok) return
    } catch {
      // Nobody listens there yet.
    }
    if (!until.aborted) await pause(LOOK_MS)
  }
}
