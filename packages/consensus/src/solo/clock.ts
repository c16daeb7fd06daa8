/** Where block time comes from. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z; may jump back, block time does not follow then. */
  now(): number
}

export const systemClock: Clock = { now: () => Date.now() }

/** A clock that can be put forward, for development and tests: weeks pass in milliseconds. */
export interface DevClock extends Clock {
  putForward(ms: number): void
}

/** @param base - what runs beneath; a constant clock stands still between jumps */
export function createDevClock(base: Clock = systemClock): DevClock {
  let aheadMs = 0
  return {
    now: () => base.now() + aheadMs,
    putForward: (ms) => {
      aheadMs += ms
    },
  }
}

/** Calls back once after a time; answers what calls it off. */
export type Timer = (afterMs: number, call: () => void) => () => void

/** `setTimeout`, which keeps nothing alive by itself and cannot wait longer than 2^31 − 1 ms: callers look again then. */
export const systemTimer: Timer = (afterMs, call) => {
  const timeout = setTimeout(call, Math.min(Math.max(0, afterMs), 0x7fff_ffff))
  timeout.unref()
  return () => clearTimeout(timeout)
}
