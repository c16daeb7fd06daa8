import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startProcess } from './node-process.ts'

const WEEK_MS = 604_800_000

test('a clock that was put forward goes on from there after a restart', async () => {
  const home = mkdtempSync(join(tmpdir(), 'icn-clock-'))
  const first = await startProcess(home, ['--dev-clock'])
  const before = await advance(first.url)
  assert.equal(await first.end('SIGTERM'), 0)
  const second = await startProcess(home, ['--dev-clock'])
  const after = await advance(second.url)
  assert.ok(after - before >= WEEK_MS, `${after - before} ms later`)
  assert.equal(await second.end('SIGTERM'), 0)
  rmSync(home, { recursive: true })
})

/** Block time after another week. */
async function advance(url: string): Promise<number> {
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ advanceMs: WEEK_MS })
  const answer = await fetch(`${url}/v1/dev/clock`, { method: 'POST', body, headers })
  return Date.parse(((await answer.json()) as { time: string }).time)
}
