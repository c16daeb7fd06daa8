import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type LocalNetwork, type LocalNode, startNetwork } from '@icn/testkit/network'
import { setUpCometBft } from '../../../scripts/setup-cometbft.ts'
import { act, expectResult, newPerson, type Person } from './cooperative.ts'
import { ask, decide, founderIn, heightOf } from './federation.ts'
import { runNode } from './node-process.ts'

const setup = setUpCometBft({ quiet: true })
const skip = setup.ok ? false : setup.reason
const NEWER = fileURLToPath(new URL('./newer-node.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'icn-upgrade-'))
let network: LocalNetwork | undefined
after(async () => {
  await network?.stop()
  rmSync(folder, { recursive: true, force: true })
})

interface Upgrade {
  readonly version: number
  readonly inForce: number
  readonly isReady: boolean
  readonly planned: { readonly height: number; readonly name: string } | null
}

const upgradeOf = (node: LocalNode) => ask<Upgrade>(node, '/v1/network/upgrade')

test('nodes stop before the height that was decided, and newer ones go on with their folders', { skip }, async () => {
  const flags = ['--log-level', 'warn', '--consensus-idle-ms', '1000']
  network = await startNetwork({ folder, validators: 4, flags })
  const { nodes, genesis, reach } = network
  const { chainId } = genesis
  const [first, second, third, fourth] = nodes as [LocalNode, LocalNode, LocalNode, LocalNode]
  const olds = [second, third, fourth]
  const founder = founderIn(join(folder, 'founder-key'))
  const found = (node: LocalNode, person: Person, name: string) =>
    act(node.url(), chainId, person, {
      kind: 'org.found',
      name,
      orgKind: 'cooperative',
      founderName: 'Ben',
      charter: {},
    })
  const nameOf = async (node: LocalNode, org: string) =>
    (await ask<{ name: string }>(node, `/v1/organizations/${org}`)).name

  // One that is called off stops nobody.
  await decide(second, chainId, founder, {
    do: 'upgrade',
    version: 2,
    name: 'Elm',
    height: (await heightOf(second)) + 300,
  })
  await decide(second, chainId, founder, { do: 'cancel-upgrade' })
  assert.equal((await upgradeOf(second)).planned, null)

  // One operator is early: the newer program makes the same blocks by the rules that are in force.
  assert.equal(await first.end('SIGTERM'), 0)
  await first.start([], { main: NEWER })
  const height = (await heightOf(second)) + 30
  await decide(second, chainId, founder, { do: 'upgrade', version: 2, name: 'Oak', height })
  const ben = newPerson()
  const before = expectResult(await found(first, ben, 'Harbour and Hill Bakery'), 'org')
  assert.deepEqual(await upgradeOf(second), {
    version: 1,
    inForce: 1,
    isReady: false,
    planned: { ...(await upgradeOf(second)).planned, version: 2, name: 'Oak', height },
  })
  assert.deepEqual([(await upgradeOf(first)).inForce, (await upgradeOf(first)).isReady], [1, true])

  // Blocks come as fast as there is something for them, until there are none.
  const hurried = newPerson()
  const isMade = async () => (await found(second, hurried, 'Mill').catch(() => undefined))?.status === 200
  while (second.pid() !== undefined && (await isMade()));
  assert.deepEqual(await Promise.all(olds.map((node) => node.ended())), [5, 5, 5])
  const message = `block ${height} needs version 2 of the rules (Oak), and this program has version 1; install the newer one`
  for (const node of olds) assert.ok(node.log().includes(message), node.log())
  const intact = await Promise.all(olds.map(({ home }) => runNode(['verify', '--replay', '--home', home])))
  assert.deepEqual(
    intact.map(({ code, stdout }) => [code, stdout.trim().split('\n').at(-1)]),
    olds.map(() => [0, `ok replay of ${height - 1} blocks from the genesis`]),
  )
  await assert.rejects(second.start(), /ended with 5 before it was ready:[\s\S]*needs version 2 of the rules/)
  assert.equal(await heightOf(first), height - 1, 'one of four makes no block')

  await Promise.all(olds.map((node) => node.start([], { main: NEWER })))
  await reach(height + 2)
  assert.equal((await found(third, ben, 'Harbour and Hill Dairy')).name, 'CHARTER_INVALID')
  const later = expectResult(await found(third, ben, 'Mill'), 'org')
  await reach(await heightOf(third))
  for (const node of nodes) {
    assert.deepEqual([await nameOf(node, before), await nameOf(node, later)], ['Harbour and Hill Bakery', 'MILL'])
    assert.equal((await upgradeOf(node)).inForce, 2)
  }
  const last = await heightOf(third)
  for (const at of [height - 1, height, last]) {
    const roots = await Promise.all(nodes.map((node) => ask<{ appHash: string }>(node, `/v1/blocks/${at}`)))
    assert.equal(new Set(roots.map(({ appHash }) => appHash)).size, 1, `one root at ${at}`)
  }

  assert.deepEqual(await Promise.all(nodes.map((node) => node.end('SIGTERM'))), [0, 0, 0, 0])
  await assert.rejects(fourth.start(), /ended with 5 before it was ready/)
  const replayed = await runNode(['verify', '--replay', '--home', fourth.home], {}, NEWER)
  assert.equal(replayed.code, 0, replayed.stderr)
  const old = await runNode(['verify', '--replay', '--home', fourth.home])
  assert.equal(old.code, 5, old.stderr)
})
