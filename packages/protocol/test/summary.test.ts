import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Body, type BodyKind, bodySchemas, summarize, summarizeBody, type Transaction } from '@icn/protocol'
import { arbitraryBodies, arbitraryTransaction } from '@icn/testkit'
import fc from 'fast-check'
import { KEY_TEXT, ORG, TX } from './fixtures.ts'

for (const kind of Object.keys(bodySchemas) as BodyKind[]) {
  test(`${kind}: every DID, id and key that is signed stands in the summary`, () => {
    fc.assert(
      fc.property<[Body]>(arbitraryBodies[kind], (body) => {
        const text = summarizeBody(body).join('\n')
        for (const value of namesIn(body)) assert.ok(text.includes(value), `${value} is not in\n${text}`)
      }),
      { numRuns: 30 },
    )
  })
}

test('no text of others can fake a line, and no character that changes the direction of writing passes', () => {
  fc.assert(
    fc.property(arbitraryTransaction, ({ tx }) => {
      const lines = summarize(tx)
      assert.ok(lines.length >= 3)
      for (const line of lines) assert.doesNotMatch(line, /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/u)
      assert.equal(lines.at(-2), `Signed by ${tx.signer} with key ${tx.keyId}`)
      assert.match(lines.at(-1) ?? '', new RegExp(`^Counts on network ${tx.chainId}, as transaction ${tx.sequence} `))
    }),
    { numRuns: 200 },
  )
})

test('a text ends where its quotation mark stands, whatever it holds', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 100 }), (name) => {
      const [, line = ''] = [...summarizeBody(leaving()), ...summarizeBody(applying(name))]
      const quoted = /^Apply to join \S+ as ("(?:[^"\\]|\\.)*")$/u.exec(line)
      assert.ok(quoted !== null, line)
    }),
  )
})

test('a long text is cut and says so', () => {
  const lines = summarizeBody(applying('x', '😀'.repeat(1_000)))
  const line = lines.find((text) => text.startsWith('Statement'))
  assert.equal(line, `Statement: "${'😀'.repeat(400)}…" (1000 characters in all)`)
})

for (const [name, body, lines] of [
  [
    'a vote',
    { kind: 'vote.cast', proposal: 'p12-0-k3j5x2', ballot: 'yes', reason: 'I "like" it' },
    ['Vote "yes" on proposal p12-0-k3j5x2', 'Reason: "I \\"like\\" it"'],
  ],
  [
    'a ranking',
    { kind: 'vote.cast', proposal: 'p12-0-k3j5x2', ballot: [[2], [0, 1]], reason: '' },
    ['Vote groups [2] > [0,1] (a ranking, best first, or pairs of option and score) on proposal p12-0-k3j5x2'],
  ],
  ['leaving', leaving(), [`Leave ${ORG}`]],
  [
    'a rotation of keys',
    { kind: 'identity.rotate', add: [{ id: 'new', publicKey: KEY_TEXT }], revoke: ['old'] },
    [
      'Change the keys of your identity: add 1, revoke 1',
      `Key new: ${KEY_TEXT}`,
      'Revoke key old: it can sign nothing any more',
    ],
  ],
  [
    'an invitation',
    {
      kind: 'member.invite',
      org: ORG,
      invitationKey: KEY_TEXT,
      uses: 1,
      expiresTimeMs: 1_700_000_000_000,
      roles: ['steward', 'treasurer'],
    },
    [
      `Invite one person to ${ORG}`,
      `Valid until 2023-11-14T22:13:20Z, with the key ${KEY_TEXT}`,
      'They join as members with the roles steward and treasurer',
    ],
  ],
] as const satisfies readonly (readonly [string, Body, readonly string[]])[]) {
  test(`the summary of ${name}`, () => {
    assert.deepEqual(summarizeBody(body as Body), lines)
    assert.deepEqual(summarize({ ...TX, body } as Transaction).slice(0, -2), lines)
  })
}

function leaving(): Body {
  return { kind: 'member.leave', org: ORG }
}

function applying(name: string, statement = ''): Body {
  return { kind: 'member.apply', org: ORG, name, statement, invitation: null }
}

/** Everything in a body that names something: it must not be signed unseen. */
function namesIn(value: unknown): string[] {
  if (typeof value === 'string') return /^did:|^z6Mk|^[oipc]\d+-\d+-[a-z2-7]{6}$/.test(value) ? [value] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(namesIn)
}
