import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fromHex } from '@icn/crypto'
import { parseTransaction, publicKeyFromDid, verifyTransaction } from '@icn/protocol'
import { ICN_PY, preparePython } from './python-environment.ts'

const environment = preparePython()
const skip = 'skip' in environment && environment.skip
const python = 'python' in environment ? environment.python : ''

function icn(...args: string[]) {
  return spawnSync(python, [ICN_PY, ...args], { encoding: 'utf8' })
}

test('the implementation in Python agrees with every vector', { skip }, () => {
  const { status, stdout, stderr } = icn('check-vectors')
  assert.equal(stderr, '')
  assert.equal(status, 0)
  assert.match(stdout, /^\d{4,} checks, 0 failed$/m)
})

test('a transaction built and signed in Python is one of this network', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'icn-python-'))
  try {
    const key = join(folder, 'key')
    const did = execFileSync(python, [ICN_PY, 'key', key], { encoding: 'utf8' }).trim()
    assert.equal(statSync(key).mode & 0o777, 0o600)
    const body = { kind: 'vote.cast', proposal: 'p12-0-k3j5x2', ballot: [[1], [0, 2]], reason: 'Brötchen 🥐' }
    const place = ['--chain', 'test-net', '--sequence', '3', '--expiry', '900', '--key', key]
    const { stdout, stderr } = icn('build', ...place, '--body', JSON.stringify(body))
    assert.equal(stderr, '')
    const answer = parseTransaction(fromHex(stdout.trim()))
    assert.ok(answer.ok)
    const { parsed } = answer
    assert.deepEqual(parsed.tx.body, body)
    assert.deepEqual([parsed.tx.signer, parsed.tx.sequence, parsed.tx.expiryHeight], [did, 3, 900])
    const publicKey = publicKeyFromDid(did)
    assert.ok(publicKey !== undefined && verifyTransaction(parsed, publicKey))
  } finally {
    rmSync(folder, { recursive: true })
  }
})

interface Bundles {
  readonly valid: readonly { readonly name: string; readonly bytes: string }[]
  readonly tampered: readonly { readonly name: string; readonly bytes: string; readonly failing: string }[]
}
interface Verdict {
  readonly ok: boolean
  readonly checks: readonly { readonly name: string; readonly ok: boolean }[]
}

test('a bundle is verified from its file, and a tampered one is refused with the check that failed', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'icn-python-'))
  try {
    const { valid, tampered } = JSON.parse(readFileSync(join(import.meta.dirname, 'bundles.json'), 'utf8')) as Bundles
    const file = join(folder, 'bundle')
    const [sound, changed] = [valid[0], tampered[0]]
    assert.ok(sound !== undefined && changed !== undefined)
    writeFileSync(file, fromHex(sound.bytes))
    const accepted = icn('verify-bundle', file)
    assert.deepEqual([accepted.status, (JSON.parse(accepted.stdout) as Verdict).ok], [0, true])
    assert.equal(icn('verify-bundle', file, '--genesis-hash', '00'.repeat(32)).status, 1)
    writeFileSync(file, fromHex(changed.bytes))
    const refused = icn('verify-bundle', file)
    const { ok, checks } = JSON.parse(refused.stdout) as Verdict
    assert.deepEqual([refused.status, ok], [1, false])
    assert.ok(checks.some((check) => check.name === changed.failing && !check.ok))
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('bytes that are no bundle are a failed check, not a crash', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'icn-python-'))
  try {
    const file = join(folder, 'bundle')
    for (const bytes of [new Uint8Array(), new Uint8Array([0xa0]), new Uint8Array(100_000).fill(0x81)]) {
      writeFileSync(file, bytes)
      const { status, stdout, stderr } = icn('verify-bundle', file)
      assert.deepEqual([status, (JSON.parse(stdout) as Verdict).ok, stderr], [1, false, ''])
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})
