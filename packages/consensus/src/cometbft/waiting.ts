import { idOf } from './submissions.ts'

/** A transaction that passed the check and is in no block yet. */
export interface WaitingTransaction {
  readonly bytes: Uint8Array
  readonly hash: Uint8Array
  /** When it passed the check, milliseconds of `performance.now()`. */
  readonly cameMs: number
  /** The entry of CometBFT's pool that carries it to other nodes, if any: the first in which it came. */
  readonly entry: string | undefined
  /** Whether it is on its way to CometBFT, or CometBFT took it and has not asked about it yet. */
  readonly isSent: boolean
  /** Whether it was here when the last block was committed. */
  readonly isOld: boolean
}

/**
 * What waits for a block as far as this node knows, in the order in which it passed the check, whoever brought it.
 * CometBFT's pool carries it to other nodes: CometBFT asks about an entry when it comes, and again after each commit. What
 * it did not ask about between two commits it has dropped.
 */
export interface Waiting {
  readonly count: () => number
  /** Bytes of them all. */
  readonly bytes: () => number
  readonly first: () => WaitingTransaction | undefined
  readonly find: (hash: Uint8Array) => WaitingTransaction | undefined
  readonly all: () => readonly WaitingTransaction[]
  readonly add: (transaction: { readonly bytes: Uint8Array; readonly hash: Uint8Array }) => void
  /** It is in a block. */
  readonly remove: (hash: Uint8Array) => void
  /** It is refused, or given up: the same bytes may come again, in the same entry too. */
  readonly withdraw: (hash: Uint8Array) => void
  /** It goes to CometBFT, or did not come there. */
  readonly send: (hash: Uint8Array, isSent: boolean) => void
  /** An entry that CometBFT asks about has it. Answers whether this is what carries it. */
  readonly carry: (hash: Uint8Array, entry: string) => boolean
  /** CometBFT asks again about an entry of its pool. Answers whether anything that it carries still waits. */
  readonly asked: (entry: string) => boolean
  /** Whether everything that an entry carried has left lately, the last of it into a block. */
  readonly isEmptied: (entry: string) => boolean
  /** A block was committed, and what it has is removed. Answers what CometBFT has dropped. */
  readonly turn: () => readonly WaitingTransaction[]
  /** CometBFT begins anew, with an empty pool. */
  readonly dropAll: () => void
}

interface Item extends WaitingTransaction {
  entry: string | undefined
  isSent: boolean
  isOld: boolean
  sentIn: number
}

interface Entry {
  /** How many of those that it carries wait. */
  count: number
  /** The turn in which CometBFT asked about it last. */
  askedIn: number
}

/** CometBFT asks about what it took before the next block, unless it has lost it. */
const UNASKED_TURNS = 3
/** For so many blocks peers may still hand on what is in a block already. */
const EMPTIED_TURNS = 20

export function createWaiting(): Waiting {
  const items = new Map<string, Item>()
  const entries = new Map<string, Entry>()
  let turns = 0
  let bytesOfAll = 0

  function remove(hash: Uint8Array): void {
    const id = idOf(hash)
    const item = items.get(id)
    if (item === undefined) return
    const entry = item.entry === undefined ? undefined : entries.get(item.entry)
    if (entry !== undefined) entry.count--
    items.delete(id)
    bytesOfAll -= item.bytes.length
  }

  function withdraw(hash: Uint8Array): void {
    const name = items.get(idOf(hash))?.entry
    remove(hash)
    if (name !== undefined && entries.get(name)?.count === 0) entries.delete(name)
  }

  function send(hash: Uint8Array, isSent: boolean): void {
    const item = items.get(idOf(hash))
    if (item !== undefined) Object.assign(item, { isSent, sentIn: turns })
  }

  function carry(hash: Uint8Array, name: string): boolean {
    const item = items.get(idOf(hash))
    if (item === undefined || item.entry !== undefined) return false
    const entry = entries.get(name)
    entries.set(name, { count: (entry?.count ?? 0) + 1, askedIn: turns })
    Object.assign(item, { entry: name, isSent: false })
    return true
  }

  function asked(name: string): boolean {
    const entry = entries.get(name)
    if (entry === undefined) return false
    entry.askedIn = turns
    return entry.count > 0
  }

  function turn(): readonly WaitingTransaction[] {
    const dropped = [...items.values()].filter(isDropped)
    for (const item of dropped) drop(item)
    for (const item of items.values()) item.isOld = true
    for (const [name, { count, askedIn }] of entries) {
      if (count > 0 ? askedIn < turns : askedIn < turns - EMPTIED_TURNS) entries.delete(name)
    }
    turns++
    return dropped
  }

  function isDropped({ entry, isSent, sentIn }: Item): boolean {
    if (entry === undefined) return isSent && sentIn < turns - UNASKED_TURNS
    return (entries.get(entry)?.askedIn ?? 0) < turns
  }

  function dropAll(): void {
    for (const item of items.values()) drop(item)
    entries.clear()
  }

  return {
    count: () => items.size,
    bytes: () => bytesOfAll,
    first: () => items.values().next().value,
    find: (hash) => items.get(idOf(hash)),
    all: () => [...items.values()],
    add: ({ bytes, hash }) => {
      const place = { cameMs: performance.now(), entry: undefined, isSent: false, isOld: false, sentIn: 0 }
      items.set(idOf(hash), { bytes, hash, ...place })
      bytesOfAll += bytes.length
    },
    remove,
    withdraw,
    send,
    carry,
    asked,
    isEmptied: (name) => entries.get(name)?.count === 0,
    turn,
    dropAll,
  }
}

function drop(item: Item): void {
  Object.assign(item, { entry: undefined, isSent: false, isOld: true })
}
