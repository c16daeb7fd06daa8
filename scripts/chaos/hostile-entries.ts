import { type Body, signTransaction } from '@icn/protocol'
import type { Random } from '@icn/testkit'
import { newPerson, type Person } from '../../apps/node/test/cooperative.ts'

/** Entries of CometBFT's pool that a peer sends together. */
export interface EntryGroup {
  readonly name: string
  readonly entries: readonly Uint8Array[]
}

/** So many entries of a kind, or as many as make sense. */
const MANY = 500
/** Made once and put into many parcels: signing takes longer than sending. */
const BADLY_SIGNED = 200
/** Of a parcel, at most (docs/cometbft.md). */
const PARCEL_BYTES = 64 * 1024

/**
 * What a peer may hand in that no node of ours would: parcels of no form, of no good transaction, and of the same good ones
 * again and again.
 *
 * @param good - a stranger's transactions in the order of their sequence, each of which the rules accept
 */
export function hostileEntries(random: Random, chainId: string, good: readonly Uint8Array[]): EntryGroup[] {
  const bad = Array.from({ length: BADLY_SIGNED }, () => foundingOf(newPerson(), chainId, newPerson().seed))
  const junk = () => bytesOf(random, 1 + random.below(300))
  const some = (from: readonly Uint8Array[], count: number) => Array.from({ length: count }, () => random.pick(from))
  const many = (make: () => Uint8Array) => Array.from({ length: MANY }, make)
  const full = () => parcel(some(bad, Math.floor(PARCEL_BYTES / ((bad[0]?.length ?? 0) + 3))))
  const one = good[0] ?? new Uint8Array(1)
  return [
    {
      name: 'a zero byte and junk',
      entries: many(() => Buffer.concat([Uint8Array.of(0), bytesOf(random, random.below(1_500))])),
    },
    { name: 'parcels of junk', entries: many(() => parcel([junk(), junk(), junk()])) },
    { name: 'parcels in parcels', entries: many(() => parcel([parcel([junk(), junk()]), parcel([one, one])])) },
    { name: 'parcels of badly signed transactions', entries: many(() => parcel(some(bad, 7))) },
    { name: 'full parcels of badly signed transactions', entries: [full(), full(), full(), full()] },
    { name: 'parcels of no form', entries: malformed(random, one) },
    { name: 'good transactions', entries: [parcel(good), ...good] },
    { name: 'the same good transactions, grouped otherwise', entries: many(() => regrouped(random, good, junk())) },
  ]
}

/** A stranger founds so many cooperatives. */
export function goodTransactions(chainId: string, count: number): Uint8Array[] {
  const stranger = newPerson()
  return Array.from({ length: count }, () => {
    const bytes = foundingOf(stranger, chainId, stranger.seed)
    stranger.sequence++
    return bytes
  })
}

function foundingOf({ did: signer, keyId, sequence }: Person, chainId: string, seed: Uint8Array): Uint8Array {
  const founding: Body = {
    kind: 'org.found',
    name: `Stranger's ${sequence}`,
    orgKind: 'cooperative',
    founderName: 'Nobody',
    charter: {},
  }
  return signTransaction({ chainId, signer, keyId, sequence, expiryHeight: 90_000, body: founding }, seed)
}

/** Good ones in any order, some more than once, with or without what is no transaction. */
function regrouped(random: Random, good: readonly Uint8Array[], junk: Uint8Array): Uint8Array {
  const chosen = random.shuffle([...good, ...good]).slice(0, 2 + random.below(good.length))
  return parcel(random.chance(0.5) ? random.shuffle([...chosen, junk]) : chosen)
}

function malformed(random: Random, one: Uint8Array): Uint8Array[] {
  const two = parcel([one, one])
  return [
    Uint8Array.of(0),
    Uint8Array.of(0, 0),
    Uint8Array.of(0, 0, 0),
    parcel([one]),
    parcel([one, new Uint8Array(0)]),
    two.subarray(0, two.length - 1),
    Buffer.concat([two, Uint8Array.of(1)]),
    // Lengths that are not the shortest, that are not there, that nobody could keep.
    Buffer.concat([Uint8Array.of(0, 0x81, 0), one.subarray(0, 1), Uint8Array.of(0x81, 0), one.subarray(0, 1)]),
    Buffer.concat([Uint8Array.of(0), new Uint8Array(5).fill(0xff), one]),
    Buffer.concat([Uint8Array.of(0), new Uint8Array(64).fill(0xff)]),
    parcel(Array.from({ length: 501 }, () => Uint8Array.of(1))),
    parcel([bytesOf(random, PARCEL_BYTES), one]),
    parcel(Array.from({ length: 100_000 }, () => Uint8Array.of(1))),
  ]
}

/** As docs/cometbft.md says, and by itself: nothing here looks whether it may be one. */
function parcel(transactions: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([Uint8Array.of(0), ...transactions.flatMap((bytes) => [varint(bytes.length), bytes])])
}

function varint(number: number): Uint8Array {
  const bytes: number[] = []
  for (let rest = number; ; rest >>>= 7) {
    if (rest < 128) return Uint8Array.from([...bytes, rest])
    bytes.push((rest & 127) | 128)
  }
}

function bytesOf(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random.below(256))
}
