import { fromHex } from '@icn/crypto'
import { Type } from 'typebox'
import { ChainId, DidText, object } from './bodies/shared.ts'
import type { Continuation } from './continuation.ts'
import type { Genesis } from './genesis.ts'

/**
 * The network of whose state another one is made, where too many of its validators' keys are lost. Whoever has that state
 * can check it against this; everybody else trusts the operators who name it, as they trust the rest of a genesis.
 */
export interface GenesisOrigin {
  readonly chainId: string
  /** Hex. */
  readonly genesisHash: string
  /** Of its last block: the new network's first one comes after it. */
  readonly height: number
  /** Hash of the header of that block, hex: the one that its validators signed. */
  readonly blockHash: string
  /** Root of the state after that block, hex. */
  readonly appHash: string
  /** Chain ids of the networks before that one, latest first. */
  readonly earlier: readonly string[]
  /** The organization that decides about validators from the first block on; `null`: nobody does. */
  readonly federation: string | null
}

const MOST_EARLIER = 100

const Hash = Type.String({ pattern: '^[0-9a-f]{64}$', description: '64 hexadecimal digits, lower case' })

export const originSchema = object({
  chainId: ChainId,
  genesisHash: Hash,
  height: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER - 1 }),
  blockHash: Hash,
  appHash: Hash,
  earlier: Type.Array(ChainId, { maxItems: MOST_EARLIER }),
  federation: Type.Union([DidText, Type.Null()]),
})

/** What is wrong with what a genesis says of its origin, beside its form; `undefined`: nothing. */
export function faultOfOrigin({ chainId, origin, federation }: Genesis): string | undefined {
  if (origin === undefined) return undefined
  if (federation !== undefined) return 'at /federation: expected nothing, since /origin/federation says who decides'
  const all = [chainId, origin.chainId, ...origin.earlier]
  // A transaction that is signed for one network must not count on another.
  return new Set(all).size < all.length ? 'at /origin: expected each network once, and none of them again' : undefined
}

/** Chain ids for which the transactions of a network's history are signed: its own, then those it comes from. */
export function chainIdsOf({ chainId, origin }: Pick<Genesis, 'chainId' | 'origin'>): readonly string[] {
  return origin === undefined ? [chainId] : [chainId, origin.chainId, ...origin.earlier]
}

/** The state with which CometBFT begins, and the time of its first block at least. */
export interface Beginning {
  /** 0: with nothing. */
  readonly height: number
  readonly timeMs: number
  /** 32 bytes; empty at height 0. */
  readonly appHash: Uint8Array
}

/** @param continues - the last block of a node that was alone, where the network goes on from one */
export function beginningOf(genesis: Genesis, continues?: Continuation): Beginning {
  const { origin, timeMs } = genesis
  if (continues !== undefined) return continues
  if (origin !== undefined) return { height: origin.height, timeMs, appHash: fromHex(origin.appHash) }
  return { height: 0, timeMs, appHash: new Uint8Array(0) }
}
