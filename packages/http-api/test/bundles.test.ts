import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Consensus } from '@icn/consensus'
import { type CommittedBundle, decodeBundle, defaultParams, type Genesis } from '@icn/protocol'
import { decodeLightBlock, encodeLightBlock, trustedGenesis, verifyChain } from '@icn/protocol/light'
import {
  type BlockPlan,
  genesisOf,
  signBlock,
  type TestValidator,
  validatorOf,
} from '../../protocol/test/light/signer.ts'
import { RequestProblem } from '../src/problem.ts'
import { createProver, type ProvingConsensus } from '../src/proving-blocks.ts'
import { CHAIN, newPerson, plainProposal, startApi, type TestApi } from './harness.ts'

const ana = newPerson()
let api: TestApi
let proposal = ''
let isForged = false

/** Solo blocks with commits as a network of CometBFT has them: a header names the app hash of the block before. */
function withCommits(solo: Consensus, seed: Uint8Array): Consensus {
  const appHashes = new Map<number, Uint8Array>()
  solo.onCommit(({ height, appHash }) => appHashes.set(height, appHash))
  const lightBlock = async (height: number) => {
    const appHash = appHashes.get(height - 1)
    if (appHash === undefined && height > 1) return undefined
    const validators = isForged ? [validatorOf(7)] : [{ seed, power: 1 }]
    const plan = { height, validators, ...(appHash === undefined ? {} : { appHash }) }
    return encodeLightBlock(signBlock(plan, CHAIN))
  }
  return { ...solo, lightBlock }
}

before(async () => {
  api = await startApi(defaultParams.strangerAllowance, {}, withCommits)
  const founding = { kind: 'org.found', orgKind: 'cooperative', founderName: 'Ana', name: 'Shop', charter: {} } as const
  const org = String((await api.act(ana, founding)).org)
  proposal = String((await api.act(ana, { ...plainProposal(org), votingMs: 1_000 } as never)).proposal)
  await api.act(ana, { kind: 'vote.cast', proposal, ballot: 'yes', reason: '' })
  const control = new AbortController()
  const path = `/v1/events?lastEventId=0-0&topic=proposal.closed&subject=${proposal}`
  const { body } = await fetch(api.url + path, { signal: control.signal })
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>)
    if (new TextDecoder().decode(chunk).includes('data: ')) break
  control.abort()
})
after(() => api.close())

test('a node of a network exports a bundle with the commit that proves the state', async () => {
  const answer = await fetch(`${api.url}/v1/proposals/${proposal}/bundle`)
  assert.equal(answer.status, 200)
  const bundle = decodeBundle(new Uint8Array(await answer.arrayBuffer())) as CommittedBundle
  assert.equal(bundle.format, 'icn-audit-bundle/2')
  assert.equal(bundle.lightBlocks.length, 1)
  const [block] = bundle.lightBlocks.map(decodeLightBlock)
  assert.equal(block?.header.height, Number(answer.headers.get('icn-height')) + 1)
})

test('the way from the genesis is shown by its heights', async () => {
  const { status, json } = await api.get('/v1/network/trust-path')
  const { height } = (await api.get('/v1/network')).json
  assert.equal(status, 200)
  assert.equal(json.heights.length, 1)
  assert.ok(json.heights[0] > 0 && json.heights[0] < height)
})

test('what the validators of the genesis did not sign is not exported', async () => {
  isForged = true
  const { status, json } = await api.get(`/v1/proposals/${proposal}/bundle`)
  isForged = false
  assert.deepEqual([status, json.name], [503, 'NO_TRUST_PATH'])
})

const THREE = [1, 2, 3].map((fill) => validatorOf(fill))
const OTHERS = [4, 5, 6].map((fill) => validatorOf(fill))
const hash = (fill: number) => new Uint8Array(32).fill(fill)
const genesisFor = (validators: readonly TestValidator[]) =>
  ({ ...genesisOf(validators), name: 'Test', params: defaultParams }) satisfies Genesis

/** Heights from `first` to `last`, with app hash 32 · h at height h + 1. */
function givenChain(last: number, options: { first?: number; change?: number } = {}) {
  const { first = 1, change = Number.POSITIVE_INFINITY } = options
  const listeners = new Set<() => void>()
  let height = last
  const setAt = (at: number) => (at < change ? THREE : OTHERS)
  const planOf = (at: number): BlockPlan => ({
    height: at,
    validators: setAt(at),
    next: setAt(at + 1),
    appHash: hash(at - 1),
  })
  const consensus: ProvingConsensus = {
    lightBlock: async (at) => (at < first || at > height ? undefined : encodeLightBlock(signBlock(planOf(at)))),
    onCommit: (listener) => {
      const call = () => listener({} as never)
      listeners.add(call)
      return () => listeners.delete(call)
    },
    status: () => ({ height }) as never,
  }
  const grow = () => {
    height++
    for (const listener of listeners) listener()
  }
  return { consensus, grow, listeners }
}

const heights = (blocks: readonly Uint8Array[]) => blocks.map((bytes) => decodeLightBlock(bytes).header.height)

test('the next block proves a state, or the block itself where it changed nothing', async () => {
  const { consensus } = givenChain(10)
  const prover = createProver(consensus, trustedGenesis(genesisFor(THREE)))
  assert.deepEqual(heights(await prover.blocksTo({ height: 9, appHash: hash(9) })), [10])
  assert.deepEqual(heights(await prover.blocksTo({ height: 9, appHash: hash(8) })), [9])
})

test('waits for the next block until it comes, and listens no longer', async () => {
  const { consensus, grow, listeners } = givenChain(9)
  const blocks = createProver(consensus, trustedGenesis(genesisFor(THREE)), { waitMs: 60_000 }).blocksTo({
    height: 9,
    appHash: hash(9),
  })
  while (listeners.size === 0) await new Promise(setImmediate)
  grow()
  assert.deepEqual(heights(await blocks), [10])
  assert.equal(listeners.size, 0)
})

test('the second search begins where the first one ended, and leads from the genesis all the same', async () => {
  const { consensus } = givenChain(1_000, { change: 300 })
  const asked: number[] = []
  const lightBlock = (height: number) => {
    asked.push(height)
    return consensus.lightBlock(height)
  }
  const prover = createProver({ ...consensus, lightBlock }, trustedGenesis(genesisFor(THREE)))
  const stateAt = (height: number) => ({ height, appHash: hash(height) })
  assert.deepEqual(heights(await prover.blocksTo(stateAt(600))), [299, 300, 601])
  assert.ok(asked.length > 5)
  asked.length = 0
  assert.deepEqual(heights(await prover.blocksTo(stateAt(998))), [299, 300, 999])
  assert.deepEqual(asked, [998, 999, 999])
  assert.deepEqual(heights(await prover.blocksTo(stateAt(200))), [201])
})

test('a node that has forgotten the blocks on the way leads by those that are kept, and says which they are', async () => {
  const genesis = trustedGenesis(genesisFor(THREE))
  const whole = createProver(givenChain(1_000, { change: 300 }).consensus, genesis)
  const keptPath = (await whole.blocksTo({ height: 599, appHash: hash(599) })).map(decodeLightBlock)
  const { consensus } = givenChain(1_000, { change: 300, first: 600 })
  const at998 = { height: 998, appHash: hash(998) }
  assert.equal(await problemOf(createProver(consensus, genesis).blocksTo(at998)), '503 NO_TRUST_PATH')
  assert.equal(await problemOf(createProver(consensus, genesis).pivots()), '503 NO_TRUST_PATH')
  const prover = createProver(consensus, genesis, { keptPath: () => keptPath })
  const blocks = await prover.blocksTo(at998)
  assert.deepEqual(heights(blocks), [299, 300, 999])
  assert.ok(verifyChain(genesisFor(THREE), blocks.map(decodeLightBlock)).ok)
  assert.deepEqual(await prover.pivots(), [299, 300, 999])
})

test('before its second block a network has no way to lead', async () => {
  const prover = createProver(givenChain(1).consensus, trustedGenesis(genesisFor(THREE)))
  assert.deepEqual(await prover.pivots(), [])
})

const problemOf = (work: Promise<unknown>) =>
  work.then(
    () => 'none',
    (error) => (error instanceof RequestProblem ? `${error.problem.status} ${error.problem.name}` : String(error)),
  )

test('a problem says that no block comes, or that this node cannot lead there', async () => {
  const at9 = { height: 9, appHash: hash(9) }
  for (const [chain, genesis, at, expected] of [
    [givenChain(9), THREE, at9, '503 NOT_PROVEN_YET'],
    [givenChain(10, { change: 5 }), THREE, at9, 'none'],
    [givenChain(10, { change: 5, first: 5 }), THREE, at9, '503 NO_TRUST_PATH'],
    [givenChain(10), OTHERS, at9, '503 NO_TRUST_PATH'],
    [givenChain(10), THREE, { height: 9, appHash: hash(7) }, '503 NO_TRUST_PATH'],
  ] as const)
    assert.equal(
      await problemOf(createProver(chain.consensus, trustedGenesis(genesisFor(genesis)), { waitMs: 50 }).blocksTo(at)),
      expected,
    )
})
