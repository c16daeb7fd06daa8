import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  type AbsenceProofJson,
  absenceProofFromJson,
  decodeCanonical,
  encodeCanonical,
  fromHex,
  isStrictPublicKey,
  type RowProofJson,
  rowProofFromJson,
  toHex,
  verifyAbsence,
  verifyRow,
} from '@icn/crypto'
import { decodeBundle, encodeBundle, parseTransaction, publicKeyFromText, rejectName } from '@icn/protocol'
import { LIGHT_FAILURES } from '@icn/protocol/light'
import { makeVectors } from './make/index.ts'
import { toDagJson } from './make/json.ts'

const folder = import.meta.dirname
const made = makeVectors()
/** Of a real network, by light/record.ts: no two runs of it are the same. */
const RECORDED = 'light/cometbft.json'

function read<T>(name: string): T {
  return JSON.parse(readFileSync(join(folder, name), 'utf8')) as T
}

for (const [name, text] of made) {
  test(`${name} is what the code makes`, () => {
    assert.ok(readFileSync(join(folder, name), 'utf8') === text, 'if a change was meant: npm run vectors')
  })
}

test('there are no other files, and the guide names every one', () => {
  const here = readdirSync(folder)
  const light = readdirSync(join(folder, 'light')).map((name) => `light/${name}`)
  const files = [...here, ...light].filter((name) => name.endsWith('.json'))
  assert.deepEqual(files.sort(), [...made.keys(), RECORDED].sort())
  const guide = readFileSync(join(folder, 'README.md'), 'utf8')
  for (const name of files) assert.ok(guide.includes(`\`${name}\``), name)
})

interface Encoding {
  readonly accepted: readonly { readonly name: string; readonly value: unknown; readonly bytes: string }[]
}
test('encoding.json: what is accepted decodes to its value', () => {
  for (const { name, value, bytes } of read<Encoding>('encoding.json').accepted) {
    const decoded = decodeCanonical(fromHex(bytes))
    assert.deepEqual(toDagJson(decoded), value, name)
    assert.equal(toHex(encodeCanonical(decoded)), bytes, name)
  }
})

interface Refused {
  readonly name: string
  readonly code: string
  readonly bytes: string
}
test('transactions.json: what is refused is refused with its code', () => {
  for (const { name, code, bytes } of read<{ refused: readonly Refused[] }>('transactions.json').refused) {
    const answer = parseTransaction(fromHex(bytes))
    assert.equal(answer.ok ? 'accepted' : rejectName(answer.code), code, name)
  }
})

interface Names {
  readonly keys: readonly { readonly publicKey: string; readonly keyText: string }[]
  readonly notKeys: readonly { readonly name: string; readonly keyText: string }[]
}
test('names.json: keys are keys, and what is none is none', () => {
  const { keys, notKeys } = read<Names>('names.json')
  for (const { publicKey, keyText } of keys) {
    assert.equal(toHex(publicKeyFromText(keyText) ?? new Uint8Array()), publicKey)
    assert.ok(isStrictPublicKey(fromHex(publicKey)))
  }
  for (const { name, keyText } of notKeys) assert.equal(publicKeyFromText(keyText), undefined, name)
})

interface Trees {
  readonly invalid: {
    readonly root: string
    readonly proofs: readonly { readonly name: string; readonly proof: RowProofJson }[]
    readonly absences: readonly { readonly name: string; readonly absence: AbsenceProofJson }[]
  }
}
test('trees.json: invalid proofs are false', () => {
  const { root, proofs, absences } = read<Trees>('trees.json').invalid
  for (const { name, proof } of proofs) assert.equal(verifyRow(fromHex(root), rowProofFromJson(proof)), false, name)
  for (const { name, absence } of absences)
    assert.equal(verifyAbsence(fromHex(root), absenceProofFromJson(absence)), false, name)
})

interface Bundles {
  readonly valid: readonly { readonly bytes: string }[]
  readonly tampered: readonly { readonly bytes: string }[]
}
test('bundles.json: every bundle is well formed, also those that are not true', () => {
  const { valid, tampered } = read<Bundles>('bundles.json')
  for (const { bytes } of [...valid, ...tampered])
    assert.equal(toHex(encodeBundle(decodeBundle(fromHex(bytes)))), bytes)
})

interface LightSteps {
  readonly accepted: readonly { readonly name: string; readonly failure: string | null }[]
  readonly refused: readonly { readonly name: string; readonly failure: string | null }[]
}
test('light/steps.json: what is accepted has no failure, and every failure that needs no clock is there', () => {
  const { accepted, refused } = read<LightSteps>('light/steps.json')
  assert.ok(accepted.every(({ failure }) => failure === null))
  const found = new Set(refused.map(({ failure }) => failure))
  const clock = ['FROM_THE_FUTURE', 'TRUST_EXPIRED']
  assert.deepEqual([...found, ...clock].sort(), [...LIGHT_FAILURES].sort())
})
