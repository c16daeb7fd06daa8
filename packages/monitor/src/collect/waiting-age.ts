/** Tells how long the first transaction in line has waited at least, from looking every few seconds. */
export interface WaitingAge {
  /**
   * @param first - the first ones in line, each named; without names, all that is known is that somebody waits
   * @param sinceBlockMs - without names: nobody waits longer than since the last block, which took all that fitted
   */
  look(nowMs: number, count: number, first: readonly string[] | undefined, sinceBlockMs: number): number
}

export function createWaitingAge(): WaitingAge {
  let seen = new Map<string, number>()
  let busySinceMs: number | undefined

  return {
    look: (nowMs, count, first, sinceBlockMs) => {
      if (count === 0) busySinceMs = undefined
      else busySinceMs ??= nowMs
      if (first === undefined) return busySinceMs === undefined ? 0 : Math.min(nowMs - busySinceMs, sinceBlockMs)
      // Only those that still stand in front are remembered.
      seen = new Map(first.map((name) => [name, seen.get(name) ?? nowMs]))
      const head = first[0]
      return head === undefined ? 0 : nowMs - (seen.get(head) ?? nowMs)
    },
  }
}
