import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { toBase64Url } from '@icn/crypto'
import { armor, Decrypter } from 'age-encryption'
import { createMnemonic, deriveOrgKey, keyFromSeed, keyRecord, openRecord, sealRecord } from '../src/wallet/index.ts'
import { keyExists, keyFilePath, listKeys, loadKey, saveKey, showKey } from '../src/wallet/key-files.ts'

const SEED = new Uint8Array(32).fill(7)
const RECORD = keyRecord('ann', keyFromSeed(SEED))
/** The least work that scrypt does, so that tests take milliseconds. */
const QUICK = { passphrase: 'correct horse', workFactor: 1 }
const PLAIN = { unencrypted: true } as const

function newHome(t: TestContext): string {
  const home = mkdtempSync(join(tmpdir(), 'icn-keys-'))
  t.after(() => rmSync(home, { recursive: true }))
  return home
}

function edit(path: string, change: (file: Record<string, unknown>) => object): void {
  writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, 'utf8')))))
}

for (const [what, protection, passphrase] of [
  ['encrypted', QUICK, 'correct horse'],
  ['unencrypted', PLAIN, undefined],
] as const) {
  test(`a key is kept ${what} and comes back whole`, async (t) => {
    const home = newHome(t)
    const mnemonic = createMnemonic()
    const key = deriveOrgKey(new Uint8Array(64).fill(1), 'bakery')
    const record = keyRecord('Ann_2.work', key, { label: 'bakery', mnemonic })
    assert.equal(await saveKey(home, record, protection), join(home, 'keys', 'Ann_2.work.json'))
    assert.deepEqual(await loadKey(home, 'Ann_2.work', passphrase), record)
    const { did, keyId, publicKey } = record
    const shown = { name: 'Ann_2.work', did, keyId, publicKey, encrypted: what === 'encrypted' }
    assert.deepEqual(await showKey(home, 'Ann_2.work'), shown)
  })
}

test('only the owner may read the file and the folder, and nothing else is left there', async (t) => {
  const home = newHome(t)
  const path = await saveKey(home, RECORD, PLAIN)
  await saveKey(home, RECORD, QUICK, { overwrite: true })
  assert.equal(statSync(path).mode & 0o777, 0o600)
  assert.equal(statSync(join(home, 'keys')).mode & 0o777, 0o700)
  assert.deepEqual(readdirSync(join(home, 'keys')), ['ann.json'])
})

test('an encrypted file holds no secret in the clear', async (t) => {
  const home = newHome(t)
  const mnemonic = createMnemonic()
  const path = await saveKey(home, { ...RECORD, mnemonic, label: 'bakery' }, QUICK)
  const text = readFileSync(path, 'utf8')
  for (const secret of [toBase64Url(SEED), mnemonic, 'bakery', 'correct horse', Buffer.from(SEED).toString('hex')])
    assert.ok(!text.includes(secret), secret)
})

test('age itself opens the secret of a key file', async (t) => {
  const home = newHome(t)
  const { secret } = JSON.parse(readFileSync(await saveKey(home, RECORD, QUICK), 'utf8'))
  const decrypter = new Decrypter()
  decrypter.addPassphrase('correct horse')
  const record = JSON.parse(await decrypter.decrypt(armor.decode(secret), 'text'))
  assert.deepEqual(record, { ...RECORD, seed: toBase64Url(SEED) })
})

test('the work that age asks for by itself is the default', async () => {
  const sealed = await sealRecord(RECORD, 'correct horse')
  assert.match(Buffer.from(armor.decode(sealed)).toString('latin1'), /^-> scrypt \S+ 18$/m)
  assert.deepEqual(await openRecord(sealed, 'correct horse'), RECORD)
})

test('a key of a registered DID keeps its DID and key id', async (t) => {
  const home = newHome(t)
  const record = { ...RECORD, did: `did:icn:demo:${'a'.repeat(52)}`, keyId: 'laptop' }
  await saveKey(home, record, PLAIN)
  assert.deepEqual(await loadKey(home, 'ann'), record)
})

test('a second key of the name is refused, and the first stays', async (t) => {
  const home = newHome(t)
  await saveKey(home, RECORD, PLAIN)
  const other = keyRecord('ann', keyFromSeed(new Uint8Array(32).fill(8)))
  await assert.rejects(saveKey(home, other, PLAIN), { name: 'WalletError', code: 'KEY_EXISTS' })
  assert.deepEqual(await loadKey(home, 'ann'), RECORD)
  await saveKey(home, other, PLAIN, { overwrite: true })
  assert.deepEqual(await loadKey(home, 'ann'), other)
})

test('of many who save one name at once, one succeeds', async (t) => {
  const home = newHome(t)
  const records = Array.from({ length: 8 }, (_, i) => keyRecord('ann', keyFromSeed(new Uint8Array(32).fill(i + 1))))
  const results = await Promise.allSettled(records.map((record) => saveKey(home, record, PLAIN)))
  const saved = results.flatMap(({ status }, i) => (status === 'fulfilled' ? [records[i]] : []))
  assert.equal(saved.length, 1)
  assert.deepEqual(await loadKey(home, 'ann'), saved[0])
  for (const result of results) if (result.status === 'rejected') assert.equal(result.reason.code, 'KEY_EXISTS')
  assert.deepEqual(readdirSync(join(home, 'keys')), ['ann.json'])
})

test('keys are listed by name; other files are not keys', async (t) => {
  const home = newHome(t)
  assert.deepEqual(await listKeys(home), [])
  for (const name of ['zoe', 'ann', 'Bob']) await saveKey(home, { ...RECORD, name }, PLAIN)
  for (const other of ['notes.txt', '.hidden.json', 'a b.json']) writeFileSync(join(home, 'keys', other), 'x')
  assert.deepEqual(await listKeys(home), ['Bob', 'ann', 'zoe'])
  assert.equal(await keyExists(home, 'ann'), true)
  assert.equal(await keyExists(home, 'eve'), false)
})

for (const name of [
  '',
  '.',
  '..',
  '../ann',
  'a/b',
  'a\\b',
  'ann\0',
  '-ann',
  '.ann',
  'ann.',
  'ann lee',
  'é',
  'a'.repeat(65),
  'con:',
]) {
  test(`refuses the name ${JSON.stringify(name.slice(0, 10))} before it touches the disk`, async (t) => {
    const home = newHome(t)
    const refused = { name: 'WalletError', code: 'BAD_KEY_NAME' }
    assert.throws(() => keyFilePath(home, name), refused)
    assert.throws(() => keyRecord(name, keyFromSeed(SEED)), refused)
    await assert.rejects(saveKey(home, { ...RECORD, name }, PLAIN), refused)
    await assert.rejects(loadKey(home, name), refused)
    await assert.rejects(keyExists(home, name), refused)
    assert.deepEqual(readdirSync(home), [])
  })
}

test('a key that is not there is not found, and nobody is asked for a passphrase', async (t) => {
  const home = newHome(t)
  const ask = () => assert.fail('asked')
  await assert.rejects(loadKey(home, 'eve', ask), { code: 'KEY_NOT_FOUND' })
  await assert.rejects(showKey(home, 'eve'), { code: 'KEY_NOT_FOUND' })
  await saveKey(home, RECORD, PLAIN)
  assert.deepEqual(await loadKey(home, 'ann', ask), RECORD)
})

test('passphrases: wrong, empty, missing, asked for', async (t) => {
  const home = newHome(t)
  await saveKey(home, RECORD, QUICK)
  await assert.rejects(loadKey(home, 'ann', 'Correct horse'), { code: 'WRONG_PASSPHRASE' })
  await assert.rejects(loadKey(home, 'ann', ''), { code: 'PASSPHRASE_NEEDED' })
  await assert.rejects(loadKey(home, 'ann'), { code: 'PASSPHRASE_NEEDED' })
  assert.deepEqual(await loadKey(home, 'ann', async () => 'correct horse'), RECORD)
  const bob = { ...RECORD, name: 'bob' }
  await assert.rejects(saveKey(home, bob, { passphrase: '' }), { code: 'PASSPHRASE_NEEDED' })
  assert.equal(await keyExists(home, 'bob'), false)
})

const OTHER = keyFromSeed(new Uint8Array(32).fill(9))
for (const [what, protection, change] of [
  ['cut short', QUICK, undefined],
  ['a later version', QUICK, (file) => ({ ...file, version: 2 })],
  ['no secret', QUICK, ({ secret: _, ...file }) => file],
  ['an unknown encryption', QUICK, (file) => ({ ...file, encryption: 'rot13' })],
  ['another DID shown', QUICK, (file) => ({ ...file, did: OTHER.did })],
  ['another name shown', QUICK, (file) => ({ ...file, name: 'bob' })],
  ['a changed ciphertext', QUICK, (file) => ({ ...file, secret: flip(String(file.secret)) })],
  ['a secret that is no JSON', PLAIN, (file) => ({ ...file, secret: 'x' })],
  ['a seed of another key', PLAIN, (file) => ({ ...file, secret: withSeed(String(file.secret), OTHER.seed) })],
  ['a seed of 31 bytes', PLAIN, (file) => ({ ...file, secret: withSeed(String(file.secret), SEED.slice(1)) })],
] as const satisfies readonly [string, object, ((file: Record<string, unknown>) => object) | undefined][]) {
  test(`refuses a damaged file: ${what}`, async (t) => {
    const home = newHome(t)
    const path = await saveKey(home, RECORD, protection)
    if (change === undefined) writeFileSync(path, readFileSync(path).subarray(0, 60))
    else edit(path, change)
    await assert.rejects(loadKey(home, 'ann', 'correct horse'), { name: 'WalletError', code: 'BAD_KEY_FILE' })
  })
}

/** Changes a byte of the payload, which the header's check of the passphrase does not cover. */
function flip(armored: string): string {
  const bytes = armor.decode(armored)
  bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1
  return armor.encode(bytes)
}

function withSeed(json: string, seed: Uint8Array): string {
  return JSON.stringify({ ...JSON.parse(json), seed: toBase64Url(seed) })
}

test('an unencrypted key that others may read is not used', { skip: process.platform === 'win32' }, async (t) => {
  const home = newHome(t)
  const path = await saveKey(home, RECORD, PLAIN)
  chmodSync(path, 0o640)
  await assert.rejects(loadKey(home, 'ann'), { code: 'KEY_FILE_EXPOSED' })
  chmodSync(path, 0o600)
  assert.deepEqual(await loadKey(home, 'ann'), RECORD)
})

test('no message tells a secret', async (t) => {
  const home = newHome(t)
  const path = await saveKey(home, RECORD, PLAIN)
  const seed = toBase64Url(SEED)
  writeFileSync(path, readFileSync(path, 'utf8').replace(seed, `${seed}"oops`))
  await assert.rejects(
    loadKey(home, 'ann'),
    (error: Error) => !`${error.message} ${error.stack} ${error.cause}`.includes(seed),
  )
})
