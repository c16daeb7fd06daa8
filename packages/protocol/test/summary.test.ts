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

const PROPOSING_LINES = [
  `Propose "Hours" as a bylaw decision of ${ORG}`,
  'Text: ""',
  'Decided by: one option each',
  'Discussion: as the charter says; voting: as the charter says',
  'Option 1: "Six"',
  'Option 2: "Seven"',
  'Where it passes:',
  '  Amend version 2 of the bylaw hours, "Hours"',
  '    line 1: − "At five."',
  '    line 2: − "Daily."',
  '    line 1: + "At six."',
  '    line 8: + "Closed in May."',
]

for (const [name, body, lines] of [
  [
    'a vote',
    { kind: 'vote.cast', proposal: 'p12-0-k3j5x2', ballot: 'yes', reason: 'I "like" it' },
    ['Vote "yes" on proposal p12-0-k3j5x2', 'Reason: "I \\"like\\" it"'],
  ],
  [
    'a ranking',
    { kind: 'vote.cast', proposal: 'p12-0-k3j5x2', ballot: [[2], [0, 1]], reason: '' },
    ['Vote the ranking [3] > [1, 2] (best first) on proposal p12-0-k3j5x2'],
  ],
  [
    'scores, which could be a ranking',
    {
      kind: 'vote.cast',
      proposal: 'p12-0-k3j5x2',
      ballot: [
        [0, 5],
        [2, 0],
      ],
      reason: '',
    },
    [
      'Vote option 1: 5, option 3: 0 (or, where options are ranked, [1, 6] > [3, 1], best first) on proposal p12-0-k3j5x2',
    ],
  ],
  [
    'one option',
    { kind: 'vote.cast', proposal: 'p12-0-k3j5x2', ballot: 0, reason: '' },
    ['Vote option 1 on proposal p12-0-k3j5x2'],
  ],
  [
    'several options',
    { kind: 'vote.cast', proposal: 'p12-0-k3j5x2', ballot: [0, 2, 3], reason: '' },
    ['Vote options 1, 3 and 4 on proposal p12-0-k3j5x2'],
  ],
  ['options and edits', proposing(), PROPOSING_LINES],
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

/** Options and lines of a bylaw, which the bytes count from 0. */
function proposing(): Body {
  const words = { type: 'bylaw', title: 'Hours', text: '', method: 'plurality' } as const
  const settings = { seats: 1, maxScore: 0, budgetMinor: 0, discussionMs: null, votingMs: null, amends: null }
  const options = ['Six', 'Seven'].map((label) => ({ label, actions: [], costMinor: 0 }))
  const edits = [
    { line: 0, remove: ['At five.', 'Daily.'], insert: ['At six.'] },
    { line: 7, remove: [], insert: ['Closed in May.'] },
  ]
  const action = { do: 'bylaw', bylaw: 'hours', title: 'Hours', baseVersion: 2, edits } as const
  return { kind: 'proposal.new', org: ORG, ...words, options, actions: [action], ...settings }
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
