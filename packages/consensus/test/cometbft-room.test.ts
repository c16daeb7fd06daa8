import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sha256 } from '@icn/crypto'
import { type RoomOptions, roomLeft, takesMany } from '../src/cometbft/room.ts'
import { createSubmissions } from '../src/cometbft/submissions.ts'

function hashOf(place: number): Uint8Array {
  return sha256(Uint8Array.of(place))
}

/** @param nodes - how many fill a pool of 12 */
function givenRoom({ waiting = 0, admitted = 0, ofOthers = 0, maxWaiting = 12, nodes = 1 }): RoomOptions {
  const submissions = createSubmissions()
  for (let place = 0; place < waiting; place++) submissions.add(Uint8Array.of(place), hashOf(place))
  for (let place = 0; place < admitted; place++) submissions.admit(hashOf(place), 1)
  return { submissions, waiting: () => waiting + ofOthers, maxWaiting, poolSize: 12, nodes: () => nodes }
}

for (const [name, given, room] of [
  ['an empty pool is all of one node', {}, 12],
  ['what was handed over counts as in the pool', { waiting: 5 }, 7],
  ['and once where it is there', { waiting: 5, admitted: 5 }, 7],
  ['what others brought counts too', { waiting: 2, ofOthers: 4 }, 6],
  ['of two nodes each has half its part under way', { nodes: 2 }, 3],
  ['and no more while CometBFT has not asked about it', { waiting: 2, nodes: 2 }, 1],
  ['what passed the check makes way for more', { waiting: 3, admitted: 3, nodes: 2 }, 3],
  ['up to what the pool holds', { waiting: 3, admitted: 3, ofOthers: 8, nodes: 2 }, 1],
  ['and up to what may wait here', { waiting: 4, admitted: 4, maxWaiting: 5 }, 1],
  ['never less than nothing', { waiting: 4, admitted: 4, ofOthers: 20, nodes: 4 }, 0],
] as const) {
  test(`room: ${name}`, () => {
    assert.equal(roomLeft(givenRoom(given)), room)
  })
}

for (const [name, given, count, before, takes] of [
  ['all that fit', { waiting: 5 }, 7, 0, true],
  ['none of more than fit beside what waits', { waiting: 5 }, 8, 0, false],
  ['nor beside what comes before them', {}, 8, 5, false],
  ['what fits where nobody waits', {}, 20, 0, true],
  ['where nobody waits here, half of what may be under way', { nodes: 2, ofOthers: 10 }, 20, 0, true],
  ['and no mere rest', { nodes: 2, ofOthers: 11 }, 20, 0, false],
  ['none of none is no refusal', { nodes: 2, ofOthers: 12 }, 0, 0, true],
] as const) {
  test(`room for many: ${name}`, () => {
    assert.equal(takesMany(givenRoom(given), count, before), takes)
  })
}

test('room: what was answered is no longer under way, checked or not', () => {
  const submissions = createSubmissions()
  for (let place = 0; place < 4; place++) submissions.add(Uint8Array.of(place), hashOf(place))
  submissions.admit(hashOf(0), 1)
  submissions.admit(hashOf(0), 2)
  for (const place of [0, 1]) {
    const answer = { ok: false, hash: hashOf(place), code: 0, detail: {} } as const
    submissions.settle(hashOf(place), answer)
    submissions.settle(hashOf(place), answer)
  }
  assert.deepEqual([submissions.count(), submissions.underWay()], [2, 2])
})
