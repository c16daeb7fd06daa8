import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeCanonical, rowPath, toHex } from '@icn/crypto'
import { type AuditBundle, decodeBundle, defaultParams, encodeBundle, MalformedBundle } from '@icn/protocol'
import fc from 'fast-check'
import { ascii, DID, KEY_TEXT, ORG } from './fixtures.ts'

const hash = (fill: number) => new Uint8Array(32).fill(fill)
const proof = (table: string) => ({
  table,
  key: ['p12-0-k3j5x2'],
  module: 'governance',
  row: {
    path: rowPath(table, ['p12-0-k3j5x2']),
    value: ascii('row'),
    steps: [
      { side: 'left', hash: hash(1) },
      { side: 'right', hash: hash(2) },
    ] as const,
  },
  moduleRoot: { path: rowPath('module', ['governance']), value: hash(3), steps: [] },
})
const FACTS = {
  chainId: 'test-net',
  proposal: { id: 'p12-0-k3j5x2', org: ORG, method: 'yes-no' },
  rollEntries: [
    [0, DID, 'in'],
    [1, DID, 'out'],
  ] as const,
  votes: [ascii('vote 0'), ascii('vote 1')],
  identities: [[4, ascii('register')]] as const,
  result: { turnoutHeads: 1, winners: [] },
  proofs: { proposal: proof('proposal'), ballotBox: proof('ballot_box') },
  genesis: {
    chainId: 'test-net',
    name: 'Test',
    timeMs: 0,
    validators: [{ name: 'V', publicKey: KEY_TEXT, power: 1 }],
    params: defaultParams,
  },
}
const BUNDLE: AuditBundle = { format: 'icn-audit-bundle/1', ...FACTS, header: ascii('header') }
const COMMITTED: AuditBundle = {
  format: 'icn-audit-bundle/2',
  ...FACTS,
  lightBlocks: [ascii('first'), ascii('second')],
}

test('a bundle comes back from its bytes', () => {
  for (const bundle of [BUNDLE, COMMITTED]) assert.deepEqual(decodeBundle(encodeBundle(bundle)), bundle)
})

const row = BUNDLE.proofs.proposal.row
const withRow = (change: object) => withProof({ row: { ...row, ...change } })
function withProof(change: object): object {
  return { proofs: { ...BUNDLE.proofs, proposal: { ...BUNDLE.proofs.proposal, ...change } } }
}

for (const [name, change, says] of [
  ['another format', { format: 'icn-audit-bundle/3' }, /format/],
  ['the header of one format with the name of the other', { format: 'icn-audit-bundle/2' }, /lightBlocks/],
  ['light blocks beside a header', { lightBlocks: COMMITTED.lightBlocks }, /fields/],
  ['a field too many', { more: 1 }, /fields/],
  ['a chain id that is no text', { chainId: 1 }, /chainId/],
  ['a proposal that is a list', { proposal: [] }, /proposal/],
  ['a proposal that is bytes', { proposal: hash(1) }, /proposal/],
  ['roll entries as a map', { rollEntries: {} }, /rollEntries/],
  ['a roll entry of two', { rollEntries: [[0, DID]] }, /roll/],
  ['a roll entry of four', { rollEntries: [[0, DID, 'in', 1]] }, /roll/],
  ['a roll entry with another change', { rollEntries: [[0, DID, 'off']] }, /roll/],
  ['a roll entry with a negative version', { rollEntries: [[-1, DID, 'in']] }, /roll/],
  ['a vote that is text', { votes: ['vote'] }, /votes/],
  ['an identity without height', { identities: [[ascii('x')]] }, /identities/],
  ['an identity of three', { identities: [[1, ascii('x'), 1]] }, /identities/],
  ['a header that is text', { header: 'x' }, /header/],
  ['no genesis', { genesis: null }, /genesis/],
  ['a genesis without validators', { genesis: { ...BUNDLE.genesis, validators: [] } }, /validators/],
  ['no proofs', { proofs: null }, /proofs/],
  ['one proof', { proofs: { proposal: BUNDLE.proofs.proposal } }, /proof/],
  ['three proofs', { proofs: { ...BUNDLE.proofs, more: BUNDLE.proofs.proposal } }, /proofs/],
  ['a proof with a field too many', withProof({ more: 1 }), /proof/],
  ['a row proof with a field too many', withRow({ more: 1 }), /row proof/],
  ['a step with a field too many', withRow({ steps: [{ side: 'left', hash: hash(1), more: 1 }] }), /step/],
  ['a proof without table', withProof({ table: null }), /table/],
  ['a key that holds a list', withProof({ key: [[]] }), /key/],
  ['a short path', withRow({ path: hash(1).subarray(1) }), /path/],
  ['a value that is text', withRow({ value: 'row' }), /value/],
  ['a step without side', withRow({ steps: [{ hash: hash(1) }] }), /step/],
  ['a step with a long hash', withRow({ steps: [{ side: 'left', hash: new Uint8Array(33) }] }), /steps/],
  ['257 steps', withRow({ steps: new Array(257).fill({ side: 'left', hash: hash(1) }) }), /256/],
] as const) {
  test(`no bundle: ${name}`, () => {
    assert.throws(
      () => decodeBundle(encodeCanonical({ ...BUNDLE, ...change })),
      (error: unknown) => {
        assert.ok(error instanceof MalformedBundle, `${error}`)
        assert.equal(error.code, 'BAD_BUNDLE')
        assert.match(error.message, says)
        return true
      },
    )
  })
}

test('no field of a bundle may be missing', () => {
  for (const bundle of [BUNDLE, COMMITTED]) {
    for (const name of Object.keys(bundle)) {
      const { [name]: _, ...rest } = bundle as unknown as Record<string, unknown>
      assert.throws(() => decodeBundle(encodeCanonical(rest)), MalformedBundle, name)
    }
  }
})

for (const [name, lightBlocks] of [
  ['none', []],
  ['1,001', new Array(1_001).fill(ascii('block'))],
  ['one of them text', ['block']],
  ['a map', {}],
] as const) {
  test(`no bundle: light blocks, ${name}`, () => {
    assert.throws(() => decodeBundle(encodeCanonical({ ...COMMITTED, lightBlocks })), {
      name: 'MalformedBundle',
      message: /lightBlocks/,
    })
  })
}

test('any bytes are a bundle or are refused, and no part of one is lost', () => {
  const bytes = encodeBundle(BUNDLE)
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), fc.uint8Array({ maxLength: 60 }), (at, byte, random) => {
      const changed = bytes.slice()
      changed[at] = byte
      for (const input of [changed, bytes.subarray(0, at), random]) {
        try {
          assert.equal(toHex(encodeBundle(decodeBundle(input))), toHex(input))
        } catch (error) {
          assert.ok(error instanceof MalformedBundle, `${error}`)
        }
      }
    }),
    { numRuns: 500 },
  )
})

test('a length claimed beyond the input is refused before anything is allocated', () => {
  const start = performance.now()
  assert.throws(() => decodeBundle(new Uint8Array([0x9b, 0, 0, 0, 0, 0x3f, 0xff, 0xff, 0xff])), MalformedBundle)
  assert.ok(performance.now() - start < 5)
})
