import { publicKeyFromSeed, sha256, toHex } from '@icn/crypto'
import {
  type BlockHeader,
  decodeSignedHeader,
  defaultParams,
  encodeHeader,
  type Genesis,
  genesisHash,
  headerHash,
  publicKeyToText,
  resultsHash,
  signedPower,
  signHeader,
  transactionsRoot,
} from '@icn/protocol'
import { CHAIN } from './bodies.ts'
import { ascii, seedOf, withHex } from './json.ts'
import { makeOrigins } from './origins.ts'

export const VALIDATOR_SEEDS = [21, 22, 23, 24].map(seedOf)
export const GENESIS: Genesis = {
  chainId: CHAIN,
  name: 'A network of vectors',
  timeMs: 1_700_000_000_000,
  validators: VALIDATOR_SEEDS.map((seed, i) => ({
    name: `Cooperative ${i + 1}`,
    publicKey: publicKeyToText(publicKeyFromSeed(seed)),
    power: 10,
  })),
  params: defaultParams,
}

export function headerOf(roots: Pick<BlockHeader, 'appHash' | 'moduleRoots'>, height = 1): BlockHeader {
  return {
    chainId: CHAIN,
    height,
    timeMs: 1_700_000_001_000,
    previousHash: genesisHash(GENESIS),
    ...roots,
    transactionsRoot: transactionsRoot([]),
    resultsHash: resultsHash([]),
    proposer: GENESIS.validators[0]?.publicKey ?? '',
  }
}

const HASHES = [0, 1, 2].map((i) => sha256(ascii(`transaction ${i}`)))
const RESULTS = [
  { code: 0, result: { organization: 'o1-0-aaaaaa' } },
  { code: 0, result: {} },
  { code: 0, result: { proposal: 'p1-2-bbbbbb', position: 3 } },
]

export function makeBlocks(): unknown {
  const moduleRoots = { identity: seedOf(1), membership: seedOf(2), governance: seedOf(3) }
  const header = {
    ...headerOf({ appHash: seedOf(4), moduleRoots }),
    transactionsRoot: transactionsRoot(HASHES),
    resultsHash: resultsHash(RESULTS),
  }
  const headerBytes = encodeHeader(header)
  return withHex({
    genesis: { document: GENESIS, hash: genesisHash(GENESIS) },
    origins: makeOrigins(GENESIS),
    transactions: [[], HASHES.slice(0, 1), HASHES].map((hashes) => ({ hashes, root: transactionsRoot(hashes) })),
    results: [[], RESULTS].map((results) => ({ results, hash: resultsHash(results) })),
    header: { fields: header, bytes: headerBytes, hash: headerHash(headerBytes) },
    signed: [
      ['all', [0, 1, 2, 3]],
      ['three of four', [3, 1, 0]],
      ['two of four', [0, 1]],
      ['one of four, three times', [2, 2, 2]],
      ['nobody', []],
    ].map(([name, by]) => signedOf(String(name), headerBytes, by as number[])),
  })
}

function signedOf(name: string, headerBytes: Uint8Array, by: readonly number[]): unknown {
  const seeds = by.map((index) => VALIDATOR_SEEDS[index] ?? seedOf(0))
  const bytes = signHeader(headerBytes, seeds)
  const { signed, total } = signedPower(decodeSignedHeader(bytes), GENESIS.validators)
  return { name, bytes: toHex(bytes), signedPower: signed, totalPower: total, isFinal: 3 * signed > 2 * total }
}
