import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { COMETBFT_VERSION } from '@icn/consensus/cometbft'
import { historyId } from '@icn/state-machine/kernel'
import { createChecker } from './chaos/checker.ts'
import { faults } from './chaos/faults/index.ts'
import { setUpHostilePeer } from './chaos/hostile-peer.ts'
import { chaosRounds } from './chaos/rounds.ts'
import { setUpCometBft } from './setup-cometbft.ts'

const setup = setUpCometBft({ quiet: true })
const skip = setup.ok ? false : setup.reason
const peer = setup.ok ? setUpHostilePeer() : setup
/** Those that no other test has; `npm run chaos` has all. */
const SHORT = [
  'kill-both',
  'cut-halves',
  'disk-full',
  'hostile-peer',
  'commit-steps',
  'state-altered',
  'two-with-one-key',
]

test('a network that is harmed under load loses no acknowledged vote, counts none twice, and agrees on every root', {
  skip,
}, async (t) => {
  const seed = Date.now() % 1_000_000
  const chosen = faults.filter(({ name }) => SHORT.includes(name))
  if (!peer.ok) t.diagnostic(peer.reason)
  const report = await chaosRounds({
    rounds: chosen.length,
    seed,
    validators: 4,
    faults: chosen,
    cometBft: setup.ok ? setup.path : '',
    onLine: (line) => t.diagnostic(line),
  })
  for (const line of report.lacking) t.diagnostic(`not tried: ${line}`)
  t.diagnostic(`seed ${seed}, ${report.acknowledged} acknowledged votes`)
  assert.ok(report.acknowledged > 0)
})

test('the hostile peer speaks as the pinned CometBFT does', () => {
  const text = readFileSync(new URL('chaos/hostile-peer/go.mod', import.meta.url), 'utf8')
  assert.match(text, new RegExp(`^\\tgithub\\.com/cometbft/cometbft v${COMETBFT_VERSION.replaceAll('.', '\\.')}$`, 'm'))
})

const HASH = 'ab'.repeat(32)

/** Two data folders with two blocks and a vote in the second, of which `change` alters the second folder. */
function onFolders(change: string, work: (homes: string[]) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'icn-checker-'))
  try {
    const homes = ['node1', 'node2'].map((name) => join(folder, name))
    for (const [index, home] of homes.entries()) {
      mkdirSync(home)
      const database = new DatabaseSync(join(home, 'state.db'))
      database.exec(`CREATE TABLE block (height, hash, appHash); CREATE TABLE tx (id INTEGER, hash, signer, code);
        INSERT INTO block VALUES (1, x'01', x'11'), (2, x'02', x'12');
        INSERT INTO tx VALUES (${historyId(2, 0)}, x'${HASH}', 'did:key:ana', 0);
        ${index === 1 ? change : ''}`)
      database.close()
    }
    work(homes)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const VOTE = { hash: HASH, height: 2 }

test('the checker is content with equal nodes that have what was acknowledged', () => {
  onFolders('', (homes) => {
    const checker = createChecker(homes)
    assert.deepEqual(checker.check([VOTE]), [])
    assert.deepEqual([checker.height(), checker.countOf('did:key:ana')], [2, 1])
    assert.deepEqual(checker.check([{ hash: 'cd'.repeat(32), height: 3 }]), [], 'nobody has block 3 yet')
  })
})

for (const [name, change, votes, pattern] of [
  [
    'another root',
    `UPDATE block SET appHash = x'99' WHERE height = 1`,
    [],
    /^block 1 of node2: 01 99, of node1: 01 11$/,
  ],
  ['another block', `UPDATE block SET hash = x'99' WHERE height = 2`, [], /^block 2 of node2: 99 12 /],
  ['a vote that one node lacks', 'DELETE FROM tx', [], /^block 2 of node2: 02 12, of node1: 02 12 abab/],
  ['a vote that is nowhere', '', [{ hash: 'cd'.repeat(32), height: 2 }], /^cdcd.* acknowledged in 2, and is in none$/],
  ['a vote that is elsewhere', '', [{ ...VOTE, height: 1 }], /^abab.* acknowledged in 1, and is in 2$/],
] as const) {
  test(`the checker finds ${name}`, () => {
    onFolders(change, (homes) => {
      const findings = createChecker(homes).check(votes)
      assert.equal(findings.length, 1, findings.join('\n'))
      assert.match(findings[0] ?? '', pattern)
    })
  })
}

test('the checker finds a vote that is committed twice', () => {
  onFolders('', (homes) => {
    for (const home of homes) {
      const database = new DatabaseSync(join(home, 'state.db'))
      database.exec(`INSERT INTO tx VALUES (${historyId(1, 0)}, x'${HASH}', 'did:key:ana', 0)`)
      database.close()
    }
    assert.deepEqual(createChecker(homes).check([]), [`${HASH} is committed twice, in 1 and 2`])
  })
})
