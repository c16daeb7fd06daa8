import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

const MAIN = new URL('../bin/icn.js', import.meta.url).pathname

test('the commands on a data folder are those of icn-node, with its exit codes', async () => {
  const home = mkdtempSync(join(tmpdir(), 'icn-cli-folder-'))
  for (const args of [['backup', join(home, 'copy')], ['export', join(home, 'file')], ['snapshot']]) {
    const child = spawn(process.execPath, [MAIN, ...args, '--home', home])
    let said = ''
    child.stderr.on('data', (text) => (said += text))
    const [code] = await once(child, 'close')
    assert.equal(code, 2, said)
    assert.match(said, /^NO_STATE: .* What to do: name the data folder with --home/)
  }
  rmSync(home, { recursive: true })
})
