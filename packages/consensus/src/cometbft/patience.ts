import { unavailable } from '../refusals.ts'
import type { Whereabouts } from './line.ts'
import type { Pending, Submissions } from './submissions.ts'

/** The transaction of a client of this node that waits longest. */
export interface SlowSubmission {
  readonly hash: Uint8Array
  readonly waitedMs: number
  readonly whereabouts: Whereabouts
  /** How many wait at this node. */
  readonly waiting: number
}

export interface PatienceOptions {
  readonly submissions: Submissions
  readonly whereabouts: (hash: Uint8Array) => Whereabouts
  /** Who waits longer is answered without knowing what comes of it. */
  readonly answerWithinMs: number
  /** Called when one begins to wait for more than five seconds, and then every ten while any does. */
  readonly onSlow: (slow: SlowSubmission) => void
}

const LOOK_MS = 500
const SLOW_MS = 5_000
const SLOW_AGAIN_MS = 10_000

/**
 * Looks how long clients wait. Where a network makes no blocks nobody knows what comes of a transaction: whoever waits too long
 * is told so, and may ask again with the same bytes.
 *
 * @returns ends the watch
 */
export function watchPatience(options: PatienceOptions): () => void {
  const { submissions, whereabouts, answerWithinMs, onSlow } = options
  let toldMs = Number.NEGATIVE_INFINITY

  function look(): void {
    const nowMs = performance.now()
    // In the order in which they came.
    for (let first = submissions.first(); first !== undefined; first = submissions.first()) {
      const { hash } = first
      tell(first, nowMs)
      if (nowMs - first.cameMs < answerWithinMs) return
      submissions.settle(hash, unavailable(hash))
    }
  }

  function tell(first: Pending, nowMs: number): void {
    const waitedMs = nowMs - first.cameMs
    if (waitedMs < SLOW_MS && waitedMs < answerWithinMs) toldMs = Number.NEGATIVE_INFINITY
    else if (nowMs - toldMs >= SLOW_AGAIN_MS) {
      toldMs = nowMs
      const rounded = Math.round(waitedMs)
      onSlow({
        hash: first.hash,
        waitedMs: rounded,
        whereabouts: whereabouts(first.hash),
        waiting: submissions.count(),
      })
    }
  }

  const timer = setInterval(look, LOOK_MS)
  timer.unref()
  return () => clearInterval(timer)
}
