import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  GovernanceReject,
  IdentityReject,
  MembershipReject,
  NetworkReject,
  rejectHint,
  rejectName,
  rejects,
  TransactionReject,
} from '@icn/protocol'

const groups = [
  ['transaction', TransactionReject, 1_000],
  ['identity', IdentityReject, 2_000],
  ['membership', MembershipReject, 2_500],
  ['governance', GovernanceReject, 3_000],
  ['network', NetworkReject, 3_500],
] as const

for (const [name, group, base] of groups) {
  test(`codes of ${name} are numbered from ${base + 1} without gaps, in the order written`, () => {
    const codes = Object.values(group)
    assert.deepEqual(
      codes,
      codes.map((_, index) => base + 1 + index),
    )
  })
}

test('every code has one name, and every name one code', () => {
  const count = groups.reduce((sum, [, group]) => sum + Object.keys(group).length, 0)
  assert.equal(Object.keys(rejects).length, count)
  assert.equal(new Set(Object.values(rejects)).size, count)
  for (const [name, code] of Object.entries(rejects)) assert.equal(rejectName(code), name)
  assert.equal(rejectName(999_999), 'UNKNOWN_999999')
})

const details = [
  {},
  { at: '/body/x', expected: 'something', reason: 'a reason' },
  { limit: 5, max: 7, height: 12, retryAtMs: 1_700_000_000_000, expected: 3, kind: 'a"b' },
]
for (const [name, code] of Object.entries(rejects)) {
  test(`${name} has a hint of whole sentences, whatever is known`, () => {
    for (const detail of details) {
      const hint = rejectHint(code, detail)
      assert.match(hint, /^[A-Z].*[.]$/)
      assert.doesNotMatch(hint, /undefined|null|NaN|\[object| {2}|\.\./)
    }
  })
}

for (const [code, detail, hint] of [
  [TransactionReject.BAD_SEQUENCE, { expected: 4 }, /Use 4 and sign again/],
  [TransactionReject.BAD_SEQUENCE, { expected: 4 }, /waits at another node, send this one there too, or wait until/],
  [TransactionReject.ALLOWANCE_USED_UP, { retryAtMs: 1_700_000_000_000 }, /2023-11-14T22:13:20Z/],
  [TransactionReject.TOO_LARGE, { limit: 65_536 }, /at most 65536 bytes/],
  [TransactionReject.UNKNOWN_KIND, { kind: 'vote.kast' }, /"vote.kast"/],
  [IdentityReject.DID_MISMATCH, { expected: 'did:icn:a:b' }, /Sign as did:icn:a:b/],
] as const) {
  test(`the hint of ${rejectName(code)} says what would be right: ${hint.source}`, () => {
    assert.match(rejectHint(code, detail), hint)
  })
}

test('a code of a newer node has a hint too', () => {
  assert.match(rejectHint(9_999), /does not know \(9999\)/)
})
