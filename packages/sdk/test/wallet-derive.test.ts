import assert from 'node:assert/strict'
import { createHash, hkdfSync, pbkdf2Sync } from 'node:crypto'
import { test } from 'node:test'
import { publicKeyFromSeed, toHex } from '@icn/crypto'
import { parseDid } from '@icn/protocol'
import fc from 'fast-check'
import {
  createMnemonic,
  deriveBaseKey,
  deriveOrgKey,
  keyFromSeed,
  mnemonicToSeed,
  parseMnemonic,
} from '../src/wallet/index.ts'

/** The longest phrase of the BIP-39 test vectors: 256 bits of zeros. */
const PHRASE = `${'abandon '.repeat(23)}art`

test('a phrase gives the seed that BIP-39 prescribes', async () => {
  const seed = await mnemonicToSeed(PHRASE)
  assert.equal(
    toHex(seed),
    '408b285c123836004f4b8842c89324c1f01382450c0d439af345ba7fc49acf705489c6fc77dbd4e3dc1dd8cc6bc9f043db8ada1e243c4a0eafb290d399480840',
  )
  assert.deepEqual(Buffer.from(seed), pbkdf2Sync(PHRASE, 'mnemonic', 2048, 64, 'sha512'))
})

test('a new phrase has 24 words and is another every time', () => {
  const phrases = new Set(Array.from({ length: 20 }, createMnemonic))
  assert.equal(phrases.size, 20)
  for (const phrase of phrases) {
    assert.equal(phrase.split(' ').length, 24)
    assert.equal(parseMnemonic(phrase), phrase)
  }
})

test('a phrase may be typed in capitals, on several lines', () => {
  assert.equal(parseMnemonic(`  ${PHRASE.toUpperCase().replaceAll(' ', ' \n\t')}\n`), PHRASE)
})

for (const [what, text, message] of [
  ['no words', '', /1 words, expected 24/],
  ['12 words', `${'abandon '.repeat(11)}about`, /12 words/],
  ['25 words', `${PHRASE} art`, /25 words/],
  ['an unknown word', PHRASE.replace('abandon abandon', 'abandon secretword'), /word 2 is not/],
  ['a wrong checksum', 'abandon '.repeat(24), /checksum/],
  ['two words changed over', PHRASE.replace('abandon art', 'art abandon'), /checksum/],
] as const) {
  test(`refuses a phrase: ${what}`, () => {
    assert.throws(
      () => parseMnemonic(text),
      (error: Error) => {
        assert.deepEqual([error.name, 'code' in error && error.code], ['WalletError', 'BAD_MNEMONIC'])
        assert.match(error.message, message)
        assert.doesNotMatch(error.message, /secretword/)
        return true
      },
    )
  })
}

test('keys of an organization are HKDF-SHA256, as node computes it too', async () => {
  const seed = await mnemonicToSeed(PHRASE)
  for (const [label, info] of [
    ['did:icn:demo:o1-0-abcdef', 'icn:org-key:1:did:icn:demo:o1-0-abcdef'],
    ['Bäckerei', 'icn:org-key:1:Bäckerei'],
  ] as const) {
    const expected = new Uint8Array(hkdfSync('sha256', seed, new Uint8Array(), info, 32))
    assert.deepEqual(deriveOrgKey(seed, label).seed, expected)
  }
  assert.deepEqual(deriveBaseKey(seed).seed, new Uint8Array(hkdfSync('sha256', seed, '', 'icn:base-key:1', 32)))
})

/** Fixed for ever: a wallet that derives another key has lost its owner's membership. */
test('the same phrase and label give the same DID for ever', async () => {
  const seed = await mnemonicToSeed(PHRASE)
  assert.equal(
    deriveOrgKey(seed, 'did:icn:demo:o1-0-abcdef').did,
    'did:key:z6MkpFNiv1Z516aTCTHjW4r14AXpUxyKwYgnLSSS1h4iS5VE',
  )
  assert.equal(deriveBaseKey(seed).did, 'did:key:z6MkhWQV2DD5WL3L4x7Yn9pRMGCZk7PiYepHE6BEDZxfCxEh')
})

const walletSeed = fc.uint8Array({ minLength: 64, maxLength: 64 })
const label = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((text) => text.trim() === text)

test('a key signs for its own did:key', () => {
  fc.assert(
    fc.property(walletSeed, label, (seed, name) => {
      const key = deriveOrgKey(seed, name)
      assert.deepEqual(parseDid(key.did), { method: 'key', publicKey: key.publicKey, keyId: key.keyId })
      assert.deepEqual(publicKeyFromSeed(key.seed), key.publicKey)
      assert.deepEqual(deriveOrgKey(seed, name), key)
      assert.deepEqual(keyFromSeed(key.seed), key)
    }),
    { numRuns: 50 },
  )
})

test('two labels, two wallets and the base have different keys', () => {
  fc.assert(
    fc.property(walletSeed, walletSeed, label, label, (one, two, here, there) => {
      fc.pre(toHex(one) !== toHex(two) && here.normalize('NFC') !== there.normalize('NFC'))
      const keys = [deriveOrgKey(one, here), deriveOrgKey(one, there), deriveOrgKey(two, here), deriveBaseKey(one)]
      assert.equal(new Set(keys.map(({ did }) => did)).size, 4)
      assert.equal(new Set(keys.map(({ seed }) => toHex(seed))).size, 4)
    }),
    { numRuns: 50 },
  )
})

/** Who sees both DIDs and knows both labels, but not the seed, has 32 bytes from each other: about half their bits differ. */
test('keys of two organizations share no more bits than chance', async () => {
  const seed = await mnemonicToSeed(PHRASE)
  const bits = (key: Uint8Array) => [...key].flatMap((byte) => Array.from({ length: 8 }, (_, i) => (byte >> i) & 1))
  const all = Array.from({ length: 64 }, (_, i) => bits(deriveOrgKey(seed, `org-${i}`).seed))
  let differing = 0
  for (const [i, a] of all.entries())
    for (const b of all.slice(i + 1)) differing += a.filter((bit, at) => bit !== b[at]).length
  const share = differing / ((64 * 63) / 2) / 256
  assert.ok(share > 0.48 && share < 0.52, `${share} of the bits differ`)
})

test('one text in two Unicode forms is one label', () => {
  const seed = new Uint8Array(64)
  assert.equal(deriveOrgKey(seed, 'Cafe\u0301').did, deriveOrgKey(seed, 'Caf\u00e9').did)
})

for (const [what, bad] of [
  ['nothing', ''],
  ['spaces around', ' a'],
  ['257 characters', 'a'.repeat(257)],
  ['half a character', 'a\ud800'],
] as const) {
  test(`refuses a label: ${what}`, () => {
    assert.throws(() => deriveOrgKey(new Uint8Array(64), bad), { name: 'WalletError', code: 'BAD_LABEL' })
  })
}

test('refuses a seed of another length', () => {
  const short = createHash('sha256').update('x').digest()
  assert.throws(() => deriveOrgKey(short, 'a'), RangeError)
})
