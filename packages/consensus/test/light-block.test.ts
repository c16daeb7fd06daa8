import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { createLightBlockSource, LightBlockRpcError } from '@icn/consensus/light-block'
import { equalBytes, publicKeyFromSeed, sha256 } from '@icn/crypto'
import { publicKeyToText } from '@icn/protocol'
import {
  checkCommit,
  checkForm,
  decodeLightBlock,
  keyAddress,
  type LightBlock,
  lightHeaderHash,
  trustedGenesis,
  trustPath,
} from '@icn/protocol/light'
import { startKvstoreNetwork, withoutCometbft } from '../../testkit/src/kvstore-network.ts'

test('hundreds of blocks of a real CometBFT have its hashes, and one is enough to follow it', {
  skip: withoutCometbft,
}, async () => {
  const network = await startKvstoreNetwork({ validators: 1, commitMs: 0 })
  try {
    await network.reach(300)
    const source = createLightBlockSource({ url: network.nodes[0]?.rpcUrl ?? '' })
    const blocks: LightBlock[] = []
    for (let height = 1; height <= 300; height++)
      blocks.push(decodeLightBlock((await source(height)) ?? new Uint8Array()))
    for (const [index, block] of blocks.entries()) {
      assert.equal(checkForm(block, block.header.chainId), undefined)
      assert.equal(checkCommit(block), undefined)
      const next: LightBlock | undefined = blocks[index + 1]
      assert.ok(next === undefined || equalBytes(next.header.lastBlockId.hash, lightHeaderHash(block.header)))
    }
    const [first] = blocks
    assert.ok(first !== undefined)
    const validators = first.validators.map(({ publicKey, power }) => ({
      name: 'Validator',
      publicKey: publicKeyToText(publicKey),
      power,
    }))
    const { chainId, timeNs } = first.header
    const path = await trustPath(
      source,
      trustedGenesis({ chainId, timeMs: Number(timeNs / 1_000_000n), validators }),
      300,
    )
    assert.ok(path.ok)
    assert.equal(path.blocks.length, 1)
    assert.equal(await source(1_000_000), undefined)
  } finally {
    await network.close()
  }
})

const HASH = 'AB'.repeat(32)
const keys = Array.from({ length: 250 }, (_, index) => publicKeyFromSeed(sha256(new TextEncoder().encode(`${index}`))))
const upper = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex').toUpperCase()
const validators = keys.map((key) => ({
  address: upper(keyAddress(key)),
  pub_key: { type: 'tendermint/PubKeyEd25519', value: Buffer.from(key).toString('base64') },
  voting_power: '7',
  proposer_priority: '-3',
}))
const signature = (address: string) => ({
  block_id_flag: 2,
  validator_address: address,
  timestamp: '2026-11-26T11:50:30.13213687Z',
  signature: Buffer.alloc(64, 1).toString('base64'),
})
const absent = { block_id_flag: 1, validator_address: '', timestamp: '0001-01-01T00:00:00Z', signature: null }
const blockId = { hash: HASH, parts: { total: 1, hash: HASH } }
const commit = {
  signed_header: {
    header: {
      version: { block: '11' },
      chain_id: 'many',
      height: '9007199254740991',
      time: '2026-11-26T11:50:30Z',
      last_block_id: blockId,
      last_commit_hash: HASH,
      data_hash: '',
      validators_hash: HASH,
      next_validators_hash: HASH,
      consensus_hash: HASH,
      app_hash: '',
      last_results_hash: HASH,
      evidence_hash: HASH,
      proposer_address: 'CD'.repeat(20),
    },
    commit: {
      height: '9007199254740991',
      round: 0,
      block_id: blockId,
      signatures: [absent, ...validators.slice(1).map(({ address }) => signature(address))],
    },
  },
  canonical: true,
}

/** Answers as CometBFT's RPC would, or something else. */
async function givenRpc(answer: (path: string, query: URLSearchParams) => string) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://rpc')
    asked.push(request.url ?? '')
    response.end(answer(pathname, searchParams))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const close = () =>
    new Promise((resolve) => {
      server.close(resolve)
      server.closeAllConnections()
    })
  return { source: createLightBlockSource({ url, timeoutMs: 5_000 }), asked, close }
}

const page = (query: URLSearchParams, list: readonly unknown[] = validators, total = list.length) => {
  const at = (Number(query.get('page')) - 1) * 100
  return { block_height: '5', validators: list.slice(at, at + 100), count: '100', total: `${total}` }
}
const answers = (header: object, set: (query: URLSearchParams) => object) => (path: string, query: URLSearchParams) =>
  JSON.stringify({ jsonrpc: '2.0', id: -1, result: path === '/commit' ? header : set(query) })

test('all pages of a large set are read, absent validators and times to the nanosecond too', async () => {
  const rpc = await givenRpc(answers(commit, (query) => page(query)))
  try {
    const block = decodeLightBlock((await rpc.source(5)) ?? new Uint8Array())
    assert.equal(block.validators.length, 250)
    assert.deepEqual(
      block.validators.map(({ publicKey }) => publicKey),
      keys,
    )
    assert.equal(block.header.height, Number.MAX_SAFE_INTEGER)
    const [first, second] = block.commit.signatures
    assert.equal(first?.flag, 'absent')
    assert.equal(second?.timeNs, BigInt(Date.parse('2026-11-26T11:50:30Z')) * 1_000_000n + 132_136_870n)
    assert.deepEqual(
      rpc.asked.sort().map((path) => path.replace(/^.*&page=(\d).*$/, '$1')),
      ['/commit?height=5', '1', '2', '3'],
    )
  } finally {
    await rpc.close()
  }
})

test('a height that is not there is no failure', async () => {
  for (const answer of [
    '{"error":{"code":-32603,"message":"height 9 must be less than or equal to 5"}}',
    '{"result":null}',
  ]) {
    const rpc = await givenRpc(() => answer)
    assert.equal(await rpc.source(9), undefined)
    await rpc.close()
  }
})

const header = commit.signed_header.header
const withHeader = (change: object) =>
  answers({ signed_header: { ...commit.signed_header, header: { ...header, ...change } } }, (query) => page(query))
for (const [name, answer] of [
  ['no JSON', () => 'Bad gateway'],
  ['a list', () => '[]'],
  ['a result of another kind', () => '{"result":[]}'],
  ['no header', answers({}, (query) => page(query))],
  ['a height that is no number', withHeader({ height: 'x' })],
  ['a height of 17 digits', withHeader({ height: '10000000000000000' })],
  ['a time without zone', withHeader({ time: '2026-11-26T11:50:30' })],
  ['a hash that is no hexadecimal', withHeader({ data_hash: 'XY' })],
  [
    'validators without a key of Ed25519',
    answers(commit, (query) =>
      page(query, [{ ...validators[0], pub_key: { type: 'tendermint/PubKeySecp256k1', value: '' } }]),
    ),
  ],
  ['validators without end', answers(commit, () => page(new URLSearchParams('page=1'), validators, 1e9))],
  ['more than 4 MiB', () => JSON.stringify('x'.repeat(4 * 1024 * 1024))],
] as const) {
  test(`an answer that CometBFT does not give is an error by name: ${name}`, async () => {
    const rpc = await givenRpc(answer)
    try {
      await assert.rejects(rpc.source(5), LightBlockRpcError)
    } finally {
      await rpc.close()
    }
  })
}

test('nobody there is an error by name', async () => {
  const rpc = await givenRpc(() => '')
  await rpc.close()
  await assert.rejects(rpc.source(5), (error: LightBlockRpcError) => error.code === 'LIGHT_BLOCK_RPC')
})
