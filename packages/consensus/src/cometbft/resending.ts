import { setTimeout as elapsed } from 'node:timers/promises'
import { busy } from '../refusals.ts'
import type { Broadcast } from './broadcaster.ts'
import type { PoolMirror } from './pool-mirror.ts'
import type { Pending, Submissions } from './submissions.ts'

export interface ResendingOptions {
  readonly submissions: Submissions
  readonly send: (bytes: Uint8Array) => Promise<Broadcast>
  /** What waits in CometBFT. */
  readonly pool: Pick<PoolMirror, 'has'>
  readonly height: () => number
  /** Whether nothing is to be handed over any more. */
  readonly isOver: () => boolean
}

/** How long until CometBFT is asked again. */
const AGAIN_MS = 100
/** So many are handed over before those behind them, which may follow them in their signer's sequence. */
const PART = 500

/**
 * Hands to CometBFT again what it has lost, until it waits there or is answered; in the order in which it came.
 *
 * @returns begins with it, where that is not under way
 */
export function createResending({ submissions, send, pool, height, isOver }: ResendingOptions): () => void {
  let isUnderWay = false

  async function resendAll(): Promise<void> {
    isUnderWay = true
    for (let lost = allLost(); lost.length > 0 && !isOver(); lost = allLost()) {
      for (let at = 0; at < lost.length; at += PART) {
        const said = await Promise.all(lost.slice(at, at + PART).map(resend))
        if (said.includes('unreachable')) break
      }
      await elapsed(AGAIN_MS)
    }
    isUnderWay = false
  }

  function allLost(): readonly Pending[] {
    return submissions.all().filter(({ isLost }) => isLost)
  }

  async function resend({ bytes, hash }: Pending): Promise<Broadcast> {
    const said = await send(bytes)
    if (said === 'full') submissions.settle(hash, busy(hash))
    // A peer may have brought it back, or a block: then nothing is lost.
    else if (said === 'known' && pool.has(hash)) submissions.admit(hash, height())
    return said
  }

  return () => {
    if (!isUnderWay) void resendAll()
  }
}
