import assert from 'node:assert/strict'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { openWorkshop, type Workshop } from './harness.ts'

const HOUR_MS = 3_600_000
const ORG = 'Bäckerei „Zum Brot" & <b>Söhne</b>'
let shop: Workshop
let ben = ''

before(async () => {
  shop = await openWorkshop()
  for (const name of ['ana', 'ben', 'eve']) await shop.done('key', 'new', name, '--no-passphrase')
  const charter = join(shop.folder, 'charter.json')
  const rules = { readAccess: 'members', sponsors: 1, votingMs: HOUR_MS, expulsionNoticeMs: HOUR_MS }
  writeFileSync(charter, JSON.stringify(rules))
  await shop.done('org', 'found', ORG, '--charter', charter, '--member-name', 'Ana', '--as', 'ana')
  const { code } = await shop.done('member', 'invite', '--org', ORG, '--as', 'ana')
  ben = String((await shop.done('member', 'apply', String(code), '--as', 'ben')).did)
})
after(() => shop.close())

const itemsOf = (answer: Record<string, never>) => answer.items as unknown as Record<string, string>[]
const propose = async (...args: string[]) =>
  String((await shop.done('proposal', 'new', '--org', ORG, '--title', 'Wages', ...args, '--as', 'ana')).proposal)

test('a decision that only members read: draft, sponsor, talk, vote, and a bundle, by its id alone', async () => {
  const id = await propose()
  assert.deepEqual(await shop.refused('vote', id, 'yes', '--as', 'ana'), [1, 'VOTING_NOT_OPEN'])
  assert.deepEqual(await shop.refused('proposal', 'show', id, '--as', 'eve'), [1, 'MEMBERS_ONLY'])
  await shop.done('proposal', 'sponsor', id, '--as', 'ben')
  await shop.done('proposal', 'discuss', id, '<script>alert("x")</script>', '--as', 'ben')
  const [comment] = itemsOf(await shop.done('proposal', 'discuss', id, '--as', 'ana'))
  assert.equal(comment?.text, '<script>alert("x")</script>')
  for (const ballot of ['maybe', 'consent', ''])
    assert.deepEqual(await shop.refused('vote', id, ballot, '--as', 'ben'), [2, 'USAGE'])
  await shop.done('vote', id, 'Yes', '--as', 'ben')
  await shop.advance(HOUR_MS + 1)
  const shown = await shop.icn(['proposal', 'show', id, '--as', 'ana'])
  assert.match(shown.stdout, /passed[\s\S]*result: yes 1, no 0/)
  const bundle = join(shop.folder, 'wages.icn')
  assert.deepEqual(await shop.refused('audit', 'export', id, bundle, '--as', 'eve'), [1, 'MEMBERS_ONLY'])
  await shop.done('audit', 'export', id, bundle, '--as', 'ana')
  assert.equal((await shop.done('audit', 'verify', bundle)).ok, true)
})

test('an amendment replaces, and what is withdrawn stays so', async () => {
  const id = await propose()
  assert.deepEqual(await shop.refused('proposal', 'amend', id, '--title', 'Other', '--as', 'ben'), [1, 'NOT_AUTHOR'])
  const amended = String((await shop.done('proposal', 'amend', id, '--title', 'Other', '--as', 'ana')).proposal)
  assert.deepEqual(await shop.refused('proposal', 'withdraw', id, '--as', 'ana'), [1, 'WRONG_PHASE'])
  await shop.done('proposal', 'withdraw', amended, '--as', 'ana')
  const list = itemsOf(await shop.done('proposal', 'list', '--org', ORG, '--status', 'withdrawn', '--as', 'ana'))
  assert.deepEqual(
    list.map((item) => item.id),
    [amended, id],
  )
})

test('a bylaw is adopted from a file and changed by the lines that differ', async () => {
  const file = join(shop.folder, 'cleaning.txt')
  for (const text of ['One\nTwo\nThree\n', 'One\nTwo and a half\nThree\n']) {
    writeFileSync(file, text)
    const id = await propose('--bylaw', `cleaning=${file}`)
    await shop.done('proposal', 'sponsor', id, '--as', 'ben')
    for (const name of ['ana', 'ben']) await shop.done('vote', id, 'yes', '--as', name)
    await shop.advance(HOUR_MS + 1)
    const { stdout } = await shop.icn(['org', 'bylaws', ORG, '--bylaw', 'cleaning', '--as', 'ana'])
    assert.equal(stdout, text)
    const { actions } = (await shop.done('proposal', 'show', id, '--as', 'ana')) as unknown as {
      actions: { edits: object[] }[]
    }
    const whole = { line: 0, remove: [], insert: ['One', 'Two', 'Three'] }
    const changed = { line: 1, remove: ['Two'], insert: ['Two and a half'] }
    assert.deepEqual(actions[0]?.edits, [text.includes('half') ? changed : whole])
  }
  const again = ['proposal', 'new', '--org', ORG, '--title', 'x', '--bylaw', `cleaning=${file}`, '--as', 'ana']
  assert.deepEqual(await shop.refused(...again), [2, 'USAGE'])
})

test('an expelled member may appeal once', async () => {
  assert.deepEqual(await shop.refused('member', 'appeal', '--org', ORG, '--statement', 'No', '--as', 'ben'), [
    1,
    'APPEAL_NOT_POSSIBLE',
  ])
  const id = String((await shop.done('member', 'expel', ben, '--org', ORG, '--reason', 'Till', '--as', 'ana')).proposal)
  await shop.done('proposal', 'sponsor', id, '--as', 'ben')
  await shop.advance(HOUR_MS + 1)
  await shop.done('vote', id, 'yes', '--as', 'ana')
  await shop.advance(HOUR_MS + 1)
  assert.match(
    String((await shop.done('member', 'appeal', '--org', ORG, '--statement', 'No', '--as', 'ben')).proposal),
    /^p\d/,
  )
  assert.deepEqual(await shop.refused('member', 'appeal', '--org', ORG, '--statement', 'No', '--as', 'ben'), [
    1,
    'APPEAL_NOT_POSSIBLE',
  ])
})

test('a wallet made again from its words is the founder again, and founds the next with a key of its own', async () => {
  const words = join(shop.folder, 'words')
  writeFileSync(words, (await shop.icn(['key', 'export', '--as', 'ana'])).stdout)
  const elsewhere = ['--home', join(shop.folder, 'elsewhere')]
  await shop.done('key', 'recover', 'ana', '--words', words, '--no-passphrase', ...elsewhere)
  const [first] = itemsOf(await shop.done('org', 'list')).filter(({ name }) => name === ORG)
  await shop.done('member', 'invite', '--org', ORG, '--as', 'ana', ...elsewhere)
  const { member } = await shop.done('org', 'found', 'Second', '--as', 'ana', ...elsewhere)
  assert.notEqual(member, first?.founder)
})

test('a rotation that is not carried out loses nothing, and one that is signs with the new key', async () => {
  const { did } = await shop.done('did', 'register', 'press', '--no-passphrase')
  assert.deepEqual(await shop.refused('did', 'rotate', '--as', 'press'), [1, 'PASSPHRASE_NEEDED'])
  const file = join(shop.folder, 'wallet', 'keys', 'press.json')
  await shop.done('did', 'rotate', '--as', 'press', '--no-passphrase')
  assert.deepEqual([JSON.parse(readFileSync(file, 'utf8')).keyId, statSync(file).mode & 0o777], ['k2', 0o600])
  assert.equal(
    itemsOf(await shop.done('key', 'list')).some(({ name }) => name === 'press.next'),
    false,
  )
  await shop.done('did', 'rotate', '--as', 'press', '--no-passphrase')
  const secret = join(shop.folder, 'secret')
  writeFileSync(secret, (await shop.icn(['key', 'export', 'press'])).stdout)
  const elsewhere = ['--home', join(shop.folder, 'press')]
  assert.deepEqual(await shop.refused('key', 'import', 'p', '--secret', secret, '--did', 'did:key:z'), [2, 'USAGE'])
  const given = ['--secret', secret, '--did', String(did), '--key-id', 'k3', '--no-passphrase']
  await shop.done('key', 'import', 'press', ...given, ...elsewhere)
  await shop.done('did', 'deactivate', '--as', 'press', ...elsewhere)
  assert.deepEqual(await shop.refused('did', 'deactivate', '--as', 'press'), [1, 'BAD_SIGNATURE'])
  const { didDocumentMetadata } = await shop.done('did', 'resolve', String(did))
  assert.equal((didDocumentMetadata as unknown as { deactivated: boolean }).deactivated, true)
  const earlier = await shop.icn(['did', 'resolve', String(did), '--version-id', '1'])
  assert.match(earlier.stdout, /#k1/)
  assert.deepEqual(await shop.refused('did', 'resolve', 'nonsense'), [1, 'INVALID_DID'])
})
