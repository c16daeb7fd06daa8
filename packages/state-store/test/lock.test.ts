import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { DataFolderBusy, lockDataFolder } from '../src/index.ts'

const home = mkdtempSync(join(tmpdir(), 'icn-lock-'))
after(() => rmSync(home, { recursive: true, force: true }))

const HOLDER = `
const { lockDataFolder } = await import(${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)})
lockDataFolder(process.argv[1])
process.stdout.write('held')
process.stdin.resume()
`

/** Another process that holds the folder until it ends. */
async function startHolder(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', HOLDER, home], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  assert.ok(child.stdout)
  assert.equal(String((await once(child.stdout, 'data'))[0]), 'held')
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

test('a folder that another process holds is busy, and free once that process is killed', async () => {
  const child = await startHolder()
  try {
    assert.throws(
      () => lockDataFolder(home),
      (error) => {
        assert.ok(error instanceof DataFolderBusy)
        assert.equal(error.code, 'DATA_FOLDER_BUSY')
        assert.ok(error.message.includes(home))
        return true
      },
    )
  } finally {
    await kill(child)
  }
  lockDataFolder(home).release()
})

test('a process cannot take a folder twice, and can again after it let go', () => {
  const lock = lockDataFolder(home)
  assert.throws(() => lockDataFolder(home), DataFolderBusy)
  lock.release()
  lockDataFolder(home).release()
})

test('folders are locked one by one', () => {
  const other = mkdtempSync(join(tmpdir(), 'icn-lock-'))
  const locks = [lockDataFolder(home), lockDataFolder(other)]
  for (const lock of locks) lock.release()
  rmSync(other, { recursive: true, force: true })
})
