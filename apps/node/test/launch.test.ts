import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { runNode, startProcess } from './node-process.ts'

const skip = existsSync('/proc/self/environ') ? false : 'no /proc on this system'
const folder = mkdtempSync(join(tmpdir(), 'icn-launch-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const partsOf = (pid: number | undefined, file: 'cmdline' | 'environ') =>
  readFileSync(`/proc/${pid}/${file}`, 'utf8').split('\0')

test('a node begins anew as the same process, sparing with memory', { skip }, async () => {
  const node = await startProcess(join(folder, 'one'))
  const { pid } = node.child
  assert.ok(partsOf(pid, 'cmdline').includes('--max-semi-space-size=16'))
  assert.ok(partsOf(pid, 'environ').includes('MALLOC_ARENA_MAX=1'))
  assert.equal(await node.end('SIGTERM'), 0)
})

test('settings of whoever starts it are left as they are', { skip }, async () => {
  process.env.MALLOC_ARENA_MAX = '3'
  try {
    const node = await startProcess(join(folder, 'two'))
    const { pid } = node.child
    assert.ok(partsOf(pid, 'environ').includes('MALLOC_ARENA_MAX=3'))
    assert.ok(partsOf(pid, 'cmdline').every((part) => !part.includes('semi-space')))
    assert.equal(await node.end('SIGTERM'), 0)
  } finally {
    delete process.env.MALLOC_ARENA_MAX
  }
})

test('a node that cannot start says why with its exit code, and other commands run at once', async () => {
  const { code, stderr } = await runNode(['start', '--home', join(folder, 'three'), '--http-port', 'none'])
  assert.equal(code, 2)
  assert.match(stderr, /http-port|http\.port/)
  const version = await runNode(['version'])
  assert.deepEqual([version.code, version.stdout], [0, '0.1.0\n'])
})
