import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { isAlive, takePorts, until } from '@icn/testkit/network'
import { setUpCometBft } from './setup-cometbft.ts'

const SCRIPT = fileURLToPath(new URL('network.ts', import.meta.url))
const setup = setUpCometBft({ quiet: true })
const skip = setup.ok ? false : setup.reason

interface Started {
  readonly network: string
  readonly folder: string
  readonly nodes: readonly { readonly url: string; readonly pid: number; readonly cometBftPid: number }[]
}

test('npm run network starts real nodes and CometBFT processes, and SIGTERM ends all of them', { skip }, async () => {
  // Three nodes have twenty-four ports from here on.
  const [base] = await takePorts(24)
  const args = [SCRIPT, '--validators', '2', '--observers', '1', '--base-port', String(base), '--json']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const [line] = (await Promise.race([once(createInterface({ input: child.stdout }), 'line'), exited])) as [string]
  const { network, folder, nodes }: Started = JSON.parse(line)
  const pids = nodes.flatMap(({ pid, cometBftPid }) => [pid, cometBftPid])
  assert.equal(pids.length, 6)
  for (const pid of pids) assert.ok(isAlive(pid), `process ${pid}`)
  for (const { url } of nodes) {
    const facts = (await (await fetch(`${url}/v1/network`)).json()) as { network: string; consensus: string }
    assert.deepEqual([facts.network, facts.consensus], [network, 'cometbft'])
  }
  child.kill('SIGTERM')
  assert.deepEqual(await exited, [0, null])
  for (const pid of pids) await until(`the end of ${pid}`, async () => !isAlive(pid))
  assert.equal(existsSync(folder), false)
})

for (const args of [['--validators', '0'], ['--validators', 'four'], ['--base-port', '80'], ['--bogus']]) {
  test(`npm run network ${args.join(' ')} ends with 2`, async () => {
    const child = spawn(process.execPath, [SCRIPT, ...args], { stdio: 'ignore' })
    assert.deepEqual(await once(child, 'exit'), [2, null])
  })
}
