import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test } from 'node:test'
import { act, foundCooperative, newPerson, openProposal, type Person } from './cooperative.ts'
import { type NodeProcess, runNode, startProcess } from './node-process.ts'

const parent = mkdtempSync(join(tmpdir(), 'icn-transfer-'))
const home = join(parent, 'home')
const copy = join(parent, 'backup')
const archive = join(parent, 'state.icn-archive')
let people: Person[] = []
let proposal = ''
let voteHash = ''
let counted = ''
let exported: { readonly height: number; readonly appHash: string }

const fresh = () => mkdtempSync(join(parent, 'folder-'))
const namesIn = (folder: string) => readdirSync(folder).sort()
const vote = (node: NodeProcess, person: Person, ballot: 'yes' | 'no' = 'yes') =>
  act(node.url, node.network, person, { kind: 'vote.cast', proposal, ballot, reason: '' })

before(async () => {
  const node = await startProcess(home, ['--dev-clock'])
  const founded = await foundCooperative(node.url, node.network, 8)
  people = founded.people
  const [author] = people as [Person]
  proposal = await openProposal(node.url, node.network, author, founded.org)
  counted = proposal
  for (const person of people) voteHash = (await vote(node, person)).hash
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ advanceMs: 2 * 86_400_000 })
  await fetch(`${node.url}/v1/dev/clock`, { method: 'POST', body, headers })
  proposal = await openProposal(node.url, node.network, author, founded.org)
  await vote(node, author)
  // Everything here while the node runs and blocks come.
  let isVoting = true
  const voting = (async () => {
    while (isVoting) await vote(node, people[1] as Person)
  })()
  const backed = await runNode(['backup', copy, '--with-key', '--home', home])
  const written = await runNode(['export', archive, `--home=${home}`, '--json'])
  isVoting = false
  await voting
  assert.equal(backed.code, 0, backed.stderr)
  assert.equal(written.code, 0, written.stderr)
  exported = JSON.parse(written.stdout)
  assert.equal(await node.end('SIGTERM'), 0)
})
after(() => rmSync(parent, { recursive: true, force: true }))

test('a backup of a running node is one committed block, and starts as a node where nothing is lost', async () => {
  const to = join(fresh(), 'data')
  assert.equal((await runNode(['restore', copy, '--home', to])).code, 0)
  assert.equal((await runNode(['verify', '--home', to, '--replay'])).code, 0)
  const refused = await runNode(['start', '--home', to, '--http-port', '0'])
  assert.equal(refused.code, 2)
  assert.match(refused.stderr, /RESTORED_VALIDATOR: .* What to do: start it once with --accept-restored/)
  const node = await startProcess(to, ['--accept-restored'])
  const { height } = JSON.parse(readFileSync(join(copy, 'backup.json'), 'utf8'))
  assert.equal(node.height, height)
  assert.equal((await fetch(`${node.url}/v1/transactions/${voteHash}`)).status, 200)
  assert.equal(await node.end('SIGTERM'), 0)
  const again = await startProcess(to)
  assert.equal(await again.end('SIGTERM'), 0)
})

test('without the flag a backup holds no key', async () => {
  const target = join(fresh(), 'backup')
  assert.equal((await runNode(['backup', target, '--home', home])).code, 0)
  assert.deepEqual(namesIn(target), ['backup.json', 'genesis.json', 'state.db'])
})

test('an imported state has the same root, goes on, and says which blocks it does not keep', async () => {
  const to = join(fresh(), 'data')
  const key = join(home, 'validator-key.json')
  const imported = await runNode(['import', archive, '--home', to, '--key', key, '--json'])
  assert.equal(imported.code, 0, imported.stderr)
  const { height, appHash } = JSON.parse(imported.stdout)
  assert.deepEqual({ height, appHash }, { height: exported.height, appHash: exported.appHash })
  assert.equal((await runNode(['verify', '--home', to])).code, 0)
  const replayed = await runNode(['verify', '--home', to, '--replay'])
  assert.deepEqual([replayed.code, /NOT_KEPT: .*from height \d+ on/.test(replayed.stderr)], [2, true], replayed.stderr)

  const node = await startProcess(to, ['--accept-restored', '--dev-clock'])
  const get = async (path: string) => {
    const answer = await fetch(node.url + path)
    return { status: answer.status, body: (await answer.json()) as { name?: string; hint?: string; appHash?: string } }
  }
  assert.equal((await get('/v1/network')).body.appHash, appHash)
  assert.deepEqual((await get(`/v1/blocks/${height}`)).body.name, 'NOT_KEPT')
  assert.equal((await get('/v1/blocks/1')).status, 410)
  const missing = await get(`/v1/transactions/${voteHash}`)
  assert.deepEqual([missing.status, missing.body.hint?.includes(`from height ${height + 1} on`)], [404, true])
  assert.equal((await get(`/v1/proposals/${counted}/bundle`)).body.name, 'NOT_KEPT')
  assert.equal((await get('/v1/events?lastEventId=1-0')).body.name, 'NOT_KEPT')
  const voter = newerOf(people[2] as Person)
  assert.equal((await vote(node, voter, 'no')).status, 200)
  assert.equal((await get(`/v1/blocks/${height + 1}`)).status, 200)
  // What was on the ledger before is no longer known by its hash, and is refused all the same.
  assert.equal((await vote(node, { ...voter, sequence: 0 }, 'no')).name, 'BAD_SEQUENCE')
  assert.equal((await get(`/v1/proposals/${counted}/bundle`)).body.name, 'NOT_KEPT')
  assert.equal(await node.end('SIGTERM'), 0)
  const second = join(fresh(), 'again')
  assert.equal((await runNode(['export', second, '--home', to])).code, 0)
})

/** The same person, of whom this test takes the count of transactions for its own. */
const newerOf = (person: Person): Person => ({ ...person })

test('an archive that was imported without a key gets one of its own, which produces no blocks here', async () => {
  const to = join(fresh(), 'data')
  assert.equal((await runNode(['import', archive, '--home', to, '--app-hash', exported.appHash])).code, 0)
  const started = await runNode(['start', '--home', to, '--http-port', '0'])
  assert.equal(started.code, 4)
  assert.match(started.stderr, /names the validator/)
})

test('snapshot makes one of a folder that no node has open', async () => {
  const { code, stdout } = await runNode(['snapshot', '--home', home, '--json'])
  assert.equal(code, 0)
  assert.equal(JSON.parse(stdout).snapshots.length, 1)
  rmSync(join(home, 'snapshots'), { recursive: true })
})

/** Writes a byte of a copy of a file anew. */
function altered(file: string, at: (size: number) => number): string {
  const other = join(fresh(), 'altered')
  const bytes = readFileSync(file)
  const place = at(bytes.length)
  bytes[place] = (bytes[place] ?? 0) ^ 0x20
  writeFileSync(other, bytes)
  return other
}

function cut(file: string, by: number): string {
  const other = join(fresh(), 'cut')
  copyFileSync(file, other)
  truncateSync(other, readFileSync(file).length - by)
  return other
}

function longer(file: string): string {
  const other = join(fresh(), 'longer')
  copyFileSync(file, other)
  appendFileSync(other, 'more')
  return other
}

for (const [name, make, said] of [
  ['a byte of the first line', (file) => altered(file, () => 3), /NOT_AN_ARCHIVE/],
  ['another format', (file) => altered(file, () => 12), /NOT_AN_ARCHIVE|OTHER_VERSION/],
  [
    'a byte of the genesis',
    (file) => altered(file, () => readFileSync(file).indexOf('"name"') + 9),
    /ALTERED: .*genesis/,
  ],
  [
    'a byte of a chunk',
    (file) => altered(file, () => readFileSync(file).indexOf('(\xb5/\xfd', 0, 'latin1') + 40),
    /ALTERED: .*chunk 0 /,
  ],
  ['a byte of the metadata', (file) => altered(file, (size) => size - 90), /ALTERED: .*metadata/],
  ['a byte of its end', (file) => altered(file, (size) => size - 2), /ALTERED: .*end/],
  ['its last bytes gone', (file) => cut(file, 5), /ALTERED: .*end/],
  ['most of it gone', (file) => cut(file, readFileSync(file).length - 60), /NOT_AN_ARCHIVE|ALTERED/],
  ['bytes after its end', longer, /ALTERED: .*end/],
  ['nothing in it', (file) => cut(file, readFileSync(file).length), /NOT_AN_ARCHIVE/],
] as const satisfies readonly (readonly [string, (file: string) => string, RegExp])[]) {
  test(`refuses an archive with ${name}`, async () => {
    const to = fresh()
    const { code, stderr } = await runNode(['import', make(archive), '--home', to])
    assert.equal(code, 4, stderr)
    assert.match(stderr, said)
    assert.match(stderr, /What to do: /)
    assert.deepEqual(namesIn(to), [])
  })
}

test('any byte that is changed is refused, or changes nothing', async () => {
  const size = readFileSync(archive).length
  for (let round = 0; round < 12; round++) {
    const at = Math.floor(((round + 0.5) * size) / 12)
    const to = fresh()
    const { code, stderr } = await runNode(['import', altered(archive, () => at), '--home', to])
    assert.equal(code, 4, `byte ${at}: ${stderr}`)
    assert.deepEqual(namesIn(to), [])
  }
})

test('refuses an archive of a state that nobody vouches for', async () => {
  const to = fresh()
  const { code, stderr } = await runNode(['import', archive, '--home', to, '--app-hash', '00'.repeat(32)])
  assert.equal(code, 4)
  assert.match(stderr, /NOT_PROVED/)
  assert.deepEqual(namesIn(to), [])
})

/** A folder with the genesis of another network. */
function ofOtherNetwork(): string {
  const folder = fresh()
  const genesis = JSON.parse(readFileSync(join(home, 'genesis.json'), 'utf8'))
  writeFileSync(join(folder, 'genesis.json'), JSON.stringify({ ...genesis, name: 'Another' }))
  return folder
}

for (const [name, folder, said] of [
  ['a folder that is not empty', () => home, /FOLDER_NOT_EMPTY/],
  ['a folder of another network', ofOtherNetwork, /OTHER_NETWORK/],
] as const) {
  for (const [command, what] of [
    ['restore', copy],
    ['import', archive],
  ] as const) {
    test(`${command} refuses ${name}, and leaves it as it is`, async () => {
      const to = folder()
      const names = namesIn(to)
      const { code, stderr } = await runNode([command, what, '--home', to])
      assert.equal(code, 2)
      assert.match(stderr, said)
      assert.deepEqual(namesIn(to), names)
    })
  }
}

for (const [name, change, said] of [
  ['a state that was changed', (folder: string) => flip(join(folder, 'state.db'), 40_000), /ALTERED: state.db/],
  [
    'a key that was changed',
    (folder: string) => flip(join(folder, 'validator-key.json'), 60),
    /ALTERED: validator-key/,
  ],
  ['a genesis that was changed', (folder: string) => rename(folder), /ALTERED: genesis.json/],
  ['no facts', (folder: string) => rmSync(join(folder, 'backup.json')), /NOT_A_BACKUP/],
  ['facts that are none', (folder: string) => writeFileSync(join(folder, 'backup.json'), '[]'), /NOT_A_BACKUP/],
] as const) {
  test(`restore refuses a backup with ${name}`, async () => {
    const bad = fresh()
    cpSync(copy, bad, { recursive: true })
    change(bad)
    const to = fresh()
    const { code, stderr } = await runNode(['restore', bad, '--home', to])
    assert.equal(code, 4, stderr)
    assert.match(stderr, said)
    assert.deepEqual(namesIn(to), [])
  })
}

function flip(file: string, at: number): void {
  const bytes = readFileSync(file)
  bytes[at] = (bytes[at] ?? 0) ^ 1
  writeFileSync(file, bytes)
}

function rename(folder: string): void {
  const file = join(folder, 'genesis.json')
  writeFileSync(file, readFileSync(file, 'utf8').replace('My cooperative', 'Your cooperative'))
}

test('backup and export never write over anything, and want a folder with a state', async () => {
  assert.match((await runNode(['backup', copy, '--home', home])).stderr, /TARGET_EXISTS/)
  assert.match((await runNode(['export', archive, '--home', home])).stderr, /TARGET_EXISTS/)
  const empty = fresh()
  for (const command of ['backup', 'export'])
    assert.match((await runNode([command, join(empty, 'new'), '--home', empty])).stderr, /NO_STATE/)
  assert.deepEqual(namesIn(empty), [])
  const wrong = await runNode(['backup', '--home', home])
  assert.deepEqual([wrong.code, /usage: icn-node backup TARGET/.test(wrong.stderr)], [2, true])
})

test('a damaged state is not backed up', async () => {
  const folder = join(fresh(), 'data')
  cpSync(home, folder, { recursive: true })
  const database = new DatabaseSync(join(folder, 'state.db'))
  database.exec(`UPDATE vote SET ballot = '"no"' WHERE voter = (SELECT min(voter) FROM vote)`)
  database.close()
  const target = join(parent, 'of-damaged')
  const { code } = await runNode(['backup', target, '--home', folder])
  assert.equal(code, 4)
  assert.deepEqual([existsSync(target), existsSync(`${target}.new`)], [false, false])
})

for (const [command, what] of [
  ['restore', copy],
  ['import', archive],
] as const) {
  test(`killed at any moment, ${command} leaves a folder in which no node starts, or a whole one, and can be repeated`, async () => {
    const main = new URL('../bin/icn-node.js', import.meta.url).pathname
    for (let round = 0; round < 6; round++) {
      const to = join(fresh(), 'data')
      mkdirSync(to)
      const child = spawn(process.execPath, [main, command, what, '--home', to], { stdio: 'ignore' })
      const ended = once(child, 'exit')
      // Each round one more of the names that appear in the folder.
      const appeared = () => readdirSync(to).length > round
      while (!appeared() && child.exitCode === null) await new Promise(setImmediate)
      child.kill('SIGKILL')
      await ended
      const isWhole = existsSync(join(to, 'genesis.json')) && existsSync(join(to, 'state.db'))
      if (!isWhole && readdirSync(to).length > 0)
        assert.equal((await runNode(['start', '--home', to, '--http-port', '0'])).code, 4)
      const repeated = await runNode([command, what, '--home', to])
      assert.ok(repeated.code === 0 || (isWhole && /FOLDER_NOT_EMPTY/.test(repeated.stderr)), repeated.stderr)
      assert.equal((await runNode(['verify', '--home', to])).code, 0)
    }
  })
}

test('the newest member of a restored cooperative can act', async () => {
  const to = join(fresh(), 'data')
  assert.equal((await runNode(['restore', copy, '--home', to])).code, 0)
  const node = await startProcess(to, ['--accept-restored'])
  const words = { kind: 'org.found', name: 'Mill', orgKind: 'cooperative', founderName: 'Bo', charter: {} } as const
  assert.equal((await act(node.url, node.network, newPerson(), words)).status, 200)
  assert.equal(await node.end('SIGTERM'), 0)
})
