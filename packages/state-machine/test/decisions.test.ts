import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Action, type Bodies, ExecutionFailure, NetworkFailure } from '@icn/protocol'
import { endOfBlock } from '../src/index.ts'
import { createOverlay, FIRST_RULES, NOTHING_REPORTED } from '../src/kernel/index.ts'
import { applyEdits, type Proposal, proposals, resolutions } from '../src/modules/governance/index.ts'
import { getMember, getOrganization } from '../src/modules/membership/index.ts'
import {
  CHAIN,
  cooperative,
  createScene,
  DAY,
  HOUR,
  type Person,
  person,
  proposing,
  type Scene,
} from './given-scene.ts'

type Ballot = Bodies['vote.cast']['ballot']

const proposalOf = (scene: Scene, id: string) => scene.state.open(proposals).get({ id }) as Proposal

/** Proposes, votes and lets the time of voting pass. */
function decide(
  scene: Scene,
  author: Person,
  body: Bodies['proposal.new'],
  ballots: ReadonlyMap<Person, Ballot>,
): Proposal {
  const id = String(scene.does(author, body).proposal)
  if (proposalOf(scene, id).status === 'discussion') scene.passes(7 * DAY)
  for (const [voter, ballot] of ballots) scene.does(voter, { kind: 'vote.cast', proposal: id, ballot, reason: '' })
  scene.passes(DAY)
  return proposalOf(scene, id)
}

const all = (people: readonly Person[], ...ballots: Ballot[]) =>
  new Map(people.slice(0, ballots.length).map((voter, index) => [voter, ballots[index] as Ballot]))
const options = (...labels: string[]) => labels.map((label) => ({ label, actions: [] as Action[], costMinor: 0 }))

for (const [name, ballots, status] of [
  ['three of four for', ['yes', 'yes', 'yes', 'no'], 'passed'],
  ['half and half', ['yes', 'yes', 'no', 'no'], 'rejected'],
  ['only abstentions', ['abstain', 'abstain', 'abstain'], 'rejected'],
  ['too few', ['yes'], 'no_quorum'],
  ['one for, one abstains', ['yes', 'abstain'], 'passed'],
] as const) {
  test(`a plain question with ${name}: ${status}`, () => {
    const scene = createScene()
    const { founder, org, people } = cooperative(scene, 3)
    assert.equal(decide(scene, founder, proposing(org), all([founder, ...people], ...ballots)).status, status)
  })
}

test('half and half is no approval at any threshold', () => {
  const scene = createScene()
  const { founder, org, people } = cooperative(scene, 1, {
    thresholds: {
      constitution: { num: 1, den: 3 },
      bylaw: { num: 1, den: 3 },
      budget: { num: 1, den: 3 },
      standard: { num: 1, den: 3 },
    },
  })
  assert.equal(decide(scene, founder, proposing(org), all([founder, ...people], 'yes', 'no')).status, 'rejected')
})

for (const [method, ballots, winners, status, change] of [
  ['consent', ['consent', 'consent', 'stand-aside'], [], 'passed', {}],
  ['consent', ['consent', 'consent', 'object'], [], 'rejected', {}],
  ['plurality', [0, 0, 1], [0], 'passed', {}],
  ['plurality', [0, 1], [0, 1], 'tied', {}],
  ['approval', [[0, 1], [1], [2]], [1], 'passed', {}],
  [
    'score',
    [
      [
        [0, 5],
        [1, 1],
      ],
      [[0, 1]],
      [[1, 4]],
    ],
    [0],
    'passed',
    { maxScore: 5 },
  ],
  [
    'schulze',
    [
      [[0], [1], [2]],
      [[0], [2]],
      [[2], [0]],
    ],
    [0],
    'passed',
    {},
  ],
  ['irv', [[[0], [1]], [[0]], [[1], [0]], [[2], [1]]], [0], 'passed', {}],
  ['irv', [[[0], [1]], [[0]], [[1], [0]]], [0], 'passed', {}],
  ['stv', [[[0], [1]], [[0], [1]], [[0], [1]], [[1]], [[2]]], [0, 1], 'passed', { seats: 2 }],
] as const) {
  test(`${method} with ${JSON.stringify(ballots)}: ${status}`, () => {
    const scene = createScene()
    const { founder, org, people } = cooperative(scene, 4)
    const labels = method === 'consent' ? [] : options('a', 'b', 'c')
    const body = proposing(org, { method, options: labels, ...change })
    const decided = decide(scene, founder, body, all([founder, ...people], ...(ballots as unknown as Ballot[])))
    assert.equal(decided.status, status)
    assert.deepEqual(decided.result?.winners.toSorted(), winners)
  })
}

test('a budget is shared out, and a later ballot replaces an earlier one', () => {
  const scene = createScene()
  const { founder, org, people } = cooperative(scene, 2)
  const projects = [600, 500, 300].map((costMinor, index) => ({ label: `p${index}`, actions: [], costMinor }))
  const body = proposing(org, { type: 'budget', method: 'equal-shares', options: projects, budgetMinor: 900 })
  const id = String(scene.does(founder, body).proposal)
  const vote = (who: Person, ballot: Ballot) => scene.does(who, { kind: 'vote.cast', proposal: id, ballot, reason: '' })
  for (const voter of [founder, ...people]) vote(voter, [1])
  for (const voter of [founder, ...people]) vote(voter, [0, 2])
  scene.passes(DAY)
  assert.deepEqual([proposalOf(scene, id).status, proposalOf(scene, id).result?.winners.toSorted()], ['passed', [0, 2]])
})

test('what a passed proposal does is done, all of it, and ends the founder rule', () => {
  const scene = createScene()
  const { founder, org, people } = cooperative(scene, 2)
  const [ben] = people as [Person]
  const actions: Action[] = [
    { do: 'standard', text: 'We open on Sundays' },
    { do: 'grant-role', member: ben.did, role: 'treasurer' },
  ]
  assert.equal(getOrganization(scene.state, org)?.founderRules, true)
  const decided = decide(scene, founder, proposing(org, { actions }), all([founder, ...people], 'yes', 'yes', 'yes'))
  assert.equal(decided.status, 'executed')
  assert.equal(scene.state.open(resolutions).get({ org, proposal: decided.id, index: 0 })?.text, 'We open on Sundays')
  assert.ok(getMember(scene.state, org, ben.did)?.roles.includes('treasurer'))
  assert.equal(getOrganization(scene.state, org)?.founderRules, false)
})

test('the actions of the option that won run, those of others do not', () => {
  const scene = createScene()
  const { founder, org, people } = cooperative(scene, 2)
  const own = (text: string) => ({ label: text, actions: [{ do: 'standard', text } as Action], costMinor: 0 })
  const body = proposing(org, { method: 'plurality', options: [own('open'), own('closed')] })
  const decided = decide(scene, founder, body, all([founder, ...people], 1, 1, 0))
  assert.deepEqual(
    Array.from(scene.state.open(resolutions).scan([org, decided.id]), ({ text }) => text),
    ['closed'],
  )
})

test('every way in which an execution fails is named, undoes the rest, is tried again and expires', () => {
  const tested = new Set<string>()
  const fails = (
    failure: string,
    type: 'standard' | 'bylaw' | 'constitution',
    action: (org: string, founder: Person, ben: Person) => Action,
  ) => {
    const scene = createScene()
    const { founder, org, people } = cooperative(scene, 2, { executionRetryMs: 2 * HOUR, expulsionNoticeMs: 0 })
    const actions = [{ do: 'standard', text: 'first' } as Action, action(org, founder, people[0] as Person)]
    const decided = decide(
      scene,
      founder,
      proposing(org, { type, actions }),
      all([founder, ...people], 'yes', 'yes', 'yes'),
    )
    assert.deepEqual([decided.status, decided.failure], ['exec_failed', failure])
    assert.deepEqual([...scene.state.open(resolutions).scan([org])], [], 'all or none')
    scene.passes(4 * HOUR)
    assert.deepEqual(
      [proposalOf(scene, decided.id).status, proposalOf(scene, decided.id).failure],
      ['expired', failure],
    )
    tested.add(failure)
  }
  const edits = [{ line: 0, remove: [], insert: ['x'] }]
  fails('BYLAW_CONFLICT', 'bylaw', () => ({ do: 'bylaw', bylaw: 'oven', title: 'Oven', baseVersion: 3, edits }))
  fails('CHARTER_INVALID', 'constitution', () => ({ do: 'charter', change: { quorum: { num: 3, den: 2 } } }))
  fails('MEMBER_NOT_FOUND', 'bylaw', () => ({ do: 'expel', member: person().did, reason: '' }))
  fails('APPLICATION_NOT_FOUND', 'standard', () => ({ do: 'admit', member: person().did }))
  fails('ROLE_UNKNOWN', 'standard', (_, founder) => ({ do: 'grant-role', member: founder.did, role: 'baker' }))
  fails('ROLE_HELD', 'standard', (_, founder) => ({ do: 'grant-role', member: founder.did, role: 'steward' }))
  fails('ROLE_NOT_HELD', 'standard', (_, __, ben) => ({ do: 'revoke-role', member: ben.did, role: 'steward' }))
  fails('LAST_STEWARD', 'bylaw', (_, founder) => ({ do: 'expel', member: founder.did, reason: '' }))
  // Those of the network stand in validators.test.ts.
  const own = Object.values(ExecutionFailure).filter((failure) => !(failure in NetworkFailure))
  assert.deepEqual([...tested].sort(), own.sort(), 'every failure has a test')
})

test('a failed execution that becomes possible is done', () => {
  const scene = createScene()
  const { founder, org, people } = cooperative(scene, 2)
  const late = person()
  const actions: Action[] = [{ do: 'admit', member: late.did }]
  const decided = decide(scene, founder, proposing(org, { actions }), all([founder, ...people], 'yes', 'yes', 'yes'))
  assert.equal(decided.status, 'exec_failed')
  scene.does(late, { kind: 'member.apply', org, name: 'Late', statement: '', invitation: null })
  scene.passes(2 * HOUR)
  assert.equal(proposalOf(scene, decided.id).status, 'executed')
  assert.equal(getMember(scene.state, org, late.did)?.status, 'active')
})

test('a time lock delays execution', () => {
  const scene = createScene()
  const { founder, org, people } = cooperative(scene, 1, { timeLockMs: DAY })
  const body = proposing(org, { actions: [{ do: 'standard', text: 'x' }] })
  const decided = decide(scene, founder, body, all([founder, ...people], 'yes', 'yes'))
  assert.equal(decided.status, 'queued')
  scene.passes(DAY)
  assert.equal(proposalOf(scene, decided.id).status, 'executed')
})

test('a quorum completed at the last moment moves the end, once', () => {
  const scene = createScene()
  const { founder, org, people } = cooperative(scene, 3, {
    lateQuorumExtensionMs: 6 * HOUR,
    quorum: { num: 2, den: 4 },
  })
  const [ben, eve] = people as [Person, Person]
  const id = String(scene.does(founder, proposing(org)).proposal)
  const vote = (who: Person) => scene.does(who, { kind: 'vote.cast', proposal: id, ballot: 'yes', reason: '' })
  vote(founder)
  scene.passes(DAY - 2 * HOUR)
  vote(ben)
  scene.passes(4 * HOUR)
  assert.equal(proposalOf(scene, id).status, 'voting')
  vote(eve)
  scene.passes(4 * HOUR)
  assert.equal(proposalOf(scene, id).status, 'passed')
})

test('an outage of the network moves the end by as much', () => {
  const scene = createScene()
  const { founder, org, people } = cooperative(scene, 1)
  const id = String(scene.does(founder, proposing(org)).proposal)
  scene.passes(HOUR)
  // Three days without a block, in which the vote would have ended.
  const timeMs = scene.now() + 3 * DAY
  const later = createOverlay({
    readRow: (table, key) =>
      scene.state.open(table).get(Object.fromEntries(table.keyNames.map((name, index) => [name, key[index]]))),
    scanRows: (table, prefix, more) => scene.state.open(table).scan(prefix, more),
  })
  scene.machine.endBlock(endOfBlock(CHAIN, { height: 900, timeMs }, 0, FIRST_RULES), later, NOTHING_REPORTED)
  const extended = later.open(proposals).get({ id })
  assert.equal(extended?.status, 'voting')
  assert.equal(extended?.votingEndMs, (proposalOf(scene, id).votingEndMs ?? 0) + 3 * DAY)
  assert.equal(people.length, 1)
})

test('a draft without sponsors expires, and a withdrawn one frees its place', () => {
  const scene = createScene()
  const { founder, org } = cooperative(scene, 2, { sponsors: 1, openProposalsPerMember: 1 })
  const draft = String(scene.does(founder, proposing(org)).proposal)
  scene.does(founder, { kind: 'proposal.withdraw', proposal: draft })
  const second = String(scene.does(founder, proposing(org)).proposal)
  scene.passes(31 * DAY)
  assert.deepEqual([proposalOf(scene, draft).status, proposalOf(scene, second).status], ['withdrawn', 'expired'])
})

test('voice comes after the time that the charter names, and not before', () => {
  const scene = createScene()
  const { founder, org, people } = cooperative(scene, 1, { membershipAgeMinMs: DAY })
  const [ben] = people as [Person]
  const early = String(scene.does(founder, proposing(org)).proposal)
  scene.passes(DAY)
  const after = String(scene.does(founder, proposing(org)).proposal)
  assert.deepEqual([proposalOf(scene, early).roll?.heads, proposalOf(scene, after).roll?.heads], [1, 2])
  scene.does(ben, { kind: 'vote.cast', proposal: after, ballot: 'yes', reason: '' })
})

test('a bylaw is amended against its version only', () => {
  assert.equal(applyEdits('', [{ line: 0, remove: [], insert: ['a', 'b'] }]), 'a\nb')
  assert.equal(
    applyEdits('a\nb\nc', [
      { line: 1, remove: ['b'], insert: ['x', 'y'] },
      { line: 3, remove: [], insert: ['z'] },
    ]),
    'a\nx\ny\nc\nz',
  )
  assert.equal(applyEdits('a\nb', [{ line: 1, remove: ['c'], insert: [] }]), undefined)
  assert.equal(applyEdits('a\nb', [{ line: 2, remove: ['b'], insert: [] }]), undefined)
  assert.equal(
    applyEdits('a\nb', [
      { line: 1, remove: [], insert: ['x'] },
      { line: 0, remove: [], insert: ['y'] },
    ]),
    undefined,
  )
})
