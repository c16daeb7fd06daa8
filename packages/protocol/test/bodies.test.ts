import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeCanonical } from '@icn/crypto'
import {
  type Body,
  type BodyKind,
  bodySchemas,
  checkBody,
  Limits,
  parseTransaction,
  rejectName,
  signTransaction,
  type Transaction,
} from '@icn/protocol'
import { arbitraryBodies, arbitraryBody } from '@icn/testkit'
import fc from 'fast-check'
import { DID, KEY_TEXT, ORG, SEED, signValue, TX } from './fixtures.ts'

const kinds = Object.keys(bodySchemas) as BodyKind[]

for (const kind of kinds) {
  test(`${kind}: every body that its schema means is accepted and comes back the same`, () => {
    fc.assert(
      fc.property(arbitraryBodies[kind], (body) => {
        const answer = parseTransaction(signTransaction({ ...TX, body } as Transaction, SEED))
        assert.ok(answer.ok, JSON.stringify(answer))
        assert.deepEqual(answer.parsed.tx.body, body)
        assert.deepEqual(checkBody(JSON.parse(JSON.stringify(body))), { ok: true, body })
      }),
      { numRuns: 60 },
    )
  })

  test(`${kind}: no field may be missing, and none may be added`, () => {
    const [sample] = fc.sample<Body>(arbitraryBodies[kind], 1)
    const body: Readonly<Record<string, unknown>> = { ...sample }
    for (const name of Object.keys(body)) {
      const { [name]: _, ...rest } = body
      assert.equal(codeOf(rest), 'BAD_BODY', name)
    }
    assert.equal(codeOf({ ...body, more: 1 }), 'BAD_BODY')
  })
}

/** Changes one value somewhere inside, as JSON would carry it. */
const strange = fc.constantFrom<unknown>(
  ...[null, true, '', 'x', -1, 0, 1, Number.MAX_SAFE_INTEGER, [], {}, [[]], [-1], 'x'.repeat(30_000)],
  ...[new Array(17_000).fill(0), deep(14), { a: [{ b: -7 }] }, '\0', 'no.such', ['a'], { kind: 'vote.cast' }],
)
const damaged = fc.tuple(arbitraryBody, fc.nat(), strange, fc.boolean()).map(([body, pick, value, add]) => {
  const copy = JSON.parse(JSON.stringify(body)) as Record<string, unknown>
  const holders = holdersOf(copy)
  const holder = holders[pick % holders.length] ?? copy
  const names = Object.keys(holder)
  const name = add || names.length === 0 ? 'zz' : (names[pick % names.length] ?? 'zz')
  if (Array.isArray(holder)) holder.push(value)
  else holder[name] = value
  return copy
})

test('a body is judged as JSON exactly as it is judged as bytes', () => {
  fc.assert(
    fc.property(fc.oneof(damaged, fc.jsonValue()), (json) => {
      fc.pre(isEncodable(json))
      assert.equal(codeOf(json), codeOfBytes(json))
    }),
    { numRuns: 600 },
  )
})

for (const [name, body, code, at] of [
  ['a fraction', '{"kind":"vote.cast","ballot":0.5}', 'BAD_AMOUNT', '/ballot'],
  ['negative zero', '{"kind":"vote.cast","ballot":-0}', 'BAD_AMOUNT', '/ballot'],
  ['a number beyond every integer', '{"kind":"vote.cast","ballot":1e400}', 'BAD_AMOUNT', '/ballot'],
  ['2^53', '{"kind":"vote.cast","ballot":[[9007199254740992]]}', 'BAD_AMOUNT', '/ballot/0/0'],
  ['a negative number and no kind', '{"a":-1}', 'BAD_AMOUNT', '/a'],
  ['a bare negative number', '-1', 'BAD_AMOUNT', ''],
  ['the key __proto__', '{"kind":"vote.cast","__proto__":{}}', 'FORBIDDEN_KEY', '/__proto__'],
  ['the key constructor', '{"a":[{"constructor":-1}]}', 'FORBIDDEN_KEY', '/a/0/constructor'],
  ['a lone surrogate', '{"kind":"\\ud800"}', 'NON_CANONICAL', '/kind'],
  ['a lone surrogate in a key', '{"\\ud800":1}', 'NON_CANONICAL', ''],
  ['13 lists within each other', JSON.stringify({ kind: deep(13) }), 'NON_CANONICAL', undefined],
  ['20,000 numbers', JSON.stringify({ kind: 'x', list: new Array(20_000).fill(0) }), 'TOO_LARGE', ''],
  ['70,000 letters, and a negative number', JSON.stringify({ a: 'x'.repeat(70_000), b: -1 }), 'TOO_LARGE', ''],
  ['no map', '[]', 'BAD_BODY', ''],
  ['null', 'null', 'BAD_BODY', ''],
  ['no kind', '{}', 'BAD_BODY', '/kind'],
  ['an unknown kind', '{"kind":"valueOf"}', 'UNKNOWN_KIND', undefined],
] as const) {
  test(`JSON is refused as ${code}: ${name}`, () => {
    const answer = checkBody(JSON.parse(body))
    assert.ok(!answer.ok)
    assert.equal(rejectName(answer.code), code)
    if (at !== undefined) assert.equal(answer.detail.at, at)
  })
}

const emoji = '😀'
/** A letter with four marks: one character on the screen, five code points. */
const marked = 'e\u0301\u0301\u0301\u0301'
for (const [name, text, isAccepted] of [
  ['120 letters', 'x'.repeat(120), true],
  ['121 letters', 'x'.repeat(121), false],
  ['120 emojis', emoji.repeat(120), true],
  ['121 emojis', emoji.repeat(121), false],
  ['24 letters of five code points', marked.repeat(24), true],
  ['25 letters of five code points', marked.repeat(25), false],
  ['one flag', '🇨🇭', true],
  ['nothing', '', false],
] as const) {
  test(`the length of a text counts code points: ${name}`, () => {
    const body = { kind: 'member.apply', org: ORG, name: text, statement: '', invitation: null }
    assert.equal(codeOf(body), isAccepted ? undefined : 'BAD_BODY')
  })
}

for (const [name, change, isAccepted] of [
  ['as it is', {}, true],
  ['an address with spaces', { endpoint: 'https://a b' }, false],
  ['an address beyond ASCII', { endpoint: 'https://é.example' }, false],
  ['an address of another scheme', { endpoint: 'javascript:alert(1)' }, false],
  ['an address that ends with a line', { endpoint: 'https://a\n' }, false],
  ['an id that ends with a line', { id: 'a\n' }, false],
  ['the longest address', { endpoint: `https://${'a'.repeat(300)}` }, true],
  ['an address too long', { endpoint: `https://${'a'.repeat(301)}` }, false],
] as const) {
  test(`a service: ${name}`, () => {
    const service = { id: 'home', type: 'Website', endpoint: 'https://example.org/#x', ...change }
    assert.equal(codeOf({ kind: 'identity.services', services: [service] }), isAccepted ? undefined : 'BAD_BODY')
  })
}

for (const [name, count, isAccepted] of [
  ['16 keys', Limits.keysPerIdentity, true],
  ['17 keys', Limits.keysPerIdentity + 1, false],
  ['no key', 0, false],
] as const) {
  test(`identity.register: ${name}`, () => {
    const keys = Array.from({ length: count }, (_, i) => ({ id: `k${i}`, publicKey: KEY_TEXT }))
    assert.equal(codeOf({ kind: 'identity.register', keys, services: [] }), isAccepted ? undefined : 'BAD_BODY')
  })
}

test('an explanation names the field that was meant, also within a choice', () => {
  const proposal = { ...fc.sample(arbitraryBodies['proposal.new'], 1)[0] }
  const explain = (action: unknown) => {
    const answer = checkBody({ ...proposal, actions: [action] })
    return answer.ok ? undefined : answer.detail
  }
  assert.equal(explain({ do: 'expel', member: DID })?.at, '/actions/0/reason')
  assert.equal(explain({ do: 'admit', member: 'me' })?.at, '/actions/0/member')
  assert.equal(explain({ do: 'dance' })?.at, '/actions/0/do')
  assert.match(`${explain({ do: 'dance' })?.expected}`, /"expel"/)
  assert.equal(explain(7)?.at, '/actions/0')
})

function codeOf(json: unknown): string | undefined {
  const answer = checkBody(json)
  return answer.ok ? undefined : rejectName(answer.code)
}

function codeOfBytes(body: unknown): string | undefined {
  const answer = parseTransaction(signValue({ ...TX, body }))
  return answer.ok ? undefined : rejectName(answer.code)
}

function isEncodable(value: unknown): boolean {
  try {
    // Bodies near 64 KiB are left out: only as bytes the envelope counts too.
    const { length } = encodeCanonical({ ...TX, body: value })
    return length < Limits.transactionBytes - 100 || length > Limits.transactionBytes + 1_000
  } catch {
    return false
  }
}

function holdersOf(value: unknown): Record<string, unknown>[] {
  if (typeof value !== 'object' || value === null) return []
  return [value as Record<string, unknown>, ...Object.values(value).flatMap(holdersOf)]
}

function deep(levels: number): unknown {
  return levels === 0 ? 0 : [deep(levels - 1)]
}
