import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { emptyLog, generateSeed, publicKeyFromSeed } from '@icn/crypto'
import { type Ballot, defaultParams, publicKeyToText } from '@icn/protocol'
import { createMachine } from '@icn/state-machine'
import { ballotBoxes, ballotGroups, findProposal, type Proposal, proposals } from '@icn/state-machine/governance'
import { createOverlay, NOTHING_REPORTED } from '@icn/state-machine/kernel'
import { openReader, openSqliteStore, type SqliteStore } from '@icn/state-store'
import { createRandom } from '@icn/testkit'
import { proposalView } from '../src/views/proposals.ts'

/*
 * What a read says of a vote that is large or being counted. So many votes over HTTP would take minutes, so the rows are
 * put where a block would put them.
 */

const OPTIONS = Array.from({ length: 8 }, (_, index) => ({ label: `Option ${index}`, actions: [], costMinor: 0 }))
const validators = [{ name: 'test', publicKey: publicKeyToText(publicKeyFromSeed(generateSeed())), power: 1 }]
const genesis = { chainId: 'icn-test', name: 'Test', timeMs: 1_000, validators, params: defaultParams }
const { modules } = createMachine({ genesis })
const folder = mkdtempSync(join(tmpdir(), 'icn-http-counting-'))
const file = join(folder, 'state.db')
let store: SqliteStore

const VOTE: Proposal = {
  id: '',
  org: 'did:icn:icn-test:bakery',
  author: 'did:key:ana',
  type: 'standard',
  method: 'irv',
  status: 'voting',
  title: 'Oven',
  text: '',
  options: OPTIONS,
  actions: [],
  seats: 1,
  maxScore: 0,
  budgetMinor: 0,
  discussionMs: 0,
  votingMs: 1_000,
  amends: null,
  contentHash: '00'.repeat(32),
  createdHeight: 1,
  createdTimeMs: 1_000,
  sponsorsNeeded: 0,
  sponsors: 0,
  discussionEndMs: null,
  votingStartMs: 1_000,
  votingEndMs: 2_000,
  extended: false,
  outageMs: 0,
  rules: {
    threshold: { num: 1, den: 2 },
    quorum: { num: 0, den: 1 },
    weights: 'equal',
    lateQuorumExtensionMs: 0,
    timeLockMs: 0,
    executionRetryMs: 0,
  },
  roll: { version: 1, root: '', heads: 10_000, height: 1 },
  result: null,
  closedHeight: null,
  executeAtMs: null,
  retryUntilMs: null,
  failure: null,
}

/** As many different rankings as asked for, up to 8 · 7 · 6 · 5 · 4. */
function rankings(count: number): Ballot[] {
  return Array.from({ length: count }, (_, index) => {
    const left = OPTIONS.map((__, option) => option)
    const ranked: number[][] = []
    for (let rest = index, place = 0; place < 5; place++) {
      ranked.push(left.splice(rest % left.length, 1))
      rest = Math.floor(rest / (left.length + 1))
    }
    return ranked
  })
}

before(async () => {
  store = openSqliteStore({ file, modules })
  const overlay = createOverlay(store)
  const put = (id: string, change: Partial<Proposal>, ballots: readonly Ballot[]) => {
    overlay.open(proposals).put({ ...VOTE, ...change, id })
    overlay.open(ballotBoxes).put({ proposal: id, turnoutHeads: ballots.length, log: emptyLog(), totals: null })
    for (const [index, ballot] of ballots.entries())
      overlay.open(ballotGroups).put({ proposal: id, ballotHash: String(index), ballot, count: 1 })
  }
  put('few', {}, rankings(5))
  put('many', {}, rankings(2_000))
  put('too many', {}, rankings(2_001))
  put('counting', { status: 'counting' }, rankings(5))
  const random = createRandom(1)
  const options = Array.from({ length: 100 }, (_, index) => ({
    label: String(index),
    actions: [],
    costMinor: 5_000_000 + random.below(20_000_000),
  }))
  const approvals = Array.from({ length: 2_000 }, () =>
    options.map((_, option) => option).filter(() => random.chance(0.25)),
  )
  put('too long', { method: 'equal-shares', options, budgetMinor: 100_000_000 }, approvals)
  const { appHash } = store.stage(overlay.changes())
  const block = { height: 1, timeMs: 1_000, hash: appHash, header: new Uint8Array(0), appHash }
  await store.commit({ ...block, report: NOTHING_REPORTED, transactions: [], events: [] })
})
after(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

function read(id: string) {
  const reader = openReader(file)
  try {
    return reader.read((sql) => {
      const facts = findProposal(sql, id)
      assert.ok(facts !== undefined)
      return proposalView(sql, facts)
    })
  } finally {
    reader.close()
  }
}

test('while voting a read says what the ballots so far say', () => {
  const { result, status } = read('few')
  assert.deepEqual([status, result?.final], ['voting', false])
  assert.equal(result?.order.flat().length, OPTIONS.length)
  assert.notEqual(read('many').result, null)
})

test('it counts neither very many ballots nor long, since everybody else would wait', () => {
  assert.equal(read('too many').result, null)
  assert.equal(read('too long').result, null)
})

test('while the ballots are counted there is no result, and the status says why', () => {
  const { result, status, closedHeight } = read('counting')
  assert.deepEqual([status, result, closedHeight], ['counting', null, null])
})
