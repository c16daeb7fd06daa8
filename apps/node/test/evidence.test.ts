import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { type LocalNetwork, type LocalNode, startNetwork, until } from '@icn/testkit/network'
import { setUpCometBft } from '../../../scripts/setup-cometbft.ts'

const setup = setUpCometBft({ quiet: true })
const skip = setup.ok ? false : setup.reason
const folder = mkdtempSync(join(tmpdir(), 'icn-twins-'))
let network: LocalNetwork | undefined
after(async () => {
  await network?.stop()
  rmSync(folder, { recursive: true, force: true })
})

interface Validator {
  readonly name: string
  readonly status: string
  readonly power: number
  readonly sanction: { readonly kind: string; readonly height: number } | null
}

const read = async <T>(node: LocalNode, path: string): Promise<T> =>
  (await (await fetch(`${node.url()}${path}`)).json()) as T

test('a validator whose key two nodes use is proved to sign twice, and is removed', { skip }, async () => {
  const flags = ['--log-level', 'warn', '--consensus-idle-ms', '1000']
  network = await startNetwork({ folder, validators: 4, observers: 1, flags })
  const [first, , , fourth, twin] = network.nodes as [LocalNode, LocalNode, LocalNode, LocalNode, LocalNode]
  assert.equal(await twin.end('SIGTERM'), 0)
  copyFileSync(join(fourth.home, 'validator-key.json'), join(twin.home, 'validator-key.json'))
  await twin.start()
  const removed = await until(
    'the removal',
    async () => {
      const { items } = await read<{ items: Validator[] }>(first, '/v1/network/validators')
      return items.find(({ status }) => status === 'removed')
    },
    60_000,
  )
  assert.deepEqual([removed.name, removed.power, removed.sanction?.kind], ['Validator 4', 0, 'duplicate-vote'])
  // The others go on without both of them.
  assert.deepEqual(await Promise.all([fourth.end('SIGTERM'), twin.end('SIGTERM')]), [0, 0])
  const { height, validators } = await read<{ height: number; validators: Validator[] }>(first, '/v1/network')
  assert.deepEqual(validators.map(({ name }) => name).sort(), ['Validator 1', 'Validator 2', 'Validator 3'])
  await network.reach(height + 3)
})
