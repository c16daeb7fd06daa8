import assert from 'node:assert/strict'
import { test } from 'node:test'
import { concatBytes, encodeCanonical, fromHex, sha256, toHex, verifyStrict } from '@icn/crypto'
import {
  joinSigned,
  parseTransaction,
  publicKeyFromText,
  rejectName,
  serializeTransaction,
  signedMessage,
  signTransaction,
  TransactionReject,
  verifyTransaction,
} from '@icn/protocol'
import { arbitraryTransaction } from '@icn/testkit'
import fc from 'fast-check'
import { ascii, BODY, PUBLIC_KEY, SEED, signPayload, signValue, TX } from './fixtures.ts'

test('a signed transaction is taken apart into what it was made of', () => {
  fc.assert(
    fc.property(arbitraryTransaction, ({ tx, seed }) => {
      const bytes = signTransaction(tx, seed)
      const answer = parseTransaction(bytes)
      assert.ok(answer.ok, JSON.stringify(answer))
      const { parsed } = answer
      assert.deepEqual(parsed.tx, tx)
      assert.deepEqual(parsed.payload, serializeTransaction(tx))
      assert.deepEqual(parsed.bytes, bytes)
      assert.deepEqual(parsed.hash, sha256(bytes))
      assert.deepEqual(joinSigned(parsed.payload, parsed.signature), bytes)
      const publicKey = publicKeyFromText(tx.keyId)
      assert.ok(publicKey !== undefined && verifyTransaction(parsed, publicKey))
    }),
    { numRuns: 200 },
  )
})

test('the signature covers domain, zero byte and payload, and every byte of them', () => {
  const answer = parseTransaction(signTransaction(TX, SEED))
  assert.ok(answer.ok)
  const { parsed } = answer
  assert.deepEqual(signedMessage(parsed), concatBytes(ascii('icn:tx:1\0'), parsed.payload))
  assert.ok(verifyStrict(PUBLIC_KEY, signedMessage(parsed), parsed.signature))
  for (let i = 0; i < parsed.payload.length; i++) {
    const payload = parsed.payload.slice()
    payload[i] = (payload[i] ?? 0) ^ 1
    assert.equal(verifyTransaction({ ...parsed, payload }, PUBLIC_KEY), false)
  }
})

const shortSignature = new Uint8Array(3)
const negative = { ...TX, sequence: -1, chainId: 'NO', body: { kind: 'no.such' } }
const shortAndTooLong = concatBytes(signPayload(fromHex('a1f93c00'), shortSignature), new Uint8Array(1))

for (const [name, bytes, code] of [
  ['too large, and nothing but zeros', new Uint8Array(65_537), 'TOO_LARGE'],
  ['too many items, then a fraction', signPayload(tooManyItems()), 'TOO_LARGE'],
  ['bytes after a list whose payload has a fraction', shortAndTooLong, 'NON_CANONICAL'],
  ['nothing at all', new Uint8Array(), 'NON_CANONICAL'],
  ['payload: a key twice, then a fraction', signPayload(fromHex('a3616101616101616bf93c00')), 'NON_CANONICAL'],
  ['payload: a fraction, then a key twice', signPayload(fromHex('a36161f93c00616101616101')), 'BAD_AMOUNT'],
  [
    'payload: bytes left after a valid one',
    signPayload(concatBytes(serializeTransaction(TX), fromHex('f93c00'))),
    'NON_CANONICAL',
  ],
  ['negative, unknown kind, wrong chain id', signPayload(encodeCanonical(negative), shortSignature), 'BAD_AMOUNT'],
  ['negative in an unknown kind', signValue({ ...TX, body: { kind: 'no.such', x: [-1] } }), 'BAD_AMOUNT'],
  ['negative in a body', signValue({ ...TX, body: { ...BODY, ballot: -1, more: 1 } }), 'BAD_AMOUNT'],
  ['2^53 as sequence', signPayload(withSequence('1b0020000000000000')), 'BAD_AMOUNT'],
  ['negative zero as sequence', signPayload(withSequence('f98000')), 'BAD_AMOUNT'],
  ['NaN as sequence', signPayload(withSequence('f97e00')), 'BAD_AMOUNT'],
  ['a forbidden key, a negative number', signPayload(withForbiddenKey('__proto__')), 'FORBIDDEN_KEY'],
  ['the key constructor', signPayload(withForbiddenKey('constructor')), 'FORBIDDEN_KEY'],
  ['a list of three', encodeCanonical([new Uint8Array(), new Uint8Array(), 0]), 'BAD_BODY'],
  ['no list', encodeCanonical({ payload: 1 }), 'BAD_BODY'],
  ['texts instead of bytes', encodeCanonical(['a', 'b']), 'BAD_BODY'],
  [
    'wrong chain id, unknown kind',
    signPayload(encodeCanonical({ ...negative, sequence: 0 }), shortSignature),
    'BAD_BODY',
  ],
  ['no kind', signValue({ ...TX, body: {} }), 'BAD_BODY'],
  ['a field too many', signValue({ ...TX, more: 1 }), 'BAD_BODY'],
  ['a field too many in the body', signValue({ ...TX, body: { ...BODY, more: 1 } }), 'BAD_BODY'],
  ['a payload that is no map', signValue([1]), 'BAD_BODY'],
  ['bytes where text belongs', signValue({ ...TX, signer: ascii('did:key:x') }), 'BAD_BODY'],
  ['unknown kind, short signature', unknownKind(), 'UNKNOWN_KIND'],
  ['the kind toString', signValue({ ...TX, body: { kind: 'toString' } }), 'UNKNOWN_KIND'],
  ['short signature', signPayload(serializeTransaction(TX), shortSignature), 'BAD_SIGNATURE'],
  ['long signature', signPayload(serializeTransaction(TX), new Uint8Array(65)), 'BAD_SIGNATURE'],
] as const) {
  test(`refuses as ${code}: ${name}`, () => {
    const answer = parseTransaction(bytes)
    assert.equal(answer.ok, false)
    assert.equal(answer.ok || rejectName(answer.code), code)
    assert.equal(answer.ok || TransactionReject[code], answer.ok || answer.code)
  })
}

test('a detail says at which field, and what was expected there', () => {
  const at = (value: unknown) => {
    const answer = parseTransaction(signValue(value))
    return answer.ok ? undefined : answer.detail
  }
  assert.deepEqual(at({ ...TX, body: { ...BODY, proposal: 'p1' } }), {
    at: '/body/proposal',
    expected: 'an id of the ledger, such as p12-0-k3j5x2',
  })
  assert.deepEqual(at({ ...TX, sequence: -5 }), { at: '/sequence', expected: 'an integer of 0 or more' })
  assert.equal(at({ ...TX, body: { ...BODY, ballot: 'maybe', more: 1 } })?.at, '/body/ballot')
  assert.deepEqual(at({ ...TX, body: { kind: 'x'.repeat(100) } }), { kind: 'x'.repeat(64) })
  const long = at({ ...TX, body: { ...BODY, ['y/'.repeat(5_000)]: -1 } })
  assert.ok(long !== undefined && `${long.at}`.length < 200)
})

test('any bytes are answered, and what is accepted is canonical', () => {
  const changed = fc.tuple(arbitraryTransaction, fc.nat(), fc.nat(255)).map(([{ tx, seed }, at, byte]) => {
    const bytes = signTransaction(tx, seed)
    bytes[at % bytes.length] = byte
    return bytes
  })
  fc.assert(
    fc.property(fc.oneof(changed, fc.uint8Array({ maxLength: 200 })), (bytes) => {
      const answer = parseTransaction(bytes)
      if (!answer.ok) {
        assert.ok(answer.code >= TransactionReject.TOO_LARGE && answer.code <= TransactionReject.BAD_SIGNATURE)
        return
      }
      const { tx, signature } = answer.parsed
      assert.equal(toHex(encodeCanonical([encodeCanonical(tx), signature])), toHex(bytes))
    }),
    { numRuns: 500 },
  )
})

/** Hostile bytes, as large as allowed for `part` 1 and proportionally smaller for a part. */
const hostile: Readonly<Record<string, (part: number) => Uint8Array>> = {
  'lists in lists': (part) => new Uint8Array(65_536 * part).fill(0x81),
  'lists in lists as payload': (part) => signPayload(new Uint8Array(65_400 * part).fill(0x81)),
  'many items': (part) => signPayload(tooManyItems(20_000 * part)),
  'many texts': (part) =>
    signPayload(encodeCanonical({ ...TX, body: { kind: 'no.such', list: new Array(16_000 * part).fill('a') } })),
  'many keys': (part) =>
    signValue({ ...TX, body: { kind: 'vote.cast', ...Object.fromEntries(manyKeys(8_000 * part)) } }),
}

for (const [name, bytesOf] of Object.entries(hostile)) {
  test(`hostile bytes as large as allowed take about as long as 32 parts of it: ${name}`, () => {
    const whole = bytesOf(1)
    const part = bytesOf(1 / 32)
    let wholeMicros = 0
    let partsMicros = 0
    refusalMicros(part, 32)
    for (let round = 0; round < 10; round++) {
      partsMicros += refusalMicros(part, 32)
      wholeMicros += refusalMicros(whole, 1)
    }
    // A step for each pair would make it 32 times. Some systems count processor time in steps of 4 to 10 ms.
    assert.ok(wholeMicros < 4 * partsMicros + 20_000, `${wholeMicros} µs, in parts ${partsMicros} µs`)
  })
}

/** Processor time of this thread for refusing the bytes so many times; other processes do not count. */
function refusalMicros(bytes: Uint8Array, times: number): number {
  const before = process.threadCpuUsage()
  for (let i = 0; i < times; i++) assert.equal(parseTransaction(bytes).ok, false)
  const { user, system } = process.threadCpuUsage(before)
  return user + system
}

function tooManyItems(count = 20_000): Uint8Array {
  const list = new Uint8Array(count + 3).fill(0xf6)
  list.set([0x99, count >> 8, count & 255])
  list.set([0xf9, 0x3c, 0x00], count)
  return list
}

/** A transaction whose sequence, 0, is written as these bytes instead. */
function withSequence(hex: string): Uint8Array {
  const payload = serializeTransaction(TX)
  const key = ascii('hsequence')
  const at = toHex(payload).indexOf(toHex(key).slice(2)) / 2 + key.length - 1
  assert.equal(payload[at], 0)
  return concatBytes(payload.subarray(0, at), fromHex(hex), payload.subarray(at + 1))
}

/** `{ "a": −1, <key>: −1 }`, which no encoder of ours would write. */
function withForbiddenKey(key: string): Uint8Array {
  return concatBytes(fromHex('a2616120'), new Uint8Array([0x60 + key.length]), ascii(key), fromHex('20'))
}

function unknownKind(): Uint8Array {
  return signPayload(encodeCanonical({ ...TX, body: { kind: 'no.such', anything: true } }), shortSignature)
}

function manyKeys(count: number): [string, number][] {
  return Array.from({ length: count }, (_, i) => [`k${i}`, 0])
}
