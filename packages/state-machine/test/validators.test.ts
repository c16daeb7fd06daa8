import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import {
  type Action,
  defaultAttendance,
  GovernanceReject as G,
  NetworkReject as N,
  NetworkFailure,
  validatorAddress,
} from '@icn/protocol'
import { createMachine } from '../src/index.ts'
import { type Proposal, proposals } from '../src/modules/governance/index.ts'
import { getMember, getOrganization, rollOf } from '../src/modules/membership/index.ts'
import {
  absences,
  missedInWindow,
  networkRules,
  plannedUpgrade,
  powersBefore,
  removals,
  sanctions,
  UpgradeNeeded,
  validators,
} from '../src/modules/network/index.ts'
import { cooperative, createScene, DAY, HOUR, type Person, person, type Scene } from './given-scene.ts'
import { confirmedNode, decided, givenValidators, type Validators, validatorIn } from './given-validators.ts'

const { windowBlocks: WINDOW } = defaultAttendance
const failures = new Set<string>()

after(() => {
  assert.deepEqual([...failures].sort(), Object.values(NetworkFailure).sort(), 'every failure has a test')
})

function fails(given: Validators, failure: string, ...actions: Action[]): void {
  const proposal = decided(given, ...actions)
  assert.deepEqual([proposal.status, proposal.failure], ['exec_failed', failure])
  failures.add(failure)
}

const statusesOf = (scene: Scene, addresses: readonly string[]) =>
  addresses.map((address) => validatorIn(scene, address).status)
const proven = (validator: string, height: number) =>
  ({ validator, height, timeMs: 5, kind: 'duplicate-vote' }) as const

test('the federation that the genesis names is there after the first block, and its members have equal votes', () => {
  const { scene, federation, delegates } = givenValidators(4)
  const organization = getOrganization(scene.state, federation)
  assert.deepEqual([organization?.kind, organization?.name], ['federation', 'North'])
  assert.equal(rollOf(scene.state, federation).heads, 3)
  const roles = delegates.map(({ did }) => getMember(scene.state, federation, did)?.roles.length)
  assert.deepEqual(roles, [5, 1, 1], 'the first one holds every role')
  assert.equal([...scene.state.open(validators).scan([])].length, 4)
  const before = scene.state.changes()
  scene.block()
  assert.deepEqual(idleChanges(scene), idleOf(before), 'the next block finds it there')
})

test('a network with one validator and no federation has no rows of its validators', () => {
  const scene = createScene()
  const { founder } = cooperative(scene, 1)
  scene.block()
  assert.deepEqual([...scene.state.open(validators).scan([])], [])
  assert.equal(scene.state.open(networkRules).get({ id: 'all' }), undefined)
  assert.ok(founder)
})

/** What a block without transactions may change: only the time of the last block, which governance keeps. */
function idleOf(changes: ReturnType<Scene['state']['changes']>) {
  return changes.filter(({ table }) => table.name !== 'outage')
}

function idleChanges(scene: Scene) {
  return idleOf(scene.state.changes())
}

test('while everybody signs no row changes, nor while somebody stays away: only when they go and come', () => {
  const { scene, addresses } = givenValidators(4)
  const [away = ''] = addresses
  const quiet = idleChanges(scene)
  for (let count = 0; count < 20; count++) scene.block()
  assert.deepEqual(idleChanges(scene), quiet)
  const topics = scene.block({ missed: [away] }).map(({ topic }) => topic)
  assert.deepEqual(topics, ['validator.missing'])
  const gone = idleChanges(scene)
  assert.notDeepEqual(gone, quiet)
  for (let count = 0; count < 20; count++) assert.deepEqual(scene.block({ missed: [away] }), [])
  assert.deepEqual(idleChanges(scene), gone)
  assert.deepEqual(
    scene.block().map(({ topic, data }) => [topic, data.missed]),
    [['validator.signing', 21]],
  )
  assert.equal(validatorIn(scene, away).missed, 21)
})

test('what was missed in a window is counted as by a list of all blocks, whatever the comings and goings', () => {
  const { scene, addresses } = givenValidators(4)
  const [address = ''] = addresses
  const missed = new Set<number>()
  let isAway = false
  while (scene.height() < 3_500) {
    const about = scene.height()
    // Spans of many lengths, over the ends of windows too.
    if ((about * about + 3 * about) % (isAway ? 23 : 71) === 0) isAway = !isAway
    if (isAway) missed.add(about)
    scene.block({ missed: isAway ? [address] : [] })
    const first = Math.floor((about - 1) / WINDOW) * WINDOW + 1
    let expected = 0
    for (let height = first; height <= about; height++) if (missed.has(height)) expected++
    const since = scene.state.open(absences).get({ validator: address })?.sinceHeight
    assert.equal(missedInWindow(WINDOW, validatorIn(scene, address), since, about), expected, `block ${about}`)
  }
  assert.ok(missed.size > 500 && [WINDOW, 2 * WINDOW].some((last) => missed.has(last) && missed.has(last + 1)))
  assert.equal(validatorIn(scene, address).status, 'active')
})

test('501 blocks in a row jail, also over the end of a window; 500 do not', () => {
  const { scene, addresses } = givenValidators(4)
  const [first = '', second = ''] = addresses
  while (scene.height() < 700) scene.block()
  for (let count = 0; count < 500; count++) scene.block({ missed: [first] })
  assert.equal(validatorIn(scene, first).status, 'active')
  scene.block({ missed: [first] })
  assert.equal(validatorIn(scene, first).status, 'jailed')
  scene.block({ missed: [first, second].sort() })
  assert.equal(scene.state.open(absences).get({ validator: first }), undefined, 'who is jailed is not missed')
  scene.machine.checkInvariants(scene.state)
})

test('a genesis may say how much may be missed, and how long it takes to come back', () => {
  const given = givenValidators(4, { attendance: { windowBlocks: 10, jailMs: 5_000 } })
  const { scene, keys, addresses } = given
  const [address = ''] = addresses
  const [key] = keys as [Person]
  for (let count = 0; count < 5; count++) scene.block({ missed: [address] })
  assert.equal(validatorIn(scene, address).status, 'active', 'half of a window is not more than half')
  scene.block({ missed: [address] })
  const jailed = validatorIn(scene, address)
  assert.deepEqual([jailed.status, jailed.jailedUntilMs], ['jailed', scene.now() + 5_000])
  const unjail = { kind: 'validator.unjail', validator: address } as const
  for (let count = 0; count < 4; count++) scene.block()
  scene.refuses(key, unjail, N.JAILED_STILL)
  scene.block()
  scene.does(key, unjail)
  assert.equal(validatorIn(scene, address).status, 'active')
  while (scene.height() % 10 !== 0) scene.block()
  const told = scene.block().filter(({ topic }) => topic === 'validator.window')
  assert.equal(told.length, 4)
})

test('every other block of a window and one more jails, and what was missed in the window before counts no more', () => {
  const { scene, addresses } = givenValidators(4)
  const [address = ''] = addresses
  while (scene.height() < WINDOW + 1) scene.block({ missed: scene.height() % 2 === 0 ? [address] : [] })
  assert.deepEqual(
    [validatorIn(scene, address).status, validatorIn(scene, address).window],
    ['active', 0],
    'half of a window is not more than half',
  )
  while (scene.height() < 2 * WINDOW - 10) scene.block({ missed: scene.height() % 2 === 0 ? [address] : [] })
  assert.equal(validatorIn(scene, address).status, 'active')
  for (let count = 0; count < 10; count++) scene.block({ missed: [address] })
  assert.equal(validatorIn(scene, address).status, 'jailed')
})

test('at the end of a window it is told how many blocks each validator signed', () => {
  const { scene, addresses } = givenValidators(2)
  const [away = '', there = ''] = addresses
  const events = []
  while (scene.height() <= WINDOW) events.push(...scene.block({ missed: scene.height() > 900 ? [away] : [] }))
  const told = events.filter(({ topic }) => topic === 'validator.window')
  const counts = new Map(told.map(({ subject, data }) => [subject, [data.signed, data.missed]]))
  assert.deepEqual(
    [counts.get(there), counts.get(away)],
    [
      [1_000, 0],
      [900, 100],
    ],
  )
})

test('the last one is never jailed, nor more than a third in a day', () => {
  const { scene, addresses } = givenValidators(2)
  const both = addresses.toSorted()
  for (let count = 0; count < 501; count++) scene.block({ missed: both })
  assert.deepEqual(statusesOf(scene, both), ['jailed', 'active'])
  scene.passes(2 * DAY)
  for (let count = 0; count < 600; count++) scene.block({ missed: both })
  assert.deepEqual(statusesOf(scene, both), ['jailed', 'active'], 'nobody would make blocks')
})

test('proven misbehaviour removes, records a sanction, and can be appealed once', () => {
  const given = givenValidators(4)
  const { scene, keys, addresses, delegates } = given
  const [address = ''] = addresses
  const [key] = keys as [Person]
  const { founder, other } = confirmedNode(scene, key)
  const appeal = { kind: 'validator.appeal', validator: address, statement: 'A copied disk' } as const
  scene.refuses(founder, { ...appeal, validator: '0'.repeat(40) }, N.VALIDATOR_NOT_FOUND)
  scene.refuses(other, appeal, N.NOT_OPERATOR)
  scene.refuses(founder, appeal, G.APPEAL_NOT_POSSIBLE)
  const events = scene.block({ misbehaviour: [proven(address, 2), proven(address, 3)] })
  assert.deepEqual(
    events.map(({ topic }) => topic),
    ['validator.sanctioned', 'validator.removed'],
  )
  assert.deepEqual(scene.block({ misbehaviour: [proven(address, 3)] }), [], 'once for each term')
  const [sanction, ...more] = [...scene.state.open(sanctions).scan([address])]
  assert.deepEqual([sanction?.kind, sanction?.height, more.length], ['duplicate-vote', 2, 0])
  scene.refuses(other, appeal, N.NOT_OPERATOR)
  scene.passes(DAY + HOUR)
  const id = String(scene.does(founder, appeal).proposal)
  scene.refuses(key, appeal, G.APPEAL_NOT_POSSIBLE)
  for (const voter of delegates) scene.does(voter, { kind: 'vote.cast', proposal: id, ballot: 'yes', reason: '' })
  scene.passes(7 * DAY)
  assert.equal((scene.state.open(proposals).get({ id }) as Proposal).status, 'executed')
  const back = validatorIn(scene, address)
  assert.equal(back.status, 'active')
  assert.deepEqual(scene.block({ misbehaviour: [proven(address, back.sinceHeight - 1)] }), [], 'of the term before')
  const again = scene.block({ misbehaviour: [proven(address, back.sinceHeight)] }).map(({ topic }) => topic)
  assert.deepEqual(again, ['validator.sanctioned', 'validator.removed'], 'as at the beginning of the day')
  assert.equal(validatorIn(scene, address).status, 'removed')
})

test('the right to appeal ends in time', () => {
  const { scene, keys, addresses } = givenValidators(4)
  const [key] = keys as [Person]
  const [address = ''] = addresses
  const { founder } = confirmedNode(scene, key)
  scene.block({ misbehaviour: [proven(address, 2)] })
  scene.passes(30 * DAY)
  scene.refuses(founder, { kind: 'validator.appeal', validator: address, statement: 'x' }, G.APPEAL_NOT_POSSIBLE)
})

test('a removal for misbehaviour waits for the limit of a day, and for another validator', () => {
  const given = givenValidators(3)
  const { scene } = given
  const addresses = given.addresses.toSorted()
  const [first = '', second = '', third = ''] = addresses
  scene.block({ misbehaviour: [proven(first, 2), proven(second, 2), proven(third, 2)] })
  assert.deepEqual(statusesOf(scene, addresses), ['removed', 'active', 'active'])
  assert.equal([...scene.state.open(removals).scan([])].length, 2)
  scene.passes(DAY + 2 * HOUR)
  assert.equal(statusesOf(scene, addresses).filter((status) => status === 'active').length, 1)
  scene.passes(3 * DAY)
  assert.equal(statusesOf(scene, addresses).filter((status) => status === 'active').length, 1)
  assert.equal([...scene.state.open(removals).scan([])].length, 1)
})

test('a decision admits a node, removes a validator and takes it back', () => {
  const given = givenValidators(4)
  const { scene } = given
  const { node, address } = confirmedNode(scene)
  assert.equal(decided(given, { do: 'admit-validator', node, power: 10 }).status, 'executed')
  const admitted = validatorIn(scene, address)
  assert.deepEqual([admitted.status, admitted.power, admitted.name], ['active', 10, 'oven'])
  scene.passes(DAY)
  assert.equal(decided(given, { do: 'remove-validator', validator: address, reason: '' }).status, 'executed')
  assert.equal(validatorIn(scene, address).status, 'removed')
  scene.passes(DAY)
  assert.equal(decided(given, { do: 'admit-validator', node, power: 12 }).status, 'executed')
  assert.deepEqual([validatorIn(scene, address).status, validatorIn(scene, address).power], ['active', 12])
})

test('every way in which a decision about validators fails is named', () => {
  const given = givenValidators(4, { maxValidators: 5 })
  const { scene, keys, addresses } = given
  const [first = ''] = addresses
  const unproved = cooperative(scene, 0)
  const [key] = keys as [Person]
  fails(given, 'NODE_NOT_READY', { do: 'admit-validator', node: 'n9-0-aaaaaa', power: 10 })
  const held = confirmedNode(scene, key)
  fails(given, 'VALIDATOR_HELD', { do: 'admit-validator', node: held.node, power: 10 })
  fails(given, 'VALIDATOR_NOT_FOUND', { do: 'remove-validator', validator: '0'.repeat(40), reason: '' })
  const admit = () => ({ do: 'admit-validator', node: confirmedNode(scene).node, power: 10 }) as const
  fails(given, 'POWER_CHANGE_TOO_LARGE', admit(), { do: 'network-param', change: { maxValidators: 9 } }, admit())
  fails(
    given,
    'TOO_MANY_VALIDATORS',
    { do: 'network-param', change: { strangerAllowance: { burst: 1, perHour: 1 } } },
    admit(),
    admit(),
  )
  fails(given, 'PARAMETER_INVALID', { do: 'network-param', change: { maxValidators: 3 } })
  fails(given, 'UPGRADE_NOT_POSSIBLE', { do: 'upgrade', version: 2, name: 'Oak', height: 3 })
  fails(given, 'UPGRADE_NOT_POSSIBLE', { do: 'cancel-upgrade' })
  assert.equal(validatorIn(scene, first).status, 'active')
  assert.ok(unproved)
  const alone = givenValidators(1)
  const [only = ''] = alone.addresses
  fails(alone, 'LAST_VALIDATOR', { do: 'remove-validator', validator: only, reason: '' })
})

test('what exceeds a third in a day is tried again, and done on the next day', () => {
  const given = givenValidators(4)
  const { scene } = given
  const nodes = [confirmedNode(scene), confirmedNode(scene)]
  const [one, two] = nodes.map(({ node }) => ({ do: 'admit-validator', node, power: 10 }) as const)
  assert.equal(decided(given, one as Action).status, 'executed')
  // Decided at once, so that it comes within the day of the first.
  const late = decided(given, two as Action)
  scene.passes(2 * DAY)
  assert.equal((scene.state.open(proposals).get({ id: late.id }) as Proposal).status, 'executed')
  assert.deepEqual(
    nodes.map(({ address }) => validatorIn(scene, address).status),
    ['active', 'active'],
  )
  assert.ok([...scene.state.open(powersBefore).scan([])].length <= 25)
})

test('a network for one validator stays so', () => {
  const given = givenValidators(1, { maxValidators: 1 })
  fails(given, 'PARAMETER_INVALID', { do: 'network-param', change: { maxValidators: 5 } })
})

test('allowances change by decision, for everybody at once', () => {
  const given = givenValidators(4)
  const { scene, delegates, federation } = given
  const [first] = delegates as [Person]
  const change = { memberAllowance: { burst: 2, perHour: 1 } }
  assert.equal(decided(given, { do: 'network-param', change }).status, 'executed')
  assert.deepEqual(scene.state.open(networkRules).get({ id: 'all' })?.memberAllowance, change.memberAllowance)
  scene.passes(3 * HOUR)
  const talk = () => scene.act(first, { kind: 'role.revoke', org: federation, member: first.did, role: 'mediator' })
  const grant = () => scene.act(first, { kind: 'role.grant', org: federation, member: first.did, role: 'mediator' })
  const told = [talk(), grant(), talk()].map(({ ok }) => ok)
  assert.deepEqual(told, [true, true, false])
})

test('an upgrade is planned, replaced and called off by decision, and older rules stop before it', () => {
  const given = givenValidators(4)
  const { scene } = given
  const height = scene.height() + 500
  assert.equal(decided(given, { do: 'upgrade', version: 2, name: 'Oak', height }).status, 'executed')
  const oak = plannedUpgrade(scene.state)
  assert.deepEqual([oak?.version, oak?.name, oak?.height], [2, 'Oak', height])
  const newer = createMachine({ genesis: scene.genesis, revisions: [{ version: 2 }] })
  for (const machine of [scene.machine, newer]) assert.equal(machine.rulesAt(height - 1, scene.state), 1)
  assert.throws(() => scene.machine.rulesAt(height, scene.state), UpgradeNeeded)
  assert.equal(newer.rulesAt(height, scene.state), 2)
  assert.equal(decided(given, { do: 'upgrade', version: 3, name: 'Ash', height: height + 5 }).status, 'executed')
  assert.equal(plannedUpgrade(scene.state)?.name, 'Ash')
  assert.equal(decided(given, { do: 'cancel-upgrade' }).status, 'executed')
  assert.equal(scene.machine.rulesAt(height + 9, scene.state), 1)
})

test('updates name who has another power than before, once, and nobody who had none', () => {
  const { scene, addresses } = givenValidators(4)
  const [address = ''] = addresses
  const row = validatorIn(scene, address)
  const changed = (...rows: (typeof row)[]) =>
    scene.machine.validatorUpdates(
      rows.map((own) => ({ table: validators, key: [own.address], row: own }) as never),
      { readRow: (_, key) => scene.state.open(validators).get({ address: String(key[0]) }), scanRows: () => [] },
      scene.height(),
    )
  assert.deepEqual(changed(row, { ...row, missed: 3 }), [])
  assert.deepEqual(changed({ ...row, status: 'jailed' }), [{ publicKey: row.publicKey, power: 0 }])
  const { keyId } = person()
  const stranger = { ...row, address: validatorAddress(keyId), publicKey: keyId }
  assert.deepEqual(changed({ ...stranger, status: 'removed' }), [], 'admitted and removed in one block')
  assert.deepEqual(changed(stranger), [{ publicKey: keyId, power: 10 }])
  const empty = { readRow: () => undefined, scanRows: () => [] }
  const seeded = [...scene.state.open(validators).scan([])]
  const first = seeded.map((own) => ({ table: validators, key: [own.address], row: own }) as never)
  assert.deepEqual(scene.machine.validatorUpdates(first, empty, 1), [], 'consensus has the genesis already')
})
