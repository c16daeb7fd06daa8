import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Ballot, type Bodies, GovernanceReject } from '@icn/protocol'
import type { LedgerEvent } from '../src/kernel/index.ts'
import { proposals } from '../src/modules/governance/index.ts'
import { countDeadlines } from '../src/modules/governance/tables.ts'
import { cooperative, createScene, DAY, HOUR, type Person, proposing, type Scene } from './given-scene.ts'

/** Enough for a few rows of ballots, not for a count. */
const LITTLE = 1_000
const OPTIONS = Array.from({ length: 6 }, (_, index) => ({ label: `Option ${index}`, actions: [], costMinor: 0 }))
const RANKED: Partial<Bodies['proposal.new']> = { method: 'irv', options: OPTIONS }

const topics = (events: readonly LedgerEvent[]) => events.map(({ topic }) => topic)
const proposalOf = ({ state }: Scene, id: string) => state.open(proposals).get({ id })
const unitsOf = ({ state }: Scene, id: string) =>
  [...state.open(countDeadlines).scan([])].find((row) => row.id === id)?.units

function turned(by: number): Ballot {
  return OPTIONS.map((_, place) => [(place + by) % OPTIONS.length])
}

/** A cooperative whose members all voted, each for another order, in `count` proposals that end together; `more` may be open. */
function givenVote(scene: Scene, count = 1, more = 0) {
  const { founder, org, people } = cooperative(scene, 5, { openProposalsPerMember: count + more })
  const ids = Array.from({ length: count }, () => String(scene.does(founder, proposing(org, RANKED)).proposal))
  for (const id of ids) {
    for (const [index, who] of [founder, ...people].entries())
      scene.does(who, { kind: 'vote.cast', proposal: id, ballot: turned(index), reason: '' })
  }
  return { founder, org, people, ids, id: ids[0] ?? '' }
}

/** Blocks until nothing is counted any more. */
function untilCounted(scene: Scene): LedgerEvent[][] {
  const blocks: LedgerEvent[][] = []
  while ((scene.machine.nextDueMs(scene.state) ?? Number.POSITIVE_INFINITY) <= scene.now()) {
    blocks.push([...scene.idles()])
    assert.ok(blocks.length < 10_000, 'a count ends')
  }
  return blocks
}

test('a count within the budget of a block ends in the block in which voting does', () => {
  const scene = createScene()
  const { id } = givenVote(scene)
  const events = scene.passes(2 * DAY)
  assert.deepEqual(topics(events), ['proposal.closed'])
  assert.equal(proposalOf(scene, id)?.status, 'tied')
  assert.deepEqual([...scene.state.open(countDeadlines).scan([])], [])
})

test('a larger one goes on block after block, and says when it began and what came of it', () => {
  const scene = createScene({ countUnitsPerBlock: LITTLE })
  const { id } = givenVote(scene)
  const begun = scene.passes(DAY)
  assert.deepEqual(
    begun.map(({ topic, subject, data }) => [topic, subject, data]),
    [['proposal.counting', id, { title: 'Oven', status: 'counting', turnout: 6, heads: 6 }]],
  )
  assert.equal(scene.machine.nextDueMs(scene.state), scene.now())
  const blocks = untilCounted(scene)
  assert.ok(blocks.length > 3, `${blocks.length} blocks`)
  assert.deepEqual(blocks.flatMap(topics), ['proposal.closed'])
  assert.deepEqual(topics(blocks.at(-1) ?? []), ['proposal.closed'])

  const atOnce = createScene()
  const other = givenVote(atOnce)
  atOnce.passes(DAY)
  const { status, result } = proposalOf(scene, id) ?? {}
  assert.deepEqual([status, result], ['tied', proposalOf(atOnce, other.id)?.result])
})

test('what reading the ballots costs is part of the count, and the same for ever', () => {
  const scene = createScene({ countUnitsPerBlock: 1 })
  const { id } = givenVote(scene)
  scene.passes(DAY)
  // Six rows of six options and an end.
  assert.equal(unitsOf(scene, id), 6 * 400 + 6 * 7 * 15)
})

test('while it is counted nothing about a vote can be changed, and it is open for its author', () => {
  const scene = createScene({ countUnitsPerBlock: LITTLE })
  const { founder, org, people, id } = givenVote(scene)
  scene.passes(DAY)
  const [ben] = people as [Person]
  const vote: Bodies['vote.cast'] = { kind: 'vote.cast', proposal: id, ballot: [[2]], reason: '' }
  scene.refuses(ben, vote, GovernanceReject.VOTING_NOT_OPEN)
  scene.refuses(founder, { kind: 'proposal.open', proposal: id }, GovernanceReject.WRONG_PHASE)
  scene.refuses(founder, { kind: 'proposal.withdraw', proposal: id }, GovernanceReject.WRONG_PHASE)
  scene.refuses(founder, proposing(org, { amends: id }), GovernanceReject.WRONG_PHASE)
  scene.refuses(founder, proposing(org), GovernanceReject.TOO_MANY_PROPOSALS)
  untilCounted(scene)
  scene.does(founder, proposing(org))
})

test('a machine that starts anew goes on where the count was, block by block', () => {
  const [steady, restarted] = [createScene({ countUnitsPerBlock: LITTLE }), createScene({ countUnitsPerBlock: LITTLE })]
  const [{ id }, { id: other }] = [givenVote(steady), givenVote(restarted)]
  steady.passes(DAY)
  restarted.passes(DAY)
  for (let units = unitsOf(steady, id); units !== undefined; units = unitsOf(steady, id)) {
    assert.equal(unitsOf(restarted, other), units)
    restarted.restarts()
    assert.deepEqual(topics(restarted.idles()), topics(steady.idles()))
  }
  assert.deepEqual(proposalOf(restarted, other)?.result, proposalOf(steady, id)?.result)
})

test('a block that is executed again, because it was not committed, counts the same', () => {
  const scene = createScene({ countUnitsPerBlock: LITTLE })
  const { id } = givenVote(scene)
  scene.passes(DAY)
  while (unitsOf(scene, id) !== undefined) {
    const before = unitsOf(scene, id)
    let once: number | undefined
    scene.state.attempt(() => {
      scene.idles()
      once = unitsOf(scene, id)
      return false
    })
    assert.equal(unitsOf(scene, id), before)
    scene.idles()
    assert.equal(unitsOf(scene, id), once)
  }
  assert.equal(proposalOf(scene, id)?.status, 'tied')
})

test('counts share a block, those that are as large end together, and a small one does not wait for a large one', () => {
  const scene = createScene({ countUnitsPerBlock: 20 * LITTLE })
  const { ids, founder, people, org } = givenVote(scene, 3, 1)
  const small = String(scene.does(founder, proposing(org, { votingMs: DAY })).proposal)
  for (const who of people) scene.does(who, { kind: 'vote.cast', proposal: small, ballot: 'yes', reason: '' })
  const events = scene.passes(DAY)
  assert.equal(proposalOf(scene, small)?.status, 'passed')
  assert.deepEqual(topics(events).toSorted(), [
    'proposal.closed',
    'proposal.counting',
    'proposal.counting',
    'proposal.counting',
  ])
  const units = ids.map((id) => unitsOf(scene, id) ?? 0)
  assert.ok(Math.min(...units) > 0, 'each has its share')
  const blocks = untilCounted(scene)
  assert.ok(blocks.length > 1)
  assert.equal(blocks.flat().length, 3)
  for (const id of ids) assert.equal(proposalOf(scene, id)?.status, 'tied')
})

test('more counts than one block goes on with hold up no other deadline, and all of them end', () => {
  const scene = createScene({ countUnitsPerBlock: 200 * LITTLE })
  const { ids, founder, org } = givenVote(scene, 52, 1)
  scene.passes(DAY - HOUR)
  const later = String(scene.does(founder, proposing(org, { discussionMs: HOUR })).proposal)
  scene.passes(HOUR)
  scene.idles()
  assert.ok(ids.filter((id) => proposalOf(scene, id)?.status === 'counting').length > 50)
  assert.equal(proposalOf(scene, later)?.status, 'voting')
  untilCounted(scene)
  assert.deepEqual(new Set(ids.map((id) => proposalOf(scene, id)?.status)), new Set(['tied']))
})
