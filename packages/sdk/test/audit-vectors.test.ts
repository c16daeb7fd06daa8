import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fromHex } from '@icn/crypto'
import { verifyBundle } from '../src/index.ts'

interface Vector {
  readonly name: string
  readonly bytes: string
  readonly result?: { readonly turnoutHeads: number }
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

test('a changed byte is found out, or names another genesis than the one that is trusted', () => {
  const bytes = fromHex(valid[0]?.bytes ?? '')
  const trusted = verifyBundle(bytes).result?.genesisHash
  for (let at = 0; at < bytes.length; at += 41) {
    const changed = bytes.slice()
    changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8))
    const { ok, result } = verifyBundle(changed)
    assert.ok(!ok || result?.genesisHash !== trusted, `byte ${at}`)
  }
})
