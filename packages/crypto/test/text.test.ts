import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import {
  compareBytes,
  concatBytes,
  EncodingError,
  equalBytes,
  fromBase32,
  fromBase58,
  fromBase64Url,
  fromHex,
  sha256,
  toBase32,
  toBase58,
  toBase64Url,
  toHex,
} from '@icn/crypto'
import fc from 'fast-check'
import { sha256One as sha256Pure } from '../src/sha256-browser.ts'

const bytes = fc.uint8Array({ maxLength: 100 })
const encodings = [
  ['hex', toHex, fromHex],
  ['base32', toBase32, fromBase32],
  ['base58', toBase58, fromBase58],
  ['base64url', toBase64Url, fromBase64Url],
] as const

for (const [name, write, read] of encodings) {
  test(`${name}: what is written is read back`, () => {
    fc.assert(fc.property(bytes, (value) => assert.deepEqual(read(write(value)), value)))
  })

  test(`${name}: a text is read only if it is what would be written`, () => {
    const alphabet = [...'abcxyzABCXYZ012789-_=+/ \n\0é']
    const changed = fc.tuple(bytes, fc.nat(), fc.constantFrom(...alphabet)).map(([value, at, char]) => {
      const text = write(value)
      const index = at % (text.length + 1)
      return text.slice(0, index) + char + text.slice(index + 1)
    })
    fc.assert(
      fc.property(fc.oneof(changed, fc.string({ maxLength: 20 })), (text) => {
        let value: Uint8Array
        try {
          value = read(text)
        } catch (error) {
          assert.ok(error instanceof EncodingError && error.code === 'BAD_ENCODING', `${error}`)
          return
        }
        assert.equal(write(value), text)
      }),
      { numRuns: 1_000 },
    )
  })
}

// RFC 4648, section 10, without padding; draft-msporny-base58-03, section 5.
test('the texts are those of the published examples', () => {
  assert.equal(toBase32(ascii('foobar')), 'mzxw6ytboi')
  assert.equal(toBase32(ascii('fo')), 'mzxq')
  assert.equal(toBase64Url(ascii('fooba')), 'Zm9vYmE')
  assert.equal(toBase64Url(new Uint8Array([251, 255])), '-_8')
  assert.equal(toHex(ascii('foobar')), '666f6f626172')
  assert.equal(toBase58(ascii('Hello World!')), '2NEpo7TZRRrLZSi2U')
  assert.equal(toBase58(fromHex('0000287fb4cd')), '11233QC4')
})

for (const [name, read, text] of [
  ['upper-case hex', fromHex, 'AA'],
  ['half a byte of hex', fromHex, 'a'],
  ['upper-case base32', fromBase32, 'MZXW'],
  ['padded base32', fromBase32, 'mzxq===='],
  ['stray bits of base32', fromBase32, 'mzxr'],
  ['padded base64url', fromBase64Url, 'Zm8='],
  ['standard base64', fromBase64Url, '+/8'],
  ['stray bits of base64url', fromBase64Url, 'Zm9'],
  ['a letter that base58 leaves out', fromBase58, '0OIl'],
  ['base58 beyond 256 characters', fromBase58, '1'.repeat(257)],
] as const) {
  test(`refuses ${name}`, () => {
    assert.throws(() => read(text), { name: 'EncodingError', code: 'BAD_ENCODING' })
  })
}

test('SHA-256 by OpenSSL and in pure JavaScript agree, in parts or whole', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 900 }), { maxLength: 5 }), (parts) => {
      const whole = concatBytes(...parts)
      const expected = createHash('sha256').update(whole).digest('hex')
      assert.equal(toHex(sha256(...parts)), expected)
      assert.equal(toHex(sha256(whole)), expected)
      assert.equal(toHex(sha256Pure(whole)), expected)
    }),
  )
})

test('bytes compare as Buffer compares them', () => {
  fc.assert(
    fc.property(bytes, bytes, (a, b) => {
      assert.equal(Math.sign(compareBytes(a, b)), Buffer.compare(a, b))
      assert.equal(equalBytes(a, b), Buffer.compare(a, b) === 0)
      assert.equal(compareBytes(a, a.slice()), 0)
    }),
  )
})

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
