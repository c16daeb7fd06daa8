import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { freePorts, type NodePorts, until } from '@icn/testkit/network'
import { setUpCometBft } from '../../../scripts/setup-cometbft.ts'
import { commandOver } from './harness.ts'
import { openOperators, settingsOf } from './operators.ts'

const setup = setUpCometBft({ quiet: true })
const skip = setup.ok ? false : setup.reason
const { folder, start } = openOperators('beginning')

test('three operators begin a network together, and all of them sign from its first block', { skip }, async () => {
  const ports = await freePorts(3)
  const [north, south, hill] = ports as [NodePorts, NodePorts, NodePorts]
  const homes = ['north', 'south', 'hill'].map((name) => join(folder, name)) as [string, string, string]
  const url = `http://127.0.0.1:${north.http}`
  const { done, icn } = commandOver(join(folder, 'wallet'), url)
  await done('key', 'new', 'ana', '--no-passphrase')
  const prepared = await Promise.all(homes.slice(1).map((home) => done('network', 'join', '--prepare', '--home', home)))
  const keys = prepared.map(({ publicKey }) => String(publicKey))
  const others = ['--validator', `${keys[0]}=South Bakery`, `${keys[1]}=Hill Mill`]
  const about = ['--name', 'North Federation', '--as', 'ana', '--home', homes[0]]
  const begun = await done('network', 'init', ...about, ...others, ...settingsOf(north))
  assert.equal(begun.validators, 3)

  const first = await start(homes[0])
  const { height } = (await (await fetch(`${first.url()}/v1/network`)).json()) as { height: number }
  assert.equal(height, 0, 'one of three makes no block')
  const trusted = ['--genesis-hash', String(begun.genesisHash)]
  for (const [home, own, source] of [
    [homes[1], south, url],
    [homes[2], hill, String(begun.joinFile)],
  ] as const) {
    const joined = await done('network', 'join', source, ...trusted, '--home', home, ...settingsOf(own))
    assert.equal(joined.isValidator, true)
  }
  await Promise.all(homes.slice(1).map(start))
  const signers = async () => {
    const status = (await (await fetch(`${first.url()}/v1/network/status`)).json()) as {
      validators: readonly { readonly name: string; readonly isSigning: boolean | null }[]
    }
    return status.validators.filter(({ isSigning }) => isSigning === true).map(({ name }) => name)
  }
  await until('three who sign', async () => (await signers()).length === 3)
  assert.deepEqual((await signers()).sort(), ['Hill Mill', 'North Federation', 'South Bakery'])
  const neither = await icn(['network', 'join', '--home', join(folder, 'fourth')])
  assert.equal(neither.code, 2)
})
