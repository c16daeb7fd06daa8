import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Bodies, MembershipReject as M, NetworkFailure } from '@icn/protocol'
import { createMachine, type Revision } from '../src/index.ts'
import { InvariantError, reject } from '../src/kernel/index.ts'
import { getOrganization } from '../src/modules/membership/index.ts'
import { plannedUpgrade, UpgradeNeeded, upgradeInForce, upgrades } from '../src/modules/network/index.ts'
import { type Person, person, type Scene } from './given-scene.ts'
import { decided, givenValidators, type Validators } from './given-validators.ts'

/** Names of organizations have at most eight letters, and every block has an event of its own. */
const OAK: Revision = {
  version: 2,
  handlers: {
    'org.found': (before) => (tx, block, state) =>
      (tx.body as Bodies['org.found']).name.length > 8
        ? reject(M.CHARTER_INVALID, { reason: 'name' })
        : before(tx, block, state),
  },
  endBlock: (before) => (block, state, report) => [
    { topic: 'oak', subject: String(block.rules), data: {}, lane: 0 },
    ...before(block, state, report),
  ],
}

/** On top of that, every name begins with an article. */
const ELM: Revision = {
  version: 4,
  handlers: {
    'org.found': (before) => (tx, block, state) => {
      const body = tx.body as Bodies['org.found']
      return before({ ...tx, body: { ...body, name: `A ${body.name}` } }, block, state)
    },
  },
}

const founding = (name: string): Bodies['org.found'] => ({
  kind: 'org.found',
  name,
  orgKind: 'cooperative',
  founderName: 'Ana',
  charter: {},
})

function foundedBy({ state, does }: Scene, who: Person, name: string): string | undefined {
  return getOrganization(state, String(does(who, founding(name)).org))?.name
}

/** Plans a version by decision; answers its first block. */
function planned(given: Validators, version: number): number {
  const height = given.scene.height() + 100
  assert.equal(decided(given, { do: 'upgrade', version, name: `v${version}`, height }).status, 'executed')
  return height
}

function goTo({ height, idles }: Scene, last: number): void {
  while (height() < last) idles()
}

test('each block is made by the rules in force there, and those of later versions stand on those before', () => {
  const given = givenValidators(4, {}, { revisions: [OAK, ELM] })
  const { scene } = given
  assert.equal(scene.machine.version, 4)
  const who = person()
  const oak = planned(given, 2)
  goTo(scene, oak - 2)
  assert.equal(foundedBy(scene, who, 'Northern Bakery'), 'Northern Bakery')
  assert.equal(scene.height(), oak - 1)
  scene.refuses(who, founding('Southern Bakery'), M.CHARTER_INVALID)
  assert.equal(foundedBy(scene, who, 'Bakery'), 'Bakery')
  assert.deepEqual(
    scene.block().filter(({ topic }) => topic === 'oak'),
    [{ topic: 'oak', subject: '2', data: {}, lane: 0 }],
  )
  goTo(scene, planned(given, 3))
  assert.equal(foundedBy(scene, who, 'Mill'), 'Mill', 'version 3 brings nothing of its own')
  goTo(scene, planned(given, 4))
  assert.equal(foundedBy(scene, who, 'Dairy'), 'A Dairy')
  scene.refuses(who, founding('Southern Bakery'), M.CHARTER_INVALID)
})

test('the version in force stays so while a later one is planned, replaced or called off', () => {
  const given = givenValidators(4, {}, { revisions: [OAK, ELM] })
  const { scene } = given
  const old = createMachine({ genesis: scene.genesis })
  goTo(scene, planned(given, 2))
  const height = planned(given, 4)
  assert.equal(scene.machine.rulesAt(height - 1, scene.state), 2)
  assert.equal(scene.machine.rulesAt(height, scene.state), 4)
  assert.throws(() => old.rulesAt(scene.height() + 1, scene.state), UpgradeNeeded, 'also before the later one')
  const later = planned(given, 3)
  assert.equal(scene.machine.rulesAt(later - 1, scene.state), 2)
  assert.equal(upgradeInForce(scene.state, scene.height() + 1)?.name, 'v2')
  assert.equal(decided(given, { do: 'cancel-upgrade' }).status, 'executed')
  assert.deepEqual([plannedUpgrade(scene.state)?.version, [...scene.state.open(upgrades).scan([])].length], [2, 1])
  assert.equal(scene.machine.rulesAt(later, scene.state), 2)
  for (const action of [
    { do: 'cancel-upgrade' },
    { do: 'upgrade', version: 2, name: 'again', height: later + 900 },
  ] as const) {
    const { status, failure } = decided(given, action)
    assert.deepEqual([status, failure], ['exec_failed', NetworkFailure.UPGRADE_NOT_POSSIBLE])
  }
})

test('revisions come in the order of their versions, and change what there is', () => {
  const { genesis } = givenValidators(1).scene
  assert.throws(() => createMachine({ genesis, revisions: [ELM, OAK] }), InvariantError)
  assert.throws(() => createMachine({ genesis, revisions: [{ version: 1 }] }), InvariantError)
  const unknown = { version: 2, handlers: { 'org.found-twice': OAK.handlers?.['org.found'] as never } }
  assert.throws(() => createMachine({ genesis, revisions: [unknown] }), InvariantError)
})
