import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { usePureCrypto } from '../../testkit/src/pure-crypto.ts'

usePureCrypto()
const { fromHex, publicKeyFromSeed } = await import('@icn/crypto')
const { verifyBundle } = await import('../src/audit/index.ts')

interface Vector {
  readonly name: string
  readonly ok: boolean
  readonly bytes: string
}

test('what a browser loads reaches the same verdict on every bundle', () => {
  const file = new URL('../../../vectors/bundles.json', import.meta.url)
  const { valid, tampered } = JSON.parse(readFileSync(file, 'utf8')) as Record<'valid' | 'tampered', Vector[]>
  for (const { name, ok, bytes } of [...valid, ...tampered]) assert.equal(verifyBundle(fromHex(bytes)).ok, ok, name)
})

test('no native code was loaded for it', () => {
  publicKeyFromSeed(new Uint8Array(32))
  const { sharedObjects } = process.report.getReport() as unknown as { sharedObjects: string[] }
  assert.deepEqual(
    sharedObjects.filter((file) => file.includes('sodium')),
    [],
  )
})
