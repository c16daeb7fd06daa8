import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { takePorts } from '../src/network/take-ports.ts'

const MODULE = new URL('../src/network/take-ports.ts', import.meta.url).href
/** Takes more than one slot has, tells them, and stays until it is told to end. */
const TAKER = `
  const { takePorts } = await import(${JSON.stringify(MODULE)})
  const ports = []
  for (let turn = 0; turn < 6; turn++) ports.push(...(await takePorts(25)))
  console.log(JSON.stringify(ports))
  await new Promise((resolve) => process.stdin.once('end', resolve).resume())
`

test('processes that take ports at the same time get different ones, in a row each time', async () => {
  const own = (await Promise.all(Array.from({ length: 60 }, () => takePorts(2)))).flat()
  const takers = Array.from({ length: 4 }, () => {
    return spawn(process.execPath, ['--input-type=module', '--eval', TAKER], { stdio: ['pipe', 'pipe', 'inherit'] })
  })
  const exits = takers.map((child) => once(child, 'exit'))
  const told = await Promise.all(
    takers.map(async ({ stdout }) => {
      const [line] = (await once(createInterface({ input: stdout }), 'line')) as [string]
      return JSON.parse(line) as number[]
    }),
  )
  const all = [...own, ...told.flat()]
  assert.equal(all.length, 2 * 60 + 4 * 150)
  assert.equal(new Set(all).size, all.length)
  assert.ok(all.every((port) => port > 10_000 && port < 26_600))
  for (const ports of told)
    for (const [index, port] of ports.entries()) if (index % 25 > 0) assert.equal(port, (ports[index - 1] ?? 0) + 1)
  for (const { stdin } of takers) stdin.end()
  for (const exit of exits) assert.deepEqual(await exit, [0, null])
})

test('a port on which a stranger listens is passed over', async () => {
  const [before = 0] = await takePorts(1)
  const stranger = createServer().listen(before + 2, '127.0.0.1')
  await once(stranger, 'listening')
  const row = await takePorts(2)
  assert.ok(!row.includes(before + 2), String(row))
  stranger.close()
  await once(stranger, 'close')
})

test('more in a row than a slot has is refused', async () => {
  await assert.rejects(takePorts(100), /100 ports in a row, at most 99/)
})
