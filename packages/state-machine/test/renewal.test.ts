import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Genesis } from '@icn/protocol'
import { createMachine, endOfBlock } from '../src/index.ts'
import { NOTHING_REPORTED } from '../src/kernel/index.ts'
import { absences, networkRules, powersBefore, removals, sanctions, validators } from '../src/modules/network/index.ts'
import { CHAIN, DAY, person } from './given-scene.ts'
import { decided, givenValidators, validatorIn } from './given-validators.ts'

const HASHES = { genesisHash: 'a'.repeat(64), blockHash: 'b'.repeat(64), appHash: 'c'.repeat(64) }

test('a network that is made of the state of another one has the validators of its own genesis from its first block on', () => {
  const given = givenValidators(4)
  const { scene, addresses, federation } = given
  const [jailed = '', away = '', punished = '', stays = ''] = addresses
  for (let count = 0; count < 501; count++) scene.block({ missed: [jailed] })
  scene.block({
    missed: [away],
    misbehaviour: [{ validator: punished, height: scene.height(), timeMs: 5, kind: 'duplicate-vote' }],
  })
  assert.deepEqual(
    addresses.map((address) => validatorIn(scene, address).status),
    ['jailed', 'active', 'active', 'active'],
  )
  assert.deepEqual([...scene.state.open(removals).scan([])].length, 1, 'more than a third of a day waits')
  const changed = decided(given, { do: 'network-param', change: { maxValidators: 50 } })
  assert.equal(changed.status, 'executed')

  const newcomer = person()
  const height = scene.height()
  const origin = { chainId: CHAIN, height, earlier: [], federation, ...HASHES }
  const kept = validatorIn(scene, stays)
  const genesis: Genesis = {
    ...scene.genesis,
    chainId: 'icn-renewed',
    validators: [
      { name: 'stays', publicKey: kept.publicKey, power: 3 },
      { name: 'newcomer', publicKey: newcomer.keyId, power: 2 },
    ],
    params: { ...scene.genesis.params, maxValidators: 7 },
    origin,
  }
  const machine = createMachine({ genesis })
  const { state } = scene
  const old = new Map(Array.from(state.open(validators).scan([]), (row) => [row.address, row]))
  const at = { height: height + 1, timeMs: scene.now() + DAY }
  const events = machine.endBlock(endOfBlock('icn-renewed', at, 0, 1), state, NOTHING_REPORTED)
  assert.deepEqual(
    events
      .filter(({ topic }) => topic.startsWith('network.') || topic === 'validator.removed')
      .map(({ topic, subject }) => [topic, subject]),
    [
      ...[jailed, away, punished].sort().map((address) => ['validator.removed', address]),
      ['network.renewed', 'icn-renewed'],
    ],
  )
  machine.checkInvariants(state)
  const rows = [...state.open(validators).scan([])].map(({ publicKey, status, power, sinceHeight }) => [
    publicKey,
    status,
    power,
    sinceHeight,
  ])
  const since = height + 1
  for (const row of [
    [kept.publicKey, 'active', 3, since],
    [newcomer.keyId, 'active', 2, since],
  ])
    assert.ok(
      rows.some((own) => String(own) === String(row)),
      String(row),
    )
  assert.equal(rows.filter(([, status]) => status === 'active').length, 2)
  for (const table of [absences, removals, powersBefore])
    assert.deepEqual([...state.open(table as typeof absences).scan([])], [])
  assert.equal([...state.open(sanctions).scan([])].length, 1, 'what was proved stays proved')
  const rules = state.open(networkRules).get({ id: 'all' })
  assert.deepEqual([rules?.federation, rules?.maxValidators], [federation, 7])
  const reader = { readRow: (_: unknown, key: readonly unknown[]) => old.get(String(key[0])), scanRows: () => [] }
  // Consensus begins with the validators of the genesis: no row of before concerns it.
  assert.deepEqual(machine.validatorUpdates(state.changes(), reader, height + 1), [])
  const later = { height: height + 2, timeMs: at.timeMs + 1_000 }
  const quiet = machine.endBlock(endOfBlock('icn-renewed', later, 0, 1), state, NOTHING_REPORTED)
  assert.deepEqual(quiet, [])
  assert.equal(
    machine.keyFor(
      {
        chainId: CHAIN,
        signer: newcomer.did,
        keyId: newcomer.keyId,
        sequence: 0,
        expiryHeight: 9,
        body: { kind: 'network.open', federation },
      },
      state,
    ),
    undefined,
  )
})
