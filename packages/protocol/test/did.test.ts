import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeCanonical, sha256, toBase32, toBase58 } from '@icn/crypto'
import {
  didFromPublicKey,
  identityDid,
  invitationMessage,
  ledgerId,
  organizationDid,
  parseDid,
  proveInvitation,
  publicKeyFromDid,
  publicKeyFromText,
  publicKeyToText,
  verifyInvitation,
} from '@icn/protocol'
import { arbitraryBodies, arbitraryChainId, arbitraryDid, arbitraryLedgerId, arbitrarySeed } from '@icn/testkit'
import fc from 'fast-check'
import { DID, KEY_TEXT, PUBLIC_KEY, SEED } from './fixtures.ts'

test('a public key comes back from its text and from its DID', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (publicKey) => {
      const text = publicKeyToText(publicKey)
      assert.match(text, /^z6Mk[1-9A-HJ-NP-Za-km-z]{44}$/)
      assert.deepEqual(publicKeyFromText(text), publicKey)
      const did = didFromPublicKey(publicKey)
      assert.deepEqual(publicKeyFromDid(did), publicKey)
      assert.deepEqual(parseDid(did), { method: 'key', publicKey, keyId: text })
    }),
  )
})

// The Ed25519 example of the did:key specification v0.9, section 5.1.
test('the text is the one of the did:key specification', () => {
  const did = 'did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK'
  const publicKey = publicKeyFromDid(did)
  assert.ok(publicKey !== undefined)
  assert.equal(didFromPublicKey(publicKey), did)
})

test('a text is a key only if it is what would be written', () => {
  fc.assert(
    fc.property(fc.nat(47), fc.constantFrom(...'1zZ0OIl9k '), (at, char) => {
      const text = KEY_TEXT.slice(0, at) + char + KEY_TEXT.slice(at + 1)
      const publicKey = publicKeyFromText(text)
      if (publicKey !== undefined) assert.equal(publicKeyToText(publicKey), text)
    }),
    { numRuns: 300 },
  )
})

for (const [name, text] of [
  ['nothing', ''],
  ['a key cut short', KEY_TEXT.slice(0, -1)],
  ['a key too long', `${KEY_TEXT}1`],
  ['another multibase', `f${KEY_TEXT.slice(1)}`],
  ['another kind of key (X25519)', `z${toBase58(new Uint8Array([0xec, 1, ...PUBLIC_KEY]))}`],
  ['a key of 33 bytes', `z${toBase58(new Uint8Array([0xed, 1, ...PUBLIC_KEY, 0]))}`],
] as const) {
  test(`no key: ${name}`, () => {
    assert.equal(publicKeyFromText(text), undefined)
    assert.equal(publicKeyFromDid(`did:key:${text}`), undefined)
    assert.equal(parseDid(`did:key:${text}`), undefined)
  })
}

test('DIDs of every kind are taken apart', () => {
  fc.assert(
    fc.property(arbitraryDid, (did) => {
      const parsed = parseDid(did)
      assert.ok(parsed !== undefined)
      const again = parsed.method === 'key' ? `did:key:${parsed.keyId}` : `did:icn:${parsed.chainId}:${parsed.id}`
      assert.equal(again, did)
    }),
  )
})

for (const did of [
  '',
  'did:icn:',
  'did:icn:a',
  'did:icn:A:b',
  'did:icn:a:b:c',
  'did:web:a',
  `${DID}#x`,
  'did:icn:a:b\n',
]) {
  test(`no DID: ${JSON.stringify(did)}`, () => assert.equal(parseDid(did), undefined))
}

test('a registered identity is named by the hash of its first body', () => {
  fc.assert(
    fc.property(arbitraryChainId, arbitraryBodies['identity.register'], (chainId, body) => {
      const did = identityDid(chainId, body)
      assert.equal(did, `did:icn:${chainId}:${toBase32(sha256(encodeCanonical(body)))}`)
      assert.equal(did.length, `did:icn:${chainId}:`.length + 52)
      assert.equal(parseDid(did)?.method, 'icn')
    }),
    { numRuns: 50 },
  )
})

test('ids of the ledger say kind, height and index, and differ between networks', () => {
  const one = ledgerId('p', 12, 3, new Uint8Array(32))
  assert.match(one, /^p12-3-[a-z2-7]{6}$/)
  assert.equal(one, ledgerId('p', 12, 3, new Uint8Array(32)))
  const others = [
    ledgerId('p', 12, 3, new Uint8Array(32).fill(1)),
    ledgerId('o', 12, 3, new Uint8Array(32)),
    ledgerId('p', 12, 4, new Uint8Array(32)),
    ledgerId('p', 13, 3, new Uint8Array(32)),
  ]
  for (const other of others) assert.notEqual(other.slice(-6), one.slice(-6))
  assert.equal(organizationDid('net', 'o1-0-aaaaaa'), 'did:icn:net:o1-0-aaaaaa')
})

test('an invitation proof fits one network, invitation, applicant and key', () => {
  fc.assert(
    fc.property(arbitraryChainId, arbitraryLedgerId, arbitraryDid, arbitrarySeed, (chainId, id, applicant, seed) => {
      const proof = proveInvitation(chainId, id, applicant, SEED)
      assert.match(proof, /^[A-Za-z0-9_-]{86}$/)
      const message = invitationMessage(chainId, id, applicant)
      assert.equal(new TextDecoder().decode(message), `${chainId} ${id} ${applicant}`)
      assert.ok(verifyInvitation(message, KEY_TEXT, proof))
      for (const other of [
        invitationMessage(`${chainId}x`, id, applicant),
        invitationMessage(chainId, `${id}x`, applicant),
        invitationMessage(chainId, id, `${applicant}x`),
      ]) {
        assert.equal(verifyInvitation(other, KEY_TEXT, proof), false)
      }
      assert.equal(verifyInvitation(message, KEY_TEXT, proveInvitation(chainId, id, applicant, seed)), false)
    }),
    { numRuns: 50 },
  )
})

test('a malformed proof or key is not valid, and nothing is thrown', () => {
  const message = invitationMessage('net', 'i1-0-aaaaaa', DID)
  const proof = proveInvitation('net', 'i1-0-aaaaaa', DID, SEED)
  for (const wrong of ['', 'a', `${proof}A`, `${proof}==`, proof.slice(1), proof.replace(/.$/, '*')]) {
    assert.equal(verifyInvitation(message, KEY_TEXT, wrong), false)
  }
  for (const key of ['', 'z6Mk', DID]) assert.equal(verifyInvitation(message, key, proof), false)
})
