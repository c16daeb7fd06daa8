/** What becomes of what waits: how it is handed to CometBFT, proposed, and answered. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { sha256 } from '@icn/crypto'
import { GovernanceReject, TransactionReject } from '@icn/protocol'
import { founding, givenSigner, HOPELESS } from '../../testkit/src/given-network.ts'
import { pack, unpack } from '../src/cometbft/parcels.ts'
import { codeOf, signedBy, withWatched } from './given-watched.ts'

test('what comes together is handed to CometBFT as one entry, and is accepted when CometBFT asks about that', () =>
  withWatched(async ({ line, take, ask, sent, decide, propose }) => {
    const list = signedBy('ana', 'ben', 'eva')
    const pending = list.map(take)
    const entries = await sent()
    assert.deepEqual(entries.map(unpack), [list])
    assert.deepEqual(
      pending.map(({ admittedAt }) => admittedAt),
      [undefined, undefined, undefined],
    )
    assert.ok((await ask(entries[0] as Uint8Array)).ok)
    for (const { accepted } of pending) assert.ok((await accepted).ok)
    assert.equal(line.state().mempool, 3)
    assert.deepEqual(await propose(), list)
    await decide(list)
    for (const { committed } of pending) assert.ok((await committed).ok)
    assert.equal(line.state().mempool, 0)
  }))

test('one alone is handed over as it is', () =>
  withWatched(async ({ take, sent, ask }) => {
    const [bytes] = signedBy('ana')
    const { accepted } = take(bytes)
    assert.deepEqual(await sent(), [bytes])
    assert.ok((await ask(bytes)).ok)
    assert.ok((await accepted).ok)
  }))

test('what CometBFT no longer asks about after a commit is handed over again while somebody waits for it', () =>
  withWatched(async ({ line, take, ask, sent, decide }) => {
    const [kept, dropped, ofOthers] = signedBy('ana', 'ben', 'eva')
    const [keptOne, droppedOne] = [take(kept), take(dropped)]
    assert.equal((await sent()).length, 1)
    for (const bytes of [kept, dropped, ofOthers]) assert.ok((await ask(bytes)).ok)
    assert.ok((await keptOne.accepted).ok && (await droppedOne.accepted).ok)
    await decide([])
    assert.ok((await ask(kept, 'recheck')).ok)
    assert.equal(line.state().mempool, 3)
    await decide([])
    assert.deepEqual([await sent(), line.state().mempool], [[dropped], 2])
    assert.equal(line.whereabouts(sha256(dropped)), 'handed over')
    assert.ok((await ask(dropped)).ok)
    await decide([kept, dropped])
    assert.deepEqual([(await keptOne.committed).ok, (await droppedOne.committed).ok], [true, true])
  }))

test('what CometBFT took and does not ask about for three blocks is handed over again', () =>
  withWatched(async ({ take, sent, decide }) => {
    const [bytes] = signedBy('ana')
    take(bytes)
    assert.deepEqual(await sent(), [bytes])
    for (let blocks = 0; blocks < 4; blocks++) await decide([])
    assert.deepEqual(await sent(), [])
    await decide([])
    assert.deepEqual(await sent(), [bytes])
  }))

test('what the decided block left out is answered with its reason', () =>
  withWatched(async ({ take, decide, propose, sent }) => {
    const ben = givenSigner('ben')
    const pending = [ben.sign(HOPELESS), ben.sign(founding())].map(take)
    assert.equal((await sent()).length, 1)
    const txs = await propose()
    assert.deepEqual(txs, [])
    await decide(txs)
    for (const [index, code] of [GovernanceReject.PROPOSAL_NOT_FOUND, TransactionReject.BAD_SEQUENCE].entries()) {
      const answer = await pending[index]?.committed
      assert.equal(answer?.ok === false && answer.code, code)
    }
    // What they had reserved is free.
    const corrected = take(ben.sign(founding(), { sequence: 0 }))
    assert.equal((await sent()).length, 1)
    await decide(await propose())
    assert.ok((await corrected.committed).ok)
  }))

test('what this node would have left out waits on where another block was decided', () =>
  withWatched(async ({ take, decide, propose, sent }) => {
    const hopeless = take(givenSigner('ben').sign(HOPELESS))
    await sent()
    assert.deepEqual(await propose(), [])
    const [ofAnother] = signedBy('ana')
    await decide([ofAnother])
    assert.equal(await Promise.race([hopeless.committed, setImmediate('waits')]), 'waits')
    assert.deepEqual(await propose(), [])
    await decide([])
    const answer = await hopeless.committed
    assert.equal(!answer.ok && answer.code, GovernanceReject.PROPOSAL_NOT_FOUND)
  }))

test('a refused transaction in a decided block is answered with its code', () =>
  withWatched(async ({ take, decide }) => {
    const bytes = givenSigner('ben').sign(HOPELESS)
    const pending = take(bytes)
    await decide([bytes])
    const answer = await pending.committed
    assert.equal(answer.ok ? 0 : answer.code, GovernanceReject.PROPOSAL_NOT_FOUND)
  }))

test('where as many wait as may, nothing more is checked, until a block made room', () =>
  withWatched(
    async ({ ask, decide }) => {
      const list = signedBy('p0', 'p1', 'p2')
      for (const bytes of list.slice(0, 2)) assert.ok((await ask(bytes)).ok)
      assert.equal(codeOf(await ask(list[2])), 0)
      await decide(list.slice(0, 2))
      assert.ok((await ask(list[2])).ok)
    },
    { poolSize: 2 },
  ))

test('a CometBFT that starts anew is handed what somebody waits for; what others brought they bring again', () =>
  withWatched(async ({ line, take, ask, sent }) => {
    const [checked, taken, ofOthers] = signedBy('ana', 'ben', 'eva')
    const pending = take(checked)
    assert.deepEqual(await sent(), [checked])
    for (const bytes of [checked, ofOthers]) assert.ok((await ask(bytes)).ok)
    take(taken)
    assert.deepEqual(await sent(), [taken])
    await line.begunAnew()
    assert.deepEqual(
      [checked, taken].map((bytes) => line.whereabouts(sha256(bytes))),
      ['lost', 'lost'],
    )
    const [entry] = await sent()
    assert.deepEqual(entry && unpack(entry), [checked, taken])
    for (const bytes of [entry as Uint8Array, ofOthers]) assert.ok((await ask(bytes)).ok)
    assert.deepEqual([line.state().mempool, pending.admittedAt], [3, 0])
  }))

test('what an earlier CometBFT had checked and the verdict of which comes late is no word about the next one', () =>
  withWatched(async ({ line, take, ask, sent }) => {
    const [own, ofOthers] = signedBy('ana', 'ben')
    take(own)
    const late = [ask(own), ask(ofOthers)]
    await line.begunAnew()
    for (const verdict of late) assert.ok((await verdict).ok)
    assert.deepEqual([line.state().mempool, line.whereabouts(sha256(own))], [1, 'lost'])
    assert.deepEqual(await sent(), [own])
    // And what it had reserved is free.
    assert.ok((await ask(ofOthers)).ok)
  }))

test('a proposal has what comes right after the last block', () =>
  withWatched(async ({ submissions, line, take, ask, decide, propose }) => {
    const [ana, ben] = [givenSigner('ana'), givenSigner('ben')]
    const first = [ana.sign(founding('One')), ben.sign(founding('Two'))]
    for (const bytes of first) {
      const { accepted } = take(bytes)
      assert.ok((await ask(bytes)).ok && (await accepted).ok)
    }
    await decide(first)
    // Both were answered; the proposal begins before they come again.
    const second = [ana.sign(founding('Three')), ben.sign(founding('Four'))] as const
    take(second[0])
    const proposing = propose()
    take(second[1])
    assert.deepEqual(await proposing, second)
    await decide(second)
    assert.deepEqual([submissions.count(), line.state().mempool], [0, 0])
  }))

const ALONE = { isAlone: true }

test('a validator that is alone hands CometBFT one transaction, and proposes all in the order in which they came', () =>
  withWatched(async ({ line, take, ask, decide, propose, sent }) => {
    const ana = givenSigner('ana')
    const list = ['One', 'Two', 'Three'].map((name) => ana.sign(founding(name)))
    const pending = list.map(take)
    for (const { accepted } of pending) assert.ok((await accepted).ok)
    assert.deepEqual([await sent(), line.state().mempool], [list.slice(0, 1), 3])
    assert.ok((await ask(list[0] as Uint8Array)).ok)
    assert.deepEqual(await propose(), list)
    await decide(list.slice(0, 2))
    assert.ok((await pending[1]?.committed)?.ok)
    // The one that found no place is handed over now; a later one of the same signer may follow it.
    assert.deepEqual([await sent(), line.state().mempool], [list.slice(2), 1])
    const last = ana.sign(founding('Four'))
    assert.ok((await take(last).accepted).ok)
    assert.deepEqual(await propose(), [...list.slice(2), last])
    await decide([...list.slice(2), last])
    assert.equal(line.state().mempool, 0)
  }, ALONE))

test('what a validator that is alone cannot put into its block is refused with the reason, and takes nothing', () =>
  withWatched(async ({ take, decide, propose, line }) => {
    const ben = givenSigner('ben')
    const hopeless = take(ben.sign(HOPELESS))
    assert.ok((await hopeless.accepted).ok)
    await decide(await propose())
    const answer = await hopeless.committed
    assert.equal(!answer.ok && answer.code, GovernanceReject.PROPOSAL_NOT_FOUND)
    assert.equal(line.state().mempool, 0)
    assert.ok((await take(ben.sign(founding(), { sequence: 0 })).accepted).ok)
  }, ALONE))

test('when a second validator comes, what still waits is handed to CometBFT for all to propose', () =>
  withWatched(async ({ line, take, ask, decide, sent, outside }) => {
    const list = signedBy('ana', 'ben', 'eva')
    for (const { accepted } of list.map(take)) assert.ok((await accepted).ok)
    assert.deepEqual(await sent(), list.slice(0, 1))
    outside.isAlone = false
    outside.says = 'unreachable'
    await decide(list.slice(0, 1))
    assert.equal(line.whereabouts(sha256(list[1])), 'lost')
    assert.deepEqual((await sent()).map(unpack), [list.slice(1)])
    assert.equal(line.state().mempool, 2, 'nobody is told that it was refused')
    assert.ok((await ask(pack(list.slice(1)))).ok)
    assert.equal(line.whereabouts(sha256(list[1])), 'waits for a block')
  }, ALONE))

for (const isAlone of [true, false]) {
  const who = isAlone ? 'a validator that is alone' : 'one of several'
  test(`where CometBFT does not answer, ${who} tells those who come`, () =>
    withWatched(
      async ({ line, take, sent, outside }) => {
        outside.says = 'unreachable'
        const list = signedBy('ana', 'ben')
        const answers = await Promise.all(list.map((bytes) => take(bytes).committed))
        const unavailable = { ok: false, code: 0, detail: {}, unavailable: true }
        assert.deepEqual(
          answers,
          list.map((bytes) => ({ ...unavailable, hash: sha256(bytes) })),
        )
        assert.equal(line.state().mempool, 0)
        await sent()
        outside.says = 'taken'
        take(list[0])
        assert.deepEqual(await sent(), [list[0]], 'what they had reserved is free')
      },
      { isAlone },
    ))
}

test('a CometBFT that has no place is told as busy', () =>
  withWatched(async ({ line, take, outside }) => {
    outside.says = 'full'
    const [bytes] = signedBy('ana')
    assert.deepEqual(await take(bytes).committed, { ok: false, hash: sha256(bytes), code: 0, detail: {} })
    assert.equal(line.state().mempool, 0)
  }))

test('a node that proposes nothing refuses what the blocks of others do not take, with the reason', () =>
  withWatched(async ({ line, take, ask, decide, outside, sent }) => {
    const [ana, ben] = [givenSigner('ana'), givenSigner('ben')]
    outside.proposes = false
    // The second follows the first one; the third is good, and blocks are full.
    const list = [ben.sign(HOPELESS), ben.sign(founding('After')), ana.sign(founding('Bakery'))]
    const pending = list.map(take)
    const [entry = new Uint8Array(0)] = await sent()
    assert.ok((await ask(entry)).ok)
    for (let blocks = 0; blocks < 3; blocks++) {
      assert.equal(line.state().mempool, 3)
      await decide([])
      assert.ok((await ask(entry, 'recheck')).ok)
    }
    assert.equal(line.state().mempool, 1)
    for (const [index, code] of [GovernanceReject.PROPOSAL_NOT_FOUND, TransactionReject.BAD_SEQUENCE].entries()) {
      const answer = await pending[index]?.committed
      assert.equal(answer?.ok === false && answer.code, code)
    }
    await decide(list.slice(2))
    assert.equal((await pending[2]?.committed)?.ok, true)
    const again = ben.sign(founding(), { sequence: 0 })
    take(again)
    assert.deepEqual(await sent(), [again], 'what they had reserved is free')
  }))

test('who was told that it takes too long may ask again: at a validator alone it still waits', () =>
  withWatched(async ({ take, decide, propose, submissions }) => {
    const [bytes] = signedBy('ana')
    await take(bytes).accepted
    submissions.settle(sha256(bytes), { ok: false, hash: sha256(bytes), code: 0, detail: {}, unavailable: true })
    const again = take(bytes)
    assert.ok((await again.accepted).ok)
    await decide(await propose())
    assert.ok((await again.committed).ok)
  }, ALONE))
