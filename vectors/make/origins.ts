import { publicKeyFromSeed, toHex } from '@icn/crypto'
import {
  beginningOf,
  chainIdsOf,
  didFromPublicKey,
  type Genesis,
  type GenesisOrigin,
  genesisHash,
  MalformedGenesis,
  parseGenesis,
} from '@icn/protocol'
import { seedOf } from './json.ts'

/** Of whose state the network of `origins` is made. */
const ORIGIN: GenesisOrigin = {
  chainId: 'vectors-0',
  genesisHash: toHex(seedOf(31)),
  height: 9_120,
  blockHash: toHex(seedOf(32)),
  appHash: toHex(seedOf(33)),
  earlier: ['vectors-first', 'vectors-00'],
  federation: 'did:icn:vectors-first:o2-0-k3j5x2',
}

/** A genesis like `genesis`, of the state of another network: whose transactions count in its history, where it begins; and what is none. */
export function makeOrigins(genesis: Genesis): unknown {
  const federation = {
    name: 'Federation',
    members: [{ did: didFromPublicKey(publicKeyFromSeed(seedOf(21))), name: 'Ana' }],
  }
  const good: readonly (readonly [name: string, origin: GenesisOrigin])[] = [
    ['the state of a network that was itself made of others', ORIGIN],
    ['nobody decides about validators', { ...ORIGIN, earlier: [], federation: null }],
  ]
  const bad: readonly (readonly [name: string, change: object])[] = [
    ['the chain id of the other network', { origin: { ...ORIGIN, chainId: genesis.chainId } }],
    ['a chain id of an earlier one', { origin: { ...ORIGIN, earlier: [genesis.chainId] } }],
    ['an earlier one twice', { origin: { ...ORIGIN, earlier: ['vectors-00', 'vectors-00'] } }],
    ['a federation beside the origin', { origin: ORIGIN, federation }],
    ['the height 0', { origin: { ...ORIGIN, height: 0 } }],
    ['a root in upper case', { origin: { ...ORIGIN, appHash: 'A'.repeat(64) } }],
    ['a field too many', { origin: { ...ORIGIN, timeMs: 1 } }],
  ]
  return {
    accepted: good.map(([name, origin]) => accepted(name, { ...genesis, origin })),
    refused: bad.map(([name, change]) => refused(name, { ...genesis, ...change })),
  }
}

function accepted(name: string, document: Genesis): unknown {
  const { height, appHash } = beginningOf(parseGenesis(document))
  const first = { height: height + 1, appHash: toHex(appHash) }
  return { name, document, hash: toHex(genesisHash(document)), chainIds: chainIdsOf(document), first }
}

function refused(name: string, document: Genesis): unknown {
  try {
    parseGenesis(document)
  } catch (error) {
    if (error instanceof MalformedGenesis) return { name, document }
    throw error
  }
  throw new Error(`${name} is not refused`)
}
