import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, test } from 'node:test'
import { givenNode, hand, madeBy, manyRows } from './given-snapshots.ts'

const parent = mkdtempSync(join(tmpdir(), 'icn-killed-'))
const source = givenNode(parent)
await source.commit(manyRows(1))
const info = await madeBy(source)
const { appHash } = source.store.committed()
after(async () => {
  await source.close()
  rmSync(parent, { recursive: true, force: true })
})

const SCRIPT = new URL('./snapshot-process.ts', import.meta.url).pathname

/** Runs the process until it has said so many lines, then kills it, some moments of its work later. */
async function killed(task: 'make' | 'restore', home: string, lines: number, turns: number): Promise<void> {
  const child = spawn(process.execPath, [SCRIPT, task, home, source.home], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  let said = 0
  for await (const _ of createInterface({ input: child.stdout })) if (++said >= lines) break
  for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate)
  child.kill('SIGKILL')
  await ended
}

const folder = () => mkdtempSync(join(parent, 'of-killed-'))
/** A line for each of four chunks, one before and one after all. */
const MOMENTS = [1, 2, 3, 4, 5, 6].flatMap((lines) => [0, 40, 400].map((turns) => [lines, turns] as const))

test('killed while a snapshot is made, a node opens where it was, with whole snapshots or none', async () => {
  for (const [lines, turns] of MOMENTS) {
    const home = folder()
    cpSync(join(source.home, 'state.db'), join(home, 'state.db'))
    cpSync(join(source.home, 'state.db-wal'), join(home, 'state.db-wal'))
    await killed('make', home, lines, turns)
    const node = givenNode(parent, { home })
    assert.deepEqual(node.store.committed().appHash, appHash)
    assert.deepEqual(
      readdirSync(join(home, 'snapshots')).filter((name) => !/^\d+$/.test(name)),
      [],
    )
    for (const kept of await node.snapshots.list()) {
      const other = givenNode(parent)
      assert.equal((await hand(node, other, kept, appHash)).result, 'accept')
      await other.close()
    }
    assert.deepEqual(await madeBy(node), info)
    await node.close()
  }
})

test('killed while a snapshot is restored, a node opens empty or whole, and nothing stands beside its state', async () => {
  const heights = new Set<number>()
  for (const [lines, turns] of MOMENTS) {
    const home = folder()
    await killed('restore', home, lines, turns)
    const node = givenNode(parent, { home })
    const { height } = node.store.committed()
    heights.add(height)
    assert.deepEqual(
      readdirSync(home).filter((name) => name.includes('sync')),
      [],
    )
    if (height === 0) assert.equal((await hand(source, node, info, appHash)).result, 'accept')
    assert.deepEqual(node.store.committed(), source.store.committed())
    node.store.verifyAll()
    await node.close()
  }
  assert.deepEqual([...heights].sort(), [0, 1])
})
