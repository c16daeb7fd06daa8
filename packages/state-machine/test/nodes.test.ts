import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import {
  type Bodies,
  defaultParams,
  IdentityReject as I,
  Limits,
  MembershipReject as M,
  NetworkReject as N,
  rejectName,
  TransactionReject as T,
  validatorAddress,
} from '@icn/protocol'
import { signers } from '../src/modules/identity/index.ts'
import { federationOf, isSilent, nodeOfKey, nodes, pulses } from '../src/modules/network/index.ts'
import { cooperative, createScene, DAY, HOUR, person, proposing, type Scene } from './given-scene.ts'
import {
  ABOUT_NODE,
  confirmedNode,
  decided,
  givenValidators,
  HEARTBEAT,
  registration,
  validatorIn,
} from './given-validators.ts'

const seen = new Set<number>()
const NOWHERE = 'n9-0-aaaaaa'

after(() => {
  const untested = Object.values(N).filter((code) => !seen.has(code))
  assert.deepEqual(untested.map(rejectName), [], 'every code has a test')
})

/** A test whose scene's refusals count as tested. */
function scenario(name: string, play: (scene: Scene) => void, given: () => Scene = createScene): void {
  test(name, () => {
    const scene = given()
    play(scene)
    scene.machine.checkInvariants(scene.state)
    for (const code of scene.codes) seen.add(code)
  })
}

const statusOf = (scene: Scene, id: string) => scene.state.open(nodes).get({ id })?.status

scenario('nodes: registering, each row leaving the later rules broken too', (scene) => {
  const taken = confirmedNode(scene)
  const { founder, org, people } = cooperative(scene, 1)
  const stranger = person()
  const bad = { ...registration(org, 'z6MkeTG3bFFSLYVU7VqhgZxqr6YzpaGrQtFMh1uvqGy1vDnP') }
  scene.refuses(stranger, { ...bad, org: 'did:icn:icn-scene:o9-0-aaaaaa' }, M.ORG_NOT_FOUND)
  scene.refuses(stranger, bad, M.NOT_A_MEMBER)
  scene.refuses(people[0] ?? stranger, bad, M.PERMISSION_DENIED)
  scene.refuses(founder, { ...bad, publicKey: `z6Mk${'1'.repeat(44)}` }, I.KEY_INVALID)
  scene.refuses(founder, registration(org, taken.key.keyId), N.NODE_KEY_TAKEN)
  for (let count = 0; count < Limits.nodesPerOrganization; count++) {
    scene.does(founder, registration(org, person().keyId))
  }
  scene.refuses(founder, registration(org, taken.key.keyId), N.NODE_KEY_TAKEN)
  scene.refuses(founder, registration(org, person().keyId), N.TOO_MANY_NODES)
  scene.passes(7 * DAY)
  scene.does(founder, registration(org, person().keyId))
})

scenario('nodes: an operator is whoever holds the role', (scene) => {
  const { founder, org, people } = cooperative(scene, 1)
  const [ben] = people as [(typeof people)[number]]
  scene.does(founder, { kind: 'role.grant', org, member: ben.did, role: 'operator' })
  scene.does(ben, registration(org, person().keyId))
})

scenario('nodes: only the key itself makes a registration a node, and the first who proves it has it', (scene) => {
  const key = person()
  const { founder, org } = cooperative(scene, 0)
  const thief = cooperative(scene, 0)
  const stolen = String(scene.does(thief.founder, registration(thief.org, key.keyId)).node)
  const node = String(scene.does(founder, registration(org, key.keyId)).node)
  scene.refuses(thief.founder, { ...HEARTBEAT, node: stolen }, N.NOT_NODE_KEY)
  scene.does(key, { ...HEARTBEAT, node })
  assert.equal(nodeOfKey(scene.state, key.keyId)?.id, node)
  scene.refuses(key, { ...HEARTBEAT, node: stolen }, N.NODE_KEY_TAKEN)
  scene.passes(7 * DAY)
  assert.deepEqual([statusOf(scene, node), statusOf(scene, stolen)], ['active', 'retired'])
})

scenario('nodes: heartbeats, each row leaving the later rules broken too', (scene) => {
  const { founder, node, key } = confirmedNode(scene)
  const stranger = person()
  const ahead = { ...HEARTBEAT, node, height: 1_000_000 }
  scene.refuses(stranger, { ...ahead, node: NOWHERE }, N.NODE_NOT_FOUND)
  scene.refuses(stranger, ahead, N.NOT_NODE_KEY)
  scene.refuses(key, ahead, N.HEIGHT_AHEAD)
  scene.refuses(key, { ...HEARTBEAT, node }, N.HEARTBEAT_TOO_SOON)
  scene.passes(HOUR)
  scene.does(key, { ...HEARTBEAT, node, height: scene.height(), version: '1.1.0', freeBytes: 4 })
  const pulse = scene.state.open(pulses).get({ node })
  assert.deepEqual([pulse?.version, pulse?.freeBytes, pulse?.timeMs], ['1.1.0', 4, scene.now()])
  const heard = { status: 'active', heartbeatMs: scene.now() }
  assert.equal(isSilent(heard, scene.now() + HOUR), false)
  assert.equal(isSilent(heard, scene.now() + HOUR + 1), true)
  assert.equal(isSilent({ ...heard, status: 'maintenance' }, scene.now() + DAY), false, 'announced')
  scene.does(founder, { kind: 'node.retire', node })
  scene.refuses(key, ahead, N.NODE_RETIRED)
})

scenario('nodes: a heartbeat is paid from a bucket of the node, anything else from that of all strangers', (scene) => {
  const { node, key } = confirmedNode(scene)
  for (let count = 0; count < 3; count++) {
    scene.passes(HOUR)
    scene.does(key, { ...HEARTBEAT, node })
  }
  const signer = scene.state.open(signers).get({ did: key.did })
  assert.deepEqual([signer?.allowanceMicro, signer?.memberships], [999_000_000, 0])
})

scenario(
  'nodes: without strangers a node is still heard',
  (scene) => {
    const founder = person()
    const org = String(
      scene.does(founder, { kind: 'org.found', name: 'B', orgKind: 'cooperative', founderName: 'A', charter: {} }).org,
    )
    const key = person()
    const node = String(scene.does(founder, registration(org, key.keyId)).node)
    scene.does(key, { ...HEARTBEAT, node })
    scene.refuses(person(), { kind: 'node.drain', node }, T.ALLOWANCE_USED_UP)
  },
  () =>
    createScene(
      {},
      {
        params: {
          memberAllowance: { burst: 9, perHour: 9 },
          strangerAllowance: { burst: 1, perHour: 1 },
          maxBlockBytes: 65_536,
        },
      },
    ),
)

scenario('nodes: states and who may change them', (scene) => {
  const { founder, other, node, key } = confirmedNode(scene)
  const kinds = ['node.drain', 'node.resume', 'node.retire'] as const
  const untilTimeMs = scene.now() + 2 * HOUR
  for (const kind of kinds) {
    scene.refuses(founder, { kind, node: NOWHERE }, N.NODE_NOT_FOUND)
    scene.refuses(person(), { kind, node }, M.NOT_A_MEMBER)
    scene.refuses(other, { kind, node }, M.PERMISSION_DENIED)
  }
  scene.refuses(founder, { kind: 'node.resume', node }, N.WRONG_NODE_STATUS)
  scene.does(founder, { kind: 'node.drain', node })
  scene.refuses(founder, { kind: 'node.drain', node }, N.WRONG_NODE_STATUS)
  scene.refuses(founder, { kind: 'node.maintenance', node, untilTimeMs: scene.now() }, M.TIME_OUT_OF_RANGE)
  scene.refuses(founder, { kind: 'node.maintenance', node, untilTimeMs: scene.now() + 31 * DAY }, M.TIME_OUT_OF_RANGE)
  scene.does(founder, { kind: 'node.maintenance', node, untilTimeMs })
  scene.does(founder, { kind: 'node.maintenance', node, untilTimeMs: untilTimeMs + HOUR })
  scene.passes(2 * HOUR)
  assert.equal(statusOf(scene, node), 'maintenance')
  scene.passes(HOUR)
  assert.equal(statusOf(scene, node), 'active', 'it ends by itself')
  scene.does(founder, { kind: 'node.drain', node })
  scene.does(founder, { kind: 'node.resume', node })
  scene.does(founder, { kind: 'node.update', node, ...ABOUT_NODE, moniker: 'stove' })
  assert.equal(scene.state.open(nodes).get({ id: node })?.moniker, 'stove')
  scene.does(founder, { kind: 'node.retire', node })
  for (const kind of kinds) scene.refuses(founder, { kind, node }, N.NODE_RETIRED)
  scene.refuses(founder, { kind: 'node.update', node, ...ABOUT_NODE }, N.NODE_RETIRED)
  scene.refuses(founder, { kind: 'node.maintenance', node, untilTimeMs }, N.NODE_RETIRED)
  scene.does(founder, registration(nodeOrg(scene, node), key.keyId))
  const waiting = String(scene.does(founder, registration(nodeOrg(scene, node), person().keyId)).node)
  scene.refuses(founder, { kind: 'node.maintenance', node: waiting, untilTimeMs: 0 }, N.WRONG_NODE_STATUS)
})

test('validators: letting out of jail, each row leaving the later rules broken too', () => {
  const given = givenValidators(7)
  const { scene, keys, addresses } = given
  const [first = '', second = '', third = ''] = addresses
  const unjail = (validator: string): Bodies['validator.unjail'] => ({ kind: 'validator.unjail', validator })
  const [operator] = keys as [(typeof keys)[number]]
  scene.refuses(person(), unjail('0'.repeat(40)), N.VALIDATOR_NOT_FOUND)
  scene.refuses(person(), unjail(first), N.NOT_OPERATOR)
  scene.refuses(operator, unjail(first), N.NOT_JAILED)
  for (let count = 0; count < 501; count++) scene.block({ missed: [first] })
  scene.refuses(person(), unjail(first), N.NOT_OPERATOR)
  scene.refuses(operator, unjail(first), N.JAILED_STILL)
  scene.passes(DAY + 2 * HOUR)
  for (let count = 0; count < 501; count++) scene.block({ missed: [second, third].sort() })
  assert.deepEqual(
    [first, second, third].map((address) => validatorIn(scene, address).status),
    ['jailed', 'jailed', 'jailed'],
  )
  scene.refuses(operator, unjail(first), N.POWER_CHANGE_TOO_LARGE)
  scene.passes(DAY + HOUR)
  scene.does(operator, unjail(first))
  assert.deepEqual([validatorIn(scene, first).status, validatorIn(scene, first).missed], ['active', 0])
  scene.refuses(operator, unjail(first), N.NOT_JAILED)
  for (const code of scene.codes) seen.add(code)
})

test('validators: who comes back on the day of their jailing changes nothing, and leaves room for others', () => {
  const { scene, keys, addresses } = givenValidators(4)
  const [first, second] = keys as [(typeof keys)[number], (typeof keys)[number]]
  const [one = '', two = ''] = addresses
  const unjail = (validator: string): Bodies['validator.unjail'] => ({ kind: 'validator.unjail', validator })
  for (let count = 0; count < 501; count++) scene.block({ missed: [one] })
  for (let count = 0; count < 501; count++) scene.block({ missed: [two] })
  const statuses = () => [one, two].map((address) => validatorIn(scene, address).status)
  assert.deepEqual(statuses(), ['jailed', 'active'], 'two of four are more than a third')
  scene.passes(HOUR)
  scene.does(first, unjail(one))
  for (let count = 0; count < 501; count++) scene.block({ missed: [two] })
  assert.deepEqual(statuses(), ['active', 'jailed'])
  scene.passes(HOUR)
  scene.does(second, unjail(two))
  assert.deepEqual(statuses(), ['active', 'active'])
})

test('validators: an operator of the organization of its node lets it out as well', () => {
  const { scene, keys, addresses } = givenValidators(4)
  const [key] = keys as [(typeof keys)[number]]
  const { founder, other, node } = confirmedNode(scene, key)
  const [address = ''] = addresses
  scene.refuses(founder, { kind: 'node.retire', node }, N.NODE_IS_VALIDATOR)
  for (let count = 0; count < 501; count++) scene.block({ missed: [address] })
  scene.passes(DAY + 2 * HOUR)
  scene.refuses(founder, { kind: 'node.retire', node }, N.NODE_IS_VALIDATOR)
  scene.refuses(other, { kind: 'validator.unjail', validator: address }, N.NOT_OPERATOR)
  scene.does(founder, { kind: 'validator.unjail', validator: address })
  for (const code of scene.codes) seen.add(code)
})

test('what only the federation decides is refused elsewhere, and where there is no room', () => {
  const given = givenValidators(2, { maxValidators: 2 })
  const { scene, delegates, federation } = given
  const [first] = delegates as [(typeof delegates)[number]]
  const { founder, org, node } = confirmedNode(scene)
  const actions = [{ do: 'admit-validator', node, power: 10 } as const]
  scene.refuses(founder, proposing(org, { type: 'bylaw', actions }), N.FEDERATION_ONLY)
  scene.refuses(first, proposing(federation, { type: 'bylaw', actions }), N.TOO_MANY_VALIDATORS)
  scene.does(
    first,
    proposing(federation, {
      type: 'bylaw',
      actions: [{ do: 'network-param', change: { maxValidators: 3 } }, ...actions],
    }),
  )
  for (const code of scene.codes) seen.add(code)
  const solo = createScene()
  const bakery = cooperative(solo, 0)
  solo.refuses(bakery.founder, proposing(bakery.org, { type: 'bylaw', actions }), N.FEDERATION_ONLY)
  assert.equal(decided(given, { do: 'standard', text: 'x' }).status, 'executed')
})

test('the one validator of a genesis without a federation names one, once', () => {
  const key = person()
  const validators = [{ name: 'v', publicKey: key.keyId, power: 3 }]
  const scene = createScene({}, { validators })
  const { founder, org } = cooperative(scene, 1)
  const open = (federation: string) => ({ kind: 'network.open', federation }) as const
  scene.refuses(founder, open('did:icn:icn-scene:o9'), N.NOT_THE_VALIDATOR)
  scene.refuses(key, open('did:icn:icn-scene:o9'), M.ORG_NOT_FOUND)
  scene.does(key, open(org))
  assert.deepEqual(
    [federationOf(scene.state), validatorIn(scene, validatorAddress(key.keyId)).power],
    [org, 3],
    'its validators are those of the genesis',
  )
  scene.machine.checkInvariants(scene.state)
  scene.refuses(founder, open(org), N.NOT_THE_VALIDATOR)
  scene.refuses(key, open('did:icn:icn-scene:o9'), N.NETWORK_OPEN_ALREADY)
  // The organization decides as any federation does; the founder's first decision replaces nobody's power.
  const { node, address } = confirmedNode(scene)
  const actions = [{ do: 'admit-validator', node, power: 1 } as const]
  const proposal = String(scene.does(founder, proposing(org, { type: 'bylaw', actions })).proposal)
  scene.does(founder, { kind: 'vote.cast', proposal, ballot: 'yes', reason: '' })
  scene.passes(DAY)
  assert.equal(validatorIn(scene, address).status, 'active')
  for (const code of scene.codes) seen.add(code)
})

test('a genesis that names a federation, several validators or one for good is not opened', () => {
  const key = person()
  const own = { name: 'v', publicKey: key.keyId, power: 1 }
  for (const change of [
    { validators: [own], federation: { name: 'North', members: [{ did: key.did, name: 'a' }] } },
    { validators: [own, { name: 'w', publicKey: person().keyId, power: 1 }] },
    { validators: [own], params: { ...defaultParams, maxValidators: 1 } },
  ]) {
    const scene = createScene({}, change)
    scene.refuses(key, { kind: 'network.open', federation: 'did:icn:icn-scene:o9' }, N.NETWORK_OPEN_ALREADY)
    for (const code of scene.codes) seen.add(code)
  }
})

function nodeOrg(scene: Scene, id: string): string {
  return scene.state.open(nodes).get({ id })?.org ?? ''
}
