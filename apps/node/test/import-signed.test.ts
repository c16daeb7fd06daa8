import assert from 'node:assert/strict'
import { test } from 'node:test'
import { publicKeyFromSeed } from '@icn/crypto'
import { defaultParams, encodeHeader, type Genesis, headerHash, publicKeyToText, signHeader } from '@icn/protocol'
import { checkSigned } from '../src/import-archive.ts'
import { TransferError } from '../src/transfer-error.ts'

const fill = (byte: number) => new Uint8Array(32).fill(byte)
const publicKey = publicKeyToText(publicKeyFromSeed(fill(1)))
const GENESIS: Genesis = {
  chainId: 'icn-alone',
  name: 'Alone',
  timeMs: 1_700_000_000_000,
  validators: [{ name: 'this node', publicKey, power: 1 }],
  params: defaultParams,
}
const OWN = { height: 20, timeMs: 1_700_000_100_000, appHash: fill(4) }
const HEADER = encodeHeader({
  ...{ ...OWN, chainId: GENESIS.chainId, previousHash: fill(3), transactionsRoot: fill(5), resultsHash: fill(6) },
  ...{ moduleRoots: { identity: fill(7) }, proposer: publicKey },
})
const MANIFEST = { ...OWN, header: signHeader(HEADER, [fill(1)]), hash: headerHash(HEADER) } as Parameters<
  typeof checkSigned
>[0]

test('the header of a node alone vouches for its state', () => {
  assert.doesNotThrow(() => checkSigned(MANIFEST, GENESIS))
})

for (const [name, manifest, genesis, said] of [
  ['no header', { header: new Uint8Array() }, {}, /no signed header/],
  [
    'of a network, one that its sole validator signed alone',
    {},
    { params: { ...defaultParams, maxValidators: 100 } },
    /a header that a node signed alone proves nothing of a network/,
  ],
  ['signed by a stranger', { header: signHeader(HEADER, [fill(2)]) }, {}, /not signed by the validators/],
  ['of another state', { appHash: fill(9) }, {}, /or of another block/],
  ['no header at all', { header: fill(9) }, {}, /its header is none/],
] as const) {
  test(`an archive is not believed: ${name}`, () => {
    assert.throws(
      () => checkSigned({ ...MANIFEST, ...manifest }, { ...GENESIS, ...genesis }),
      (error: Error) => error instanceof TransferError && error.code === 'NOT_PROVED' && said.test(error.message),
    )
  })
}
