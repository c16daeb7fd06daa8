/** A token bucket for each address: bursts of a second's worth, refilled evenly. */
export interface RateLimit {
  /** Takes `cost` requests; answers the seconds to wait where they are used up, 0 where not. */
  take(address: string, cost?: number): number
}

/** Addresses remembered; beyond this all are forgotten, which favours the sender and bounds the memory. */
const MOST_ADDRESSES = 50_000

export function createRateLimit(perSecond: number, now: () => number = () => performance.now()): RateLimit {
  const buckets = new Map<string, { tokens: number; atMs: number }>()

  function take(address: string, cost = 1): number {
    const nowMs = now()
    let bucket = buckets.get(address)
    if (bucket === undefined) {
      if (buckets.size >= MOST_ADDRESSES) buckets.clear()
      bucket = { tokens: perSecond, atMs: nowMs }
      buckets.set(address, bucket)
    }
    bucket.tokens = Math.min(perSecond, bucket.tokens + ((nowMs - bucket.atMs) * perSecond) / 1_000)
    bucket.atMs = nowMs
    if (bucket.tokens < cost) return Math.ceil((cost - bucket.tokens) / perSecond)
    bucket.tokens -= cost
    return 0
  }

  return { take }
}
