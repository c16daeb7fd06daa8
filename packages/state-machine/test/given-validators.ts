import assert from 'node:assert/strict'
import { type Action, type Bodies, defaultParams, type Genesis, validatorAddress } from '@icn/protocol'
import { type Proposal, proposals } from '../src/modules/governance/index.ts'
import { federationOf, getValidator, type Validator } from '../src/modules/network/index.ts'
import { cooperative, createScene, DAY, type Person, person, proposing, type Scene } from './given-scene.ts'

export const HEARTBEAT = { kind: 'node.heartbeat', height: 0, version: '1.0.0', freeBytes: 5 } as const
export const ABOUT_NODE = {
  moniker: 'oven',
  roles: ['validator' as const],
  http: ['https://node.example/'],
  p2p: ['node.example:26656'],
  region: 'north',
  capacityBytes: 10,
}

export interface Validators {
  readonly scene: Scene
  /** Their keys, as signers. */
  readonly keys: readonly Person[]
  readonly addresses: readonly string[]
  /** Members of the federation. */
  readonly delegates: readonly Person[]
  readonly federation: string
}

/** Validators of equal power and a federation of three that decides about them, after the first block. */
export function givenValidators(
  count: number,
  params: Partial<Genesis['params']> = {},
  options: Parameters<typeof createScene>[0] = {},
): Validators {
  const keys = Array.from({ length: count }, person)
  const delegates = Array.from({ length: 3 }, person)
  const scene = createScene(options, {
    validators: keys.map(({ keyId }, index) => ({ name: `v${index}`, publicKey: keyId, power: 10 })),
    params: { ...defaultParams, maxValidators: Math.max(2, count + 2), ...params },
    federation: { name: 'North', members: delegates.map(({ did }, index) => ({ did, name: `d${index}` })) },
  })
  scene.block()
  const federation = federationOf(scene.state)
  assert.ok(federation !== undefined)
  return { scene, keys, addresses: keys.map(({ keyId }) => validatorAddress(keyId)), delegates, federation }
}

export function validatorIn(scene: Scene, address: string): Validator {
  const validator = getValidator(scene.state, address)
  assert.ok(validator !== undefined, `there is a validator ${address}`)
  return validator
}

export const registration = (org: string, publicKey: string): Bodies['node.register'] => ({
  kind: 'node.register',
  org,
  publicKey,
  ...ABOUT_NODE,
  version: '1.0.0',
})

/** A node of a cooperative of its own, which has proved its key. */
export function confirmedNode(scene: Scene, key: Person = person()) {
  const { founder, org, people } = cooperative(scene, 1)
  const node = String(scene.does(founder, registration(org, key.keyId)).node)
  scene.does(key, { ...HEARTBEAT, node })
  return { key, founder, org, other: people[0] as Person, node, address: validatorAddress(key.keyId) }
}

/** What becomes of a proposal of the federation that everybody is for. */
export function decided({ scene, delegates, federation }: Validators, ...actions: Action[]): Proposal {
  const [first] = delegates as [Person]
  const id = String(scene.does(first, proposing(federation, { type: 'bylaw', actions })).proposal)
  for (const delegate of delegates) scene.does(delegate, { kind: 'vote.cast', proposal: id, ballot: 'yes', reason: '' })
  scene.passes(DAY)
  return scene.state.open(proposals).get({ id }) as Proposal
}
