import { setTimeout as elapsed, setImmediate } from 'node:timers/promises'
import type { Broadcast } from './broadcaster.ts'
import { pack, partition } from './parcels.ts'
import type { Waiting, WaitingTransaction } from './waiting.ts'

export interface OutboxOptions {
  readonly waiting: Waiting
  /** Hands an entry to CometBFT. */
  readonly send: (entry: Uint8Array) => Promise<Broadcast>
  /** Whether somebody waits here for what comes of it. */
  readonly isAwaited: (hash: Uint8Array) => boolean
  /** Whether this node is the only validator now, which proposes every block. */
  readonly isAlone: () => boolean
  /** Whether nothing is to be handed over any more. */
  readonly isOver: () => boolean
  /** CometBFT has no place for these, or is not there. */
  readonly onRefused: (refused: readonly WaitingTransaction[], why: 'full' | 'unreachable') => void
  /** The application broke. */
  readonly onFailure: (error: unknown) => void
}

/** How long until CometBFT, which did not answer, is asked again. */
const AGAIN_MS = 100

/**
 * Hands to CometBFT what clients of this node wait for, so that others propose it too: what came while the last was under
 * way travels together. A validator that is alone proposes everything itself, and hands over one, the bell, since CometBFT
 * begins no block while its pool is empty.
 *
 * @returns looks for what has to be handed over, where that is not under way
 */
export function createOutbox(options: OutboxOptions): () => void {
  const { waiting, send, isAwaited, isAlone, isOver, onRefused, onFailure } = options
  let isUnderWay = false
  let bell: Uint8Array | undefined

  async function handOver(): Promise<void> {
    // What comes in the same moment travels together. PERF: what makes a block begin waits for nobody.
    if (!isAlone()) await setImmediate()
    for (let due = whatIsDue(); due.length > 0 && !isOver(); due = whatIsDue()) {
      const said = await Promise.all(partition(due).map(hand))
      if (said.includes('unreachable')) await elapsed(AGAIN_MS, undefined, { ref: false })
    }
    isUnderWay = false
  }

  /** PERF: a validator that is alone looks at one, however many wait. */
  function whatIsDue(): readonly WaitingTransaction[] {
    if (isAlone() && bell !== undefined && isOut(waiting.find(bell))) return []
    const due = waiting.all().filter((transaction) => !isOut(transaction) && isAwaited(transaction.hash))
    if (!isAlone()) return due
    bell = due[0]?.hash
    return due.slice(0, 1)
  }

  async function hand(part: readonly WaitingTransaction[]): Promise<Broadcast> {
    for (const { hash } of part) waiting.send(hash, true)
    const [first] = part
    const said = await send(
      part.length === 1 && first !== undefined ? first.bytes : pack(part.map(({ bytes }) => bytes)),
    )
    // Where CometBFT knows it already, a peer brought it, and it will ask about it.
    if (said === 'taken' || said === 'known') return said
    for (const { hash } of part) waiting.send(hash, false)
    // Where one stands for all that wait, it does so here too.
    const left = (isAlone() ? waiting.all() : part).filter(({ entry }) => entry === undefined)
    // Whoever waited here already is not refused because CometBFT was away for a moment.
    const refused = said === 'full' ? left : left.filter(({ isOld }) => !isOld)
    if (refused.length > 0) onRefused(refused, said)
    return said
  }

  return () => {
    if (isUnderWay) return
    isUnderWay = true
    void handOver().catch(onFailure)
  }
}

function isOut(transaction: WaitingTransaction | undefined): boolean {
  return transaction !== undefined && (transaction.isSent || transaction.entry !== undefined)
}
