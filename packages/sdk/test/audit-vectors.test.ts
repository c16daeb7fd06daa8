import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fromHex } from '@icn/crypto'
import { verifyBundle } from '../src/index.ts'

interface Vector {
  readonly name: string
  readonly bytes: string
  readonly result?: { readonly turnoutHeads: number }
  /** As the implementation in Python names its checks. */
  readonly failing?: string
}

const { valid, ...rest } = JSON.parse(
  readFileSync(new URL('../../../vectors/bundles.json', import.meta.url), 'utf8'),
) as {
  valid: Vector[]
} & Record<string, Vector[]>
const tampered = Object.values(rest).flat()

for (const { name, bytes, result } of valid) {
  test(`accepts the bundle: ${name}`, () => {
    const verdict = verifyBundle(fromHex(bytes))
    assert.deepEqual(
      verdict.checks.filter(({ ok }) => !ok),
      [],
    )
    assert.equal(verdict.ok, true)
    assert.equal(verdict.result?.turnout, result?.turnoutHeads)
  })
}

for (const { name, bytes } of tampered) {
  test(`refuses the bundle: ${name}`, () => {
    const verdict = verifyBundle(fromHex(bytes))
    assert.equal(verdict.ok, false)
    assert.equal(verdict.result, null)
    assert.equal(verdict.checks.filter(({ ok }) => !ok).length, 1)
  })
}

test('of the commits of a network, the check that is named fails', () => {
  const committed = tampered.filter(({ name }) => name.startsWith('a network: '))
  assert.ok(committed.length >= 20)
  for (const { name, bytes, failing } of committed) {
    const failed = verifyBundle(fromHex(bytes)).checks.find(({ ok }) => !ok)
    assert.equal(failed?.name, failing === 'proposal proof' ? 'proofs' : failing, name)
  }
})

test('checks of a network have names of their own', () => {
  const { bytes } = valid.find(({ name }) => name === 'a network: the validators changed three times') ?? { bytes: '' }
  const { checks } = verifyBundle(fromHex(bytes))
  const names = ['format', 'genesis', 'light blocks', 'genesis validators', 'validator changes', 'commit signatures']
  assert.deepEqual(
    checks.slice(0, 6).map(({ name }) => name),
    names,
  )
  assert.match(checks[5]?.detail ?? '', /^block 20 by 4 of 4, block 30 by 4 of 4, block 41 by 4 of 4$/)
})

test('a changed byte is found out, or names another genesis than the one that is trusted', () => {
  const networks = valid.filter(({ name }) => name === 'a network: the validators changed three times')
  for (const vector of [...valid.slice(0, 1), ...networks]) {
    const bytes = fromHex(vector.bytes)
    const trusted = verifyBundle(bytes).result?.genesisHash
    for (let at = 0; at < bytes.length; at += 41) {
      const changed = bytes.slice()
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8))
      const { ok, result } = verifyBundle(changed)
      assert.ok(!ok || result?.genesisHash !== trusted, `${vector.name}: byte ${at}`)
    }
  }
})
