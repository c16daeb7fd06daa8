import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey, sign as signByOpenSsl } from 'node:crypto'
import { test } from 'node:test'
import {
  concatBytes,
  domainMessage,
  fromHex,
  generateSeed,
  isStrictPublicKey,
  publicKeyFromSeed,
  sign,
  signDomain,
  toHex,
  verifyDomain,
  verifyStrict,
} from '@icn/crypto'
import { createVerifyPool } from '@icn/crypto/verify-pool'
import * as pure from '@icn/crypto/verify-pure'
import { verifyZip215, verifyZip215Pure } from '@icn/crypto/verify-zip215'
import fc from 'fast-check'
import * as pureSigner from '../src/ed25519-pure.ts'
import { readSignatureVectors, type SignatureVector } from './vectors.ts'

const seed = fc.uint8Array({ minLength: 32, maxLength: 32 })
const message = fc.uint8Array({ maxLength: 300 })

for (const [file, count, valid] of [
  ['wycheproof', 150, 88],
  ['speccheck', 12, 1],
  ['zip215', 196, 0],
] as const) {
  const vectors = readSignatureVectors(file)

  test(`${file}: libsodium, pure JavaScript and the pool give the verdict of every vector`, async () => {
    assert.equal(vectors.length, count)
    const expected = vectors.map((vector) => vector.valid)
    assert.equal(expected.filter(Boolean).length, valid)
    assertVerdicts(vectors, (v) => verifyStrict(v.publicKey, v.message, v.signature), expected)
    assertVerdicts(vectors, (v) => pure.verifyStrict(v.publicKey, v.message, v.signature), expected)
    const pool = createVerifyPool()
    const verdicts = await pool.verify(vectors)
    await pool.close()
    assert.deepEqual(verdicts, expected)
  })

  test(`${file}: libsodium and pure JavaScript agree on which keys may be registered`, () => {
    const expected = vectors.map((vector) => vector.keyRegistrable)
    assertVerdicts(vectors, (v) => isStrictPublicKey(v.publicKey), expected)
    assertVerdicts(vectors, (v) => pure.isStrictPublicKey(v.publicKey), expected)
  })
}

function assertVerdicts(
  vectors: readonly SignatureVector[],
  judge: (vector: SignatureVector) => boolean,
  expected: readonly boolean[],
): void {
  const wrong = vectors.filter((vector, index) => judge(vector) !== expected[index])
  assert.deepEqual(
    wrong.map(({ name, reason }) => `${name}: ${reason}`),
    [],
  )
}

// RFC 8032, section 7.1, tests 1 to 3.
for (const [secret, publicKey, text, signature] of [
  [
    '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
  [
    'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    'af82',
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  ],
] as const) {
  test(`RFC 8032: key and signature of ${secret.slice(0, 8)}…`, () => {
    for (const { publicKeyOf, signDetached } of [
      { publicKeyOf: publicKeyFromSeed, signDetached: sign },
      { publicKeyOf: pureSigner.publicKeyOf, signDetached: pureSigner.signDetached },
    ]) {
      assert.equal(toHex(publicKeyOf(fromHex(secret))), publicKey)
      assert.equal(toHex(signDetached(fromHex(text), fromHex(secret))), signature)
    }
    assert.ok(isStrictPublicKey(fromHex(publicKey)))
  })
}

test('libsodium, pure JavaScript and OpenSSL sign the same, and both verifiers accept it', () => {
  fc.assert(
    fc.property(seed, message, (secret, bytes) => {
      const publicKey = publicKeyFromSeed(secret)
      const signature = sign(bytes, secret)
      assert.equal(toHex(pureSigner.publicKeyOf(secret)), toHex(publicKey))
      assert.equal(toHex(pureSigner.signDetached(bytes, secret)), toHex(signature))
      assert.equal(toHex(signByOpenSsl(null, bytes, openSslKey(secret))), toHex(signature))
      assert.ok(verifyStrict(publicKey, bytes, signature))
      assert.ok(pure.verifyStrict(publicKey, bytes, signature))
    }),
    { numRuns: 50 },
  )
})

test('both verifiers refuse a signature with one bit changed anywhere', () => {
  fc.assert(
    fc.property(seed, message, fc.nat(95), fc.nat(7), (secret, bytes, at, bit) => {
      const both = concatBytes(publicKeyFromSeed(secret), sign(bytes, secret))
      both[at] = (both[at] ?? 0) ^ (1 << bit)
      const [publicKey, signature] = [both.subarray(0, 32), both.subarray(32)]
      assert.equal(verifyStrict(publicKey, bytes, signature), false)
      assert.equal(pure.verifyStrict(publicKey, bytes, signature), false)
    }),
    { numRuns: 100 },
  )
})

test('a signature of any other length, or by a key of any other length, is not valid', () => {
  const secret = generateSeed()
  const [publicKey, signature] = [publicKeyFromSeed(secret), sign(new Uint8Array(), secret)]
  for (const verify of [verifyStrict, pure.verifyStrict]) {
    for (const length of [0, 31, 33, 63, 65]) {
      assert.equal(verify(publicKey, new Uint8Array(), new Uint8Array(length)), false)
      assert.equal(verify(new Uint8Array(length), new Uint8Array(), signature), false)
    }
  }
  for (const isStrict of [isStrictPublicKey, pure.isStrictPublicKey]) {
    assert.equal(isStrict(publicKey.subarray(0, 31)), false)
    assert.equal(isStrict(new Uint8Array(0)), false)
  }
})

test('a signature fits one domain only', () => {
  const secret = generateSeed()
  const bytes = new Uint8Array([1, 2, 3])
  const publicKey = publicKeyFromSeed(secret)
  const signature = signDomain('icn:tx:1', bytes, secret)
  assert.equal(toHex(domainMessage('a', bytes)), '6100010203')
  assert.ok(verifyDomain('icn:tx:1', publicKey, bytes, signature))
  assert.equal(verifyDomain('icn:tx:2', publicKey, bytes, signature), false)
  assert.equal(verifyStrict(publicKey, bytes, signature), false)
  assert.throws(() => domainMessage('a\0b', bytes), RangeError)
})

test('a seed of another length than 32 bytes is refused', () => {
  for (const length of [0, 31, 33, 64]) {
    assert.throws(() => publicKeyFromSeed(new Uint8Array(length)), RangeError)
    assert.throws(() => sign(new Uint8Array(), new Uint8Array(length)), RangeError)
  }
  assert.equal(generateSeed().length, 32)
  assert.notDeepEqual(generateSeed(), generateSeed())
})

function openSslKey(secret: Uint8Array) {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), secret])
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  assert.equal(createPublicKey(key).asymmetricKeyType, 'ed25519')
  return key
}

test('ZIP 215 takes all of its own vectors, and whatever the strict rule takes', () => {
  for (const verify of [verifyZip215, verifyZip215Pure]) {
    const published = readSignatureVectors('zip215')
    assertVerdicts(
      published,
      (v) => verify(v.publicKey, v.message, v.signature),
      published.map(() => true),
    )
    const strict = [...readSignatureVectors('wycheproof'), ...readSignatureVectors('speccheck')].filter(
      ({ valid }) => valid,
    )
    assertVerdicts(
      strict,
      (v) => verify(v.publicKey, v.message, v.signature),
      strict.map(() => true),
    )
  }
})

test('ZIP 215 refuses what is signed by nobody, and malformed lengths', () => {
  const publicKey = publicKeyFromSeed(new Uint8Array(32))
  const signature = sign(new Uint8Array(3), new Uint8Array(32))
  // S at or above the group order is the one thing that this rule refuses of encodings.
  const largeS = signature.slice().fill(0xff, 32)
  for (const verify of [verifyZip215, verifyZip215Pure]) {
    assert.equal(verify(publicKey, new Uint8Array(3), signature), true)
    for (const [key, message, bytes] of [
      [publicKey, new Uint8Array(4), signature],
      [publicKeyFromSeed(new Uint8Array(32).fill(1)), new Uint8Array(3), signature],
      [publicKey, new Uint8Array(3), largeS],
      [publicKey, new Uint8Array(3), signature.subarray(1)],
      [publicKey.subarray(1), new Uint8Array(3), signature],
    ] as const)
      assert.equal(verify(key, message, bytes), false)
  }
})
