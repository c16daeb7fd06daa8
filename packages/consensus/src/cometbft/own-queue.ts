import { setTimeout as elapsed } from 'node:timers/promises'
import type { Application, Refusal } from '../port.ts'
import { unavailable } from '../refusals.ts'
import type { Broadcast } from './broadcaster.ts'
import { idOf, type Submissions } from './submissions.ts'

/**
 * What a validator that is alone took from its clients. It proposes every block, so nothing of that has to pass through
 * CometBFT's pool, which asks about each transaction when it comes and again after every block. CometBFT is handed one of
 * them, the bell, since it begins no block while its pool is empty.
 */
export interface OwnQueue {
  readonly has: (hash: Uint8Array) => boolean
  readonly count: () => number
  /** In the order in which they came. */
  readonly waiting: () => readonly Uint8Array[]
  /** It passed the check, and waits from the call on. Resolves when the bell has rung; rejects where the application breaks. */
  readonly add: (bytes: Uint8Array, hash: Uint8Array) => Promise<void>
  /**
   * A block is being committed and the admission has forgotten who waits: takes out what the block has, and checks again,
   * before anybody else is checked, what still waits.
   *
   * @param leftOut - what this block refused, with the reason
   */
  readonly turn: (
    height: number,
    decided: readonly Uint8Array[],
    leftOut: ReadonlyMap<string, Refusal>,
  ) => Promise<void>
  /** CometBFT begins anew: what waits has to be handed to it. */
  readonly clear: () => void
}

export interface OwnQueueOptions {
  readonly application: Application
  readonly submissions: Submissions
  /** Hands a transaction to CometBFT. */
  readonly send: (bytes: Uint8Array) => Promise<Broadcast>
  /** Whether this node is still the only validator. */
  readonly isAlone: () => boolean
  /** Others propose too from now on: CometBFT has to be handed what is lost with this queue. */
  readonly onLost: () => void
}

/** How long until CometBFT, which did not answer, is told again that something waits. */
const AGAIN_MS = 100

interface Own {
  readonly bytes: Uint8Array
  readonly hash: Uint8Array
}

export function createOwnQueue(options: OwnQueueOptions): OwnQueue {
  const { application, submissions, send, isAlone, onLost } = options
  let queue = new Map<string, Own>()
  let bell: string | undefined

  async function add(bytes: Uint8Array, hash: Uint8Array): Promise<void> {
    const own = { bytes, hash }
    queue.set(idOf(hash), own)
    if (bell === undefined && (await ring(own)) === 'unreachable') await refuse(own)
  }

  function ring({ bytes, hash }: Own): Promise<Broadcast> {
    bell = idOf(hash)
    return send(bytes)
  }

  /**
   * Nobody is there to make a block of it. Those who came before may be in a block that CometBFT was making when it ended:
   * they wait until it starts anew.
   */
  async function refuse({ hash }: Own): Promise<void> {
    if (bell === idOf(hash)) bell = undefined
    if (!queue.delete(idOf(hash))) return
    application.forgetWaiting()
    submissions.settle(hash, unavailable(hash))
    // In the same moment, before anybody else is checked: what they had reserved is theirs again.
    await Promise.all([...queue.values()].map(({ bytes }) => application.checkTx(bytes, 'recheck')))
  }

  async function turn(height: number, decided: readonly Uint8Array[], leftOut: ReadonlyMap<string, Refusal>) {
    for (const hash of decided) queue.delete(idOf(hash))
    if (!isAlone()) leave()
    const checks = [...queue].map(async ([id, { bytes }]) => leftOut.get(id) ?? application.checkTx(bytes, 'recheck'))
    for (const check of await Promise.all(checks)) {
      // Meanwhile CometBFT may have begun anew, and what waited here goes its way.
      if (!queue.has(idOf(check.hash))) continue
      if (check.ok) submissions.admit(check.hash, height)
      else {
        queue.delete(idOf(check.hash))
        submissions.settle(check.hash, check)
      }
    }
    if (bell !== undefined && !queue.has(bell)) bell = undefined
    const [first] = queue.values()
    if (bell === undefined && first !== undefined) void ringUntilHeard(first)
  }

  /** Whoever waits here already is not refused because CometBFT was away for a moment. */
  async function ringUntilHeard(own: Own): Promise<void> {
    while ((await ring(own)) === 'unreachable') {
      await elapsed(AGAIN_MS, undefined, { ref: false })
      if (bell !== idOf(own.hash) || submissions.find(own.hash) === undefined) return
    }
  }

  function leave(): void {
    const all = drop()
    if (all.length === 0) return
    for (const { hash } of all) submissions.lose(hash)
    onLost()
  }

  function drop(): readonly Own[] {
    const all = [...queue.values()]
    queue = new Map()
    bell = undefined
    return all
  }

  return {
    has: (hash) => queue.has(idOf(hash)),
    count: () => queue.size,
    waiting: () => [...queue.values()].map(({ bytes }) => bytes),
    add,
    turn,
    clear: () => void drop(),
  }
}
