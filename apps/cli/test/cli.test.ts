import assert from 'node:assert/strict'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { openWorkshop, type Workshop } from './harness.ts'

let shop: Workshop
let folder = ''
let passphrase = ''

before(async () => {
  shop = await openWorkshop()
  folder = shop.folder
  passphrase = join(folder, 'passphrase')
  writeFileSync(passphrase, 'correct horse battery staple\n')
})
after(() => shop.close())

const icn: Workshop['icn'] = (...given) => shop.icn(...given)
const done: Workshop['done'] = (...given) => shop.done(...given)

test('from the first key to a bundle that a stranger verifies', async () => {
  for (const name of ['ana', 'ben']) await done('key', 'new', '--as', name, '--no-passphrase')
  const { org, member: founder } = await done('org', 'found', 'Harbour Bakery', '--as', 'ana')
  const { code } = await done('member', 'invite', '--org', 'Harbour Bakery', '--as', 'ana')
  const { did, member } = await done('member', 'apply', String(code), '--name', 'Ben', '--as', 'ben')
  assert.equal(member, true)
  assert.notEqual(did, founder)
  const { proposal } = await done(
    'proposal',
    'new',
    '--org',
    String(org),
    '--title',
    'New oven',
    '--method',
    'schulze',
    '--options',
    'gas,electric,wood',
    '--as',
    'ana',
  )
  const id = String(proposal)
  await done('vote', id, 'electric>wood=gas', '--as', 'ben')
  await done('vote', id, 'gas>electric', '--as', 'ana')
  await done('vote', id, '2>1', '--as', 'ana')
  assert.equal((await icn(['audit', 'export', id, join(folder, 'early.icn')])).code, 1)
  await shop.advance(604_800_001)
  const shown = (await done('proposal', 'show', id)) as unknown as { status: string; winners: string[] }
  assert.deepEqual([shown.status, shown.winners], ['passed', ['electric']])
  const bundle = join(folder, 'bundle.icn')
  await done('audit', 'export', id, bundle)
  const verdict = (await done('audit', 'verify', bundle, '--node', 'http://127.0.0.1:1')) as unknown as {
    ok: boolean
    result: { winners: string[] }
  }
  assert.deepEqual([verdict.ok, verdict.result.winners], [true, ['electric']])
  const bytes = readFileSync(bundle)
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
  writeFileSync(bundle, bytes)
  assert.equal((await icn(['audit', 'verify', bundle])).code, 1)
  const late = await icn(['vote', id, 'gas', '--as', 'ana', '--json'])
  assert.equal(late.code, 1)
  assert.equal(JSON.parse(late.stdout).error.name, 'VOTING_NOT_OPEN')
})

test('a bundle of a network is verified by the commits that it carries, without a node', async () => {
  const vectors = new URL('../../../vectors/bundles.json', import.meta.url)
  const { valid, tampered } = JSON.parse(readFileSync(vectors, 'utf8')) as Record<
    'valid' | 'tampered',
    { name: string; bytes: string }[]
  >
  const file = join(folder, 'network.icn')
  const write = (list: typeof valid, name: string) =>
    writeFileSync(file, Buffer.from(list.find((one) => one.name === `a network: ${name}`)?.bytes ?? '', 'hex'))
  write(valid, 'the validators changed three times')
  const proved = await icn(['audit', 'verify', file, '--node', 'http://127.0.0.1:1'])
  assert.equal(proved.code, 0)
  assert.match(proved.stdout, /^ok {3}light blocks: 3 up to block 41, hash [0-9a-f]{64}$/m)
  assert.match(proved.stdout, /^ok {3}validator changes: .*\nok {3}commit signatures: /m)
  write(tampered, 'a block between left out')
  const refused = await icn(['audit', 'verify', file])
  assert.equal(refused.code, 1)
  assert.match(refused.stdout, /^FAIL validator changes: TRUST_TOO_LOW: /m)
})

test('a person is somebody else in every organization', async () => {
  await done('key', 'new', 'cara', '--no-passphrase')
  const first = await done('org', 'found', 'First', '--as', 'cara')
  const second = await done('org', 'found', 'Second', '--as', 'cara')
  const key = await done('key', 'show', 'cara')
  assert.equal(new Set([first.member, second.member, key.did]).size, 3)
})

test('keys are encrypted unless that is declined, and readable by their owner only', async () => {
  assert.equal((await icn(['key', 'new', '--as', 'dora'])).code, 1)
  const made = await icn(['key', 'new', '--as', 'dora', '--json'], { ICN_PASSPHRASE_FILE: passphrase })
  assert.equal(made.code, 0, made.stderr)
  const file = join(folder, 'wallet', 'keys', 'dora.json')
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.equal(JSON.parse(readFileSync(file, 'utf8')).encryption === 'none', false)
  writeFileSync(join(folder, 'wrong'), 'another')
  const wrong = await icn(['key', 'export', '--as', 'dora', '--json'], { ICN_PASSPHRASE_FILE: join(folder, 'wrong') })
  assert.deepEqual([wrong.code, JSON.parse(wrong.stdout).error.name], [1, 'WRONG_PASSPHRASE'])
})

test('counting needs no node, and a malformed file is told with line and column and nothing on stdout', async () => {
  const real = await icn(['tally', 'examples/elections/debian-2012-leader.soi', '--json'], {
    ICN_NODE: 'http://127.0.0.1:1',
  })
  assert.deepEqual(JSON.parse(real.stdout).winners, ['Stefano Zacchiroli'])
  const file = join(folder, 'broken.soi')
  writeFileSync(file, readFileSync('examples/elections/debian-2012-leader.soi', 'utf8').replace(': 3,1,2', ': 3,9,2'))
  const broken = await icn(['tally', file])
  assert.deepEqual([broken.code, broken.stdout], [1, ''])
  assert.match(broken.stderr, /broken\.soi:\d+:\d+: /)
  assert.equal((await icn(['tally', join(folder, 'none.soi')])).code, 1)
})

test('usage ends with 2, no node with 3, a refusal with 1 and a document for programs', async () => {
  assert.equal((await icn(['nonsense'])).code, 2)
  assert.equal((await icn(['org', 'found'])).code, 2)
  assert.equal((await icn(['org', 'list', '--node', 'http://127.0.0.1:1'])).code, 3)
  const refused = await icn(['proposal', 'show', 'p404-0-aaaaaa', '--json'])
  assert.equal(refused.code, 1)
  const { error } = JSON.parse(refused.stdout)
  assert.deepEqual([error.name, Object.keys(error)], ['NOT_FOUND', ['code', 'name', 'message', 'hint']])
  assert.equal((await icn(['help', 'vote'])).code, 0)
  for (const shell of ['bash', 'zsh', 'fish']) assert.match((await icn(['completion', shell])).stdout, /proposal/)
})
