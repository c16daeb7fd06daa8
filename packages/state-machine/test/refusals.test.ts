import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { generateSeed, publicKeyFromSeed } from '@icn/crypto'
import {
  type Bodies,
  type Body,
  GovernanceReject as G,
  IdentityReject as I,
  identityDid,
  MembershipReject as M,
  proveInvitation,
  publicKeyToText,
  rejectName,
} from '@icn/protocol'
import { FIRST_RULES } from '../src/kernel/index.ts'
import {
  CHAIN,
  cooperative,
  createScene,
  DAY,
  founding,
  HOUR,
  type Person,
  person,
  proposing,
  type Scene,
  START,
} from './given-scene.ts'

/** Codes that no transaction can meet, and why. */
const UNREACHABLE = new Map<number, string>([[M.ORG_EXISTS, 'ids of organizations are assigned by the ledger']])
const seen = new Set<number>()

after(() => {
  const all = [...Object.values(I), ...Object.values(M), ...Object.values(G)]
  const untested = all.filter((code) => !seen.has(code) && !UNREACHABLE.has(code)).map(rejectName)
  assert.deepEqual(untested, [], 'every code has a test')
})

/** A test whose scene's refusals count as tested. */
function scenario(name: string, play: (scene: Scene) => void): void {
  test(name, () => {
    const scene = createScene()
    play(scene)
    for (const code of scene.codes) seen.add(code)
  })
}

const textOf = (seed: Uint8Array) => publicKeyToText(publicKeyFromSeed(seed))
const NOWHERE = `did:icn:${CHAIN}:o9-0-aaaaaa`

function registered(scene: Scene): Person & { body: Bodies['identity.register'] } {
  const seed = generateSeed()
  const body: Bodies['identity.register'] = {
    kind: 'identity.register',
    keys: [{ id: 'k1', publicKey: textOf(seed) }],
    services: [],
  }
  const who = { did: identityDid(CHAIN, body), keyId: 'k1', seed, body }
  scene.does(who, body)
  return who
}

scenario('identity: registering', (scene) => {
  const who = registered(scene)
  scene.refuses(who, who.body, I.DID_TAKEN)
  const other = { ...who.body, keys: [{ id: 'k1', publicKey: textOf(generateSeed()) }] }
  scene.refuses({ did: `did:icn:${CHAIN}:elsewhere`, keyId: 'k1' }, other, I.DID_MISMATCH)
  const small = new Uint8Array(32)
  small[0] = 1
  const bad: Bodies['identity.register'] = {
    kind: 'identity.register',
    keys: [{ id: 'k1', publicKey: publicKeyToText(small) }],
    services: [],
  }
  scene.refuses({ did: identityDid(CHAIN, bad), keyId: 'k1' }, bad, I.KEY_INVALID)
})

scenario('identity: rotating and deactivating', (scene) => {
  const who = registered(scene)
  const key = (id: string) => ({ id, publicKey: textOf(generateSeed()) })
  const rotate = (add: ReturnType<typeof key>[], revoke: string[]): Body => ({ kind: 'identity.rotate', add, revoke })
  scene.refuses(person(), rotate([], []), I.DID_NOT_FOUND)
  scene.refuses(who, rotate([key('k1')], []), I.KEY_ID_TAKEN)
  scene.refuses(who, rotate([], ['k9']), I.KEY_NOT_FOUND)
  scene.refuses(who, rotate([], ['k1']), I.LAST_KEY)
  scene.refuses(
    who,
    rotate(
      Array.from({ length: 16 }, (_, index) => key(`n${index}`)),
      [],
    ),
    I.TOO_MANY_KEYS,
  )
  scene.does(who, rotate([key('k2')], ['k1']))
  assert.equal(scene.act(who, { kind: 'identity.deactivate' }).ok, false, 'a revoked key signs nothing')
  scene.refuses({ did: who.did, keyId: 'k2' }, rotate([key('k1')], []), I.KEY_ID_TAKEN)
  scene.does({ ...who, keyId: 'k2' }, { kind: 'identity.deactivate' })
  assert.equal(scene.act({ ...who, keyId: 'k2' }, { kind: 'identity.deactivate' }).ok, false)
})

test('identity: the rules themselves refuse a deactivated identity, should anything get so far', async () => {
  const scene = createScene()
  const who = registered(scene)
  scene.does(who, { kind: 'identity.deactivate' })
  const { identityModule } = await import('../src/modules/identity/index.ts')
  const block = { chainId: CHAIN, height: 9, timeMs: START, index: 0, seed: new Uint8Array(32), rules: FIRST_RULES }
  const body = { kind: 'identity.deactivate' } as const
  const tx = { chainId: CHAIN, signer: who.did, keyId: 'k1', sequence: 9, expiryHeight: 99, body }
  const outcome = identityModule.handlers['identity.deactivate']?.(tx, block, scene.state)
  assert.deepEqual(outcome, { ok: false, code: I.DID_DEACTIVATED })
  seen.add(I.DID_DEACTIVATED)
})

scenario('membership: founding and inviting', (scene) => {
  scene.refuses(person(), founding({ quorum: { num: 2, den: 1 } }), M.CHARTER_INVALID)
  scene.refuses(person(), founding({ weights: 'reputation' }), M.CHARTER_INVALID)
  const { founder, org, people } = cooperative(scene, 1)
  const [member] = people as [Person]
  const secret = generateSeed()
  const invite = (change: Partial<Bodies['member.invite']> = {}): Body => ({
    kind: 'member.invite',
    org,
    invitationKey: textOf(secret),
    uses: 1,
    expiresTimeMs: scene.now() + DAY,
    roles: [],
    ...change,
  })
  scene.refuses(person(), invite({ org: NOWHERE, roles: ['baker'] }), M.ORG_NOT_FOUND)
  scene.refuses(person(), invite({ roles: ['baker'], expiresTimeMs: 0 }), M.NOT_A_MEMBER)
  scene.refuses(member, invite({ roles: ['baker'], expiresTimeMs: 0 }), M.PERMISSION_DENIED)
  scene.refuses(founder, invite({ roles: ['baker'], expiresTimeMs: 0 }), M.ROLE_UNKNOWN)
  scene.refuses(founder, invite({ expiresTimeMs: scene.now() }), M.TIME_OUT_OF_RANGE)

  const id = String(scene.does(founder, invite()).invitation)
  const newcomer = person()
  const proof = proveInvitation(CHAIN, id, newcomer.did, secret)
  const apply = (invitation: { id: string; proof: string } | null, to = org): Body => ({
    kind: 'member.apply',
    org: to,
    name: 'Cy',
    statement: '',
    invitation,
  })
  scene.refuses(newcomer, apply({ id: 'i9-0-aaaaaa', proof }), M.INVITATION_NOT_FOUND)
  scene.refuses(newcomer, apply({ id, proof: 'A'.repeat(86) }), M.INVITATION_PROOF_INVALID)
  scene.refuses(person(), apply({ id, proof }), M.INVITATION_PROOF_INVALID)
  scene.refuses(founder, apply({ id, proof: proveInvitation(CHAIN, id, founder.did, secret) }), M.ALREADY_A_MEMBER)
  scene.does(newcomer, apply({ id, proof }))
  scene.refuses(person(), apply({ id, proof }), M.INVITATION_NOT_FOUND)
  const waiting = person()
  scene.does(waiting, apply(null))
  scene.refuses(waiting, apply(null), M.ALREADY_APPLIED)
  scene.refuses(member, { kind: 'member.admit', org, member: waiting.did }, M.PERMISSION_DENIED)
  scene.refuses(founder, { kind: 'member.admit', org, member: person().did }, M.APPLICATION_NOT_FOUND)
  scene.does(founder, { kind: 'member.refuse', org, member: waiting.did, reason: '' })
})

test('membership: an invitation that is over, but not cleared away yet, is over', () => {
  const scene = createScene()
  const { founder, org } = cooperative(scene, 0)
  const secret = generateSeed()
  const expiresTimeMs = scene.now() + 10
  const id = String(
    scene.does(founder, {
      kind: 'member.invite',
      org,
      invitationKey: textOf(secret),
      uses: 1,
      expiresTimeMs,
      roles: [],
    }).invitation,
  )
  const late = person()
  const invitation = { id, proof: proveInvitation(CHAIN, id, late.did, secret) }
  const tx = {
    chainId: CHAIN,
    signer: late.did,
    keyId: late.keyId,
    sequence: 0,
    expiryHeight: 99,
    body: { kind: 'member.apply', org, name: 'L', statement: '', invitation } as const,
  }
  const block = {
    chainId: CHAIN,
    height: 9,
    timeMs: expiresTimeMs,
    index: 0,
    seed: new Uint8Array(32),
    rules: FIRST_RULES,
  }
  const parsed = {
    tx,
    payload: new Uint8Array(),
    signature: new Uint8Array(),
    bytes: new Uint8Array(),
    hash: new Uint8Array(32),
  }
  assert.deepEqual(
    scene.machine.execute(parsed, block, scene.state, () => true),
    { ok: false, code: M.INVITATION_ENDED },
  )
  seen.add(M.INVITATION_ENDED)
})

scenario('membership: admission by decision only', (scene) => {
  const { founder, org } = cooperative(scene, 0, { admission: 'proposal' })
  const applicant = person()
  scene.does(applicant, { kind: 'member.apply', org, name: 'Di', statement: '', invitation: null })
  scene.refuses(founder, { kind: 'member.admit', org, member: applicant.did }, M.ADMISSION_BY_PROPOSAL)
})

scenario('membership: roles and leaving', (scene) => {
  const { founder, org, people } = cooperative(scene, 2)
  const [ben, eve] = people as [Person, Person]
  const grant = (member: string, role: string): Body => ({ kind: 'role.grant', org, member, role })
  const revoke = (member: string, role: string): Body => ({ kind: 'role.revoke', org, member, role })
  scene.refuses(ben, grant(eve.did, 'baker'), M.PERMISSION_DENIED)
  scene.refuses(founder, grant(person().did, 'baker'), M.MEMBER_NOT_FOUND)
  scene.refuses(founder, grant(eve.did, 'baker'), M.ROLE_UNKNOWN)
  scene.does(founder, grant(eve.did, 'mediator'))
  scene.refuses(founder, grant(eve.did, 'mediator'), M.ROLE_HELD)
  scene.refuses(founder, revoke(ben.did, 'mediator'), M.ROLE_NOT_HELD)
  scene.refuses(founder, revoke(founder.did, 'steward'), M.LAST_STEWARD)
  scene.refuses(founder, { kind: 'member.leave', org }, M.LAST_STEWARD)
  scene.refuses(person(), { kind: 'member.leave', org }, M.NOT_A_MEMBER)
  for (let round = 0; round < 15; round++) {
    scene.does(ben, { kind: 'member.leave', org })
    scene.does(ben, { kind: 'member.apply', org, name: 'Ben', statement: '', invitation: null })
    scene.does(founder, { kind: 'member.admit', org, member: ben.did })
  }
  scene.does(ben, { kind: 'member.leave', org })
  scene.refuses(ben, { kind: 'member.apply', org, name: 'Ben', statement: '', invitation: null }, M.REJOINED_TOO_OFTEN)
  scene.passes(HOUR)
})

scenario('governance: proposing', (scene) => {
  const { founder, org, people } = cooperative(scene, 2, { openProposalsPerMember: 2, discussionMs: HOUR })
  const [ben] = people as [Person]
  const options = (...labels: string[]) => labels.map((label) => ({ label, actions: [], costMinor: 0 }))
  scene.refuses(person(), proposing(NOWHERE, { method: 'greedy' }), M.ORG_NOT_FOUND)
  scene.refuses(person(), proposing(org, { method: 'greedy' }), M.NOT_A_MEMBER)
  scene.refuses(ben, proposing(org, { method: 'greedy', amends: 'p9-0-aaaaaa' }), G.PROPOSAL_NOT_FOUND)
  scene.refuses(ben, proposing(org, { method: 'greedy' }), G.METHOD_NOT_ALLOWED)
  scene.refuses(ben, proposing(org, { type: 'bylaw', method: 'schulze' }), G.METHOD_NOT_ALLOWED)
  scene.refuses(ben, proposing(org, { method: 'schulze', options: options('a', 'a'), seats: 9 }), G.OPTIONS_INVALID)
  scene.refuses(ben, proposing(org, { options: options('a', 'b') }), G.OPTIONS_INVALID)
  scene.refuses(ben, proposing(org, { method: 'score', options: options('a', 'b') }), G.SETTINGS_INVALID)
  scene.refuses(ben, proposing(org, { actions: [{ do: 'charter', change: {} }] }), G.ACTION_NOT_ALLOWED)
  scene.refuses(ben, proposing(org, { discussionMs: 1 }), G.DISCUSSION_TOO_SHORT)
  const first = String(scene.does(ben, proposing(org)).proposal)
  scene.does(ben, proposing(org))
  scene.refuses(ben, proposing(org), G.TOO_MANY_PROPOSALS)
  scene.refuses(founder, proposing(org, { amends: first }), G.NOT_AUTHOR)
  scene.refuses(ben, { kind: 'proposal.open', proposal: first }, G.DISCUSSION_TOO_SHORT)
  scene.refuses(founder, { kind: 'proposal.open', proposal: first }, G.NOT_AUTHOR)
  scene.refuses(founder, { kind: 'proposal.sponsor', proposal: first }, G.WRONG_PHASE)
  scene.refuses(
    ben,
    { kind: 'proposal.discuss', proposal: first, text: 'x', inReplyTo: 'c9-0-aaaaaa' },
    G.COMMENT_NOT_FOUND,
  )
  scene.refuses(person(), { kind: 'proposal.discuss', proposal: first, text: 'x', inReplyTo: null }, M.NOT_A_MEMBER)
  scene.does(ben, { kind: 'proposal.discuss', proposal: first, text: 'x', inReplyTo: null })
  scene.passes(2 * HOUR)
  scene.refuses(ben, { kind: 'proposal.withdraw', proposal: first }, G.WRONG_PHASE)
  scene.refuses(ben, proposing(org, { amends: first }), G.WRONG_PHASE)
})

scenario('governance: sponsors', (scene) => {
  const { founder, org, people } = cooperative(scene, 3, { sponsors: 2 })
  const [ben] = people as [Person]
  const id = String(scene.does(founder, proposing(org)).proposal)
  scene.refuses(founder, { kind: 'proposal.sponsor', proposal: id }, G.ALREADY_SPONSORED)
  scene.does(ben, { kind: 'proposal.sponsor', proposal: id })
  scene.refuses(ben, { kind: 'proposal.sponsor', proposal: id }, G.ALREADY_SPONSORED)
  scene.refuses(ben, { kind: 'vote.cast', proposal: id, ballot: 'yes', reason: '' }, G.VOTING_NOT_OPEN)
})

scenario('governance: voting, each row leaving the later rules broken too', (scene) => {
  const { founder, org, people } = cooperative(scene, 2)
  const [ben] = people as [Person]
  const id = String(scene.does(founder, proposing(org)).proposal)
  const late = person()
  scene.does(late, { kind: 'member.apply', org, name: 'Late', statement: '', invitation: null })
  scene.does(founder, { kind: 'member.admit', org, member: late.did })
  const vote = (proposal: string, ballot: Bodies['vote.cast']['ballot']): Body => ({
    kind: 'vote.cast',
    proposal,
    ballot,
    reason: '',
  })
  scene.refuses(late, vote('p404-0-aaaaaa', 7), G.PROPOSAL_NOT_FOUND)
  scene.refuses(late, vote(id, 7), G.NOT_ON_ROLL)
  scene.refuses(ben, vote(id, 7), G.BALLOT_INVALID)
  scene.refuses(ben, vote(id, 'consent'), G.BALLOT_INVALID)
  scene.does(ben, vote(id, 'yes'))
  scene.does(ben, { kind: 'member.leave', org })
  scene.does(ben, vote(id, 'no'))
  scene.passes(DAY)
  scene.refuses(late, vote(id, 7), G.VOTING_NOT_OPEN)
})

scenario('governance: an expulsion, its notice, and one appeal', (scene) => {
  const { founder, org, people } = cooperative(scene, 3)
  const [ben, eve] = people as [Person, Person]
  scene.refuses(ben, { kind: 'member.appeal', org, statement: 'x' }, G.APPEAL_NOT_POSSIBLE)
  const expel = (discussionMs: number | null) =>
    proposing(org, { type: 'bylaw', discussionMs, actions: [{ do: 'expel', member: ben.did, reason: 'x' }] })
  scene.refuses(founder, expel(DAY), G.DISCUSSION_TOO_SHORT)
  const id = String(scene.does(founder, expel(null)).proposal)
  scene.passes(7 * DAY)
  for (const voter of [founder, eve]) scene.does(voter, { kind: 'vote.cast', proposal: id, ballot: 'yes', reason: '' })
  scene.passes(DAY)
  scene.refuses(ben, { kind: 'member.leave', org }, M.NOT_A_MEMBER)
  scene.refuses(ben, { kind: 'member.apply', org, name: 'Ben', statement: '', invitation: null }, M.MEMBER_EXPELLED)
  const appeal = String(scene.does(ben, { kind: 'member.appeal', org, statement: 'Sorry' }).proposal)
  scene.refuses(ben, { kind: 'member.appeal', org, statement: 'again' }, G.APPEAL_NOT_POSSIBLE)
  for (const voter of [founder, eve])
    scene.does(voter, { kind: 'vote.cast', proposal: appeal, ballot: 'yes', reason: '' })
  scene.passes(7 * DAY)
  scene.does(ben, { kind: 'member.leave', org })
})
