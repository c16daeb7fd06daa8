import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Body } from '@icn/protocol'
import { type LocalNetwork, type LocalNode, startNetwork, until } from '@icn/testkit/network'
import { setUpCometBft } from '../../../scripts/setup-cometbft.ts'
import { act, expectResult, newPerson, type Person } from './cooperative.ts'
import { ask, decide, decideOn, founderIn } from './federation.ts'

const setup = setUpCometBft({ quiet: true })
const skip = setup.ok ? false : setup.reason
const folder = mkdtempSync(join(tmpdir(), 'icn-twins-'))
let network: LocalNetwork | undefined
after(async () => {
  await network?.stop()
  rmSync(folder, { recursive: true, force: true })
})

interface Validator {
  readonly address: string
  readonly publicKey: string
  readonly name: string
  readonly status: string
  readonly power: number
  readonly sanction: { readonly kind: string; readonly height: number; readonly appeal: string | null } | null
}

interface Voter {
  readonly publicKey: string
  readonly isSigning: boolean | null
}

const validatorsOf = async (node: LocalNode) =>
  (await ask<{ items: Validator[] }>(node, '/v1/network/validators')).items

test('a validator whose key two nodes use is removed, and returns when the federation grants its appeal', {
  skip,
}, async () => {
  const flags = ['--log-level', 'warn', '--consensus-idle-ms', '1000']
  network = await startNetwork({ folder, validators: 4, observers: 1, flags })
  const { genesis, nodes } = network
  const { chainId } = genesis
  const [first, , , fourth, twin] = nodes as [LocalNode, LocalNode, LocalNode, LocalNode, LocalNode]
  const founder = founderIn(join(folder, 'founder-key'))
  // An appeal is decided in the time that the charter gives.
  await decide(first, chainId, founder, { do: 'charter', change: { votingMs: 5_000 } }, 'constitution')
  const { operator, node } = await registerNode(fourth, chainId)
  await fourth.end('SIGTERM')
  await fourth.start(['--node-id', node])
  const isHeard = async () => (await ask<{ status: string }>(first, `/v1/network/nodes/${node}`)).status === 'active'
  await until('its heartbeat', isHeard)

  assert.equal(await twin.end('SIGTERM'), 0)
  copyFileSync(join(fourth.home, 'validator-key.json'), join(twin.home, 'validator-key.json'))
  // Its key is at work elsewhere: without the flag it would not begin.
  await twin.start(['--accept-restored'])
  const isRemoved = async () => (await validatorsOf(first)).find(({ status }) => status === 'removed')
  const removed = await until('the removal', isRemoved, 60_000)
  assert.deepEqual([removed.name, removed.power, removed.sanction?.kind], ['Validator 4', 0, 'duplicate-vote'])
  // The others go on without both of them.
  assert.deepEqual(await Promise.all([fourth.end('SIGTERM'), twin.end('SIGTERM')]), [0, 0])
  const { height, validators } = await ask<{ height: number; validators: Validator[] }>(first, '/v1/network')
  assert.deepEqual(validators.map(({ name }) => name).sort(), ['Validator 1', 'Validator 2', 'Validator 3'])
  await network.reach(height + 3)

  await fourth.start(['--node-id', node])
  const appeal = { kind: 'validator.appeal', validator: removed.address, statement: 'The disk was copied.' } as const
  const proposal = expectResult(await act(first.url(), chainId, operator, appeal), 'proposal')
  assert.equal((await act(first.url(), chainId, operator, appeal)).name, 'APPEAL_NOT_POSSIBLE', 'once')
  assert.ok(await decideOn(first, chainId, founder, proposal))
  const back = (await validatorsOf(first)).find(({ address }) => address === removed.address)
  assert.deepEqual([back?.status, back?.power, back?.sanction?.appeal], ['active', 1, proposal])
  const signs = async () => {
    const { validators: voters } = await ask<{ validators: Voter[] }>(first, '/v1/network/status')
    return voters.some(({ publicKey, isSigning }) => publicKey === removed.publicKey && isSigning === true)
  }
  await until('its signature', signs)
})

/** An operator founds a cooperative and registers the node of a validator for it. */
async function registerNode(at: LocalNode, chainId: string): Promise<{ operator: Person; node: string }> {
  const operator = newPerson()
  const founding = { kind: 'org.found', name: 'Mill', orgKind: 'cooperative', founderName: 'Ben', charter: {} } as const
  const org = expectResult(await act(at.url(), chainId, operator, founding), 'org')
  const { publicKey } = JSON.parse(readFileSync(join(at.home, 'validator-key.json'), 'utf8')) as { publicKey: string }
  const about = { moniker: 'mill-1', http: [], p2p: [], region: '', capacityBytes: 0, version: '1' }
  const registering: Body = { kind: 'node.register', org, publicKey, roles: ['validator'], ...about }
  const answer = await act(at.url(), chainId, operator, registering)
  return { operator, node: expectResult(answer, 'node') }
}
