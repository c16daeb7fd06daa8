/** Tells how long somebody waits at least, from looking every few seconds, where the engine does not say it. */
export interface WaitingAge {
  /** @param sinceBlockMs - nobody waits longer than since the last block, which took all that fitted */
  look(nowMs: number, count: number, sinceBlockMs: number): number
}

export function createWaitingAge(): WaitingAge {
  let busySinceMs: number | undefined

  return {
    look: (nowMs, count, sinceBlockMs) => {
      if (count === 0) busySinceMs = undefined
      else busySinceMs ??= nowMs
      return busySinceMs === undefined ? 0 : Math.min(nowMs - busySinceMs, sinceBlockMs)
    },
  }
}
