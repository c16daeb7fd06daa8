import type { Allowance } from '@icn/protocol'

/** A bucket of transactions that refills with time: millionths of a transaction, as they stood at `timeMs`. */
export interface Bucket {
  readonly micro: number
  /** 0: never touched, so full. */
  readonly timeMs: number
}

const ONE = 1_000_000

/** The bucket at `nowMs`. Exact in integers: burst and refill are at most 10^9, so nothing exceeds 2^53. */
export function refill({ micro, timeMs }: Bucket, { burst, perHour }: Allowance, nowMs: number): Bucket {
  const full = burst * ONE
  const elapsedMs = Math.max(0, nowMs - timeMs)
  if (timeMs === 0 || elapsedMs >= Math.ceil((burst * 3_600_000) / perHour)) return { micro: full, timeMs: nowMs }
  const eighteenths = elapsedMs * perHour
  const gained = Math.floor(eighteenths / 18) * 5 + Math.floor(((eighteenths % 18) * 5) / 18)
  return { micro: Math.min(full, micro + gained), timeMs: nowMs }
}

/** One transaction out of a refilled bucket; `undefined` where less than one is left. */
export function takeOne({ micro, timeMs }: Bucket): Bucket | undefined {
  return micro < ONE ? undefined : { micro: micro - ONE, timeMs }
}

/** When a refilled bucket holds a whole transaction again. */
export function refillsAtMs({ micro, timeMs }: Bucket, { perHour }: Allowance): number {
  return timeMs + Math.ceil(((ONE - micro) * 18) / (5 * perHour))
}
