import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sha256 } from '@icn/crypto'
import { GovernanceReject, TransactionReject } from '@icn/protocol'
import { founding, givenSigner, HOPELESS } from '../../testkit/src/given-network.ts'
import { openMemory } from '../../testkit/src/given-store.ts'
import { createSubmissions, type Submissions } from '../src/cometbft/submissions.ts'
import { type WatchedApplication, watchApplication } from '../src/cometbft/watch-application.ts'
import type { CommittedBlock } from '../src/index.ts'
import { type Ledger, withLedger } from './given-ledger.ts'

interface Watched {
  readonly ledger: Ledger
  readonly submissions: Submissions
  readonly watched: WatchedApplication
  readonly blocks: readonly CommittedBlock[]
  /** Somebody waits for these bytes, and CometBFT asks for the verdict. */
  hand(bytes: Uint8Array): ReturnType<Submissions['add']>
  /** Finalizes and commits what somebody proposed. */
  decide(txs: readonly Uint8Array[]): Promise<void>
  propose(txs: readonly Uint8Array[]): Promise<Uint8Array[]>
  /** A client of a validator that is alone hands them in. */
  take(bytes: Uint8Array): ReturnType<Submissions['add']>
  /** What CometBFT was handed. */
  readonly sent: Uint8Array[]
  /** What happens outside. */
  readonly outside: { isAlone: boolean; isReachable: boolean; proposes: boolean }
}

/** The calls that CometBFT makes, made by the test. */
function withWatched(work: (given: Watched) => Promise<void>, poolSize = 100): Promise<void> {
  return withLedger(openMemory, async (ledger) => {
    const submissions = createSubmissions()
    const blocks: CommittedBlock[] = []
    const sent: Uint8Array[] = []
    const outside = { isAlone: true, isReachable: true, proposes: true }
    const send = async (bytes: Uint8Array) => {
      sent.push(bytes)
      return outside.isReachable ? 'taken' : 'unreachable'
    }
    const isAlone = () => outside.isAlone
    const onBlock = (block: CommittedBlock) => void blocks.push(block)
    const onLost = () => {
      for (const { bytes, isLost } of submissions.all()) if (isLost) void send(bytes)
    }
    const roles = { isAlone, proposes: () => outside.proposes }
    const { application: bare } = ledger
    const watched = watchApplication({ application: bare, submissions, onBlock, onLost, poolSize, send, ...roles })
    const { application } = watched
    const hand: Watched['hand'] = (bytes) => {
      const pending = submissions.add(bytes, sha256(bytes))
      void application.checkTx(bytes, 'new')
      return pending
    }
    const decide = async (txs: readonly Uint8Array[]) => {
      await application.finalizeBlock(ledger.next(txs))
      await application.commit({ hash: sha256(Uint8Array.of(blocks.length)), header: new Uint8Array(0) })
    }
    const propose = async (txs: readonly Uint8Array[]) =>
      (await application.prepareProposal({ ...ledger.next(txs), maxTxBytes: 1_000_000 })).txs
    const take: Watched['take'] = (bytes) => {
      const pending = submissions.add(bytes, sha256(bytes))
      void watched.takeOwn(bytes, sha256(bytes))
      return pending
    }
    await work({ ledger, submissions, watched, blocks, hand, decide, propose, take, sent, outside })
  })
}

test('what CometBFT no longer asks about after a commit was dropped: nobody waits for it', () =>
  withWatched(async ({ watched, submissions, hand, decide }) => {
    const [kept, dropped] = [givenSigner('ana').sign(founding()), givenSigner('ben').sign(founding())]
    const [keptOne, droppedOne] = [hand(kept), hand(dropped)]
    assert.ok((await keptOne.accepted).ok && (await droppedOne.accepted).ok)
    assert.equal(watched.count(), 2)
    await decide([])
    assert.equal((await watched.application.checkTx(kept, 'recheck')).ok, true)
    assert.equal(submissions.count(), 2)
    await decide([])
    assert.deepEqual(await droppedOne.committed, { ok: false, hash: sha256(dropped), code: 0, detail: {} })
    assert.deepEqual([submissions.count(), watched.count()], [1, 1])
    await decide([kept])
    assert.deepEqual(
      { ...(await keptOne.committed), result: {} },
      {
        ok: true,
        hash: sha256(kept),
        height: 3,
        index: 0,
        result: {},
      },
    )
    assert.deepEqual([submissions.count(), watched.count()], [0, 0])
  }))

test('what the decided block left out is answered when CometBFT asks again, with its reason', () =>
  withWatched(async ({ watched, hand, decide, propose }) => {
    const ben = givenSigner('ben')
    const [hopeless, behind] = [ben.sign(HOPELESS), ben.sign(founding())]
    const list = [hopeless, behind].map(hand)
    for (const { accepted } of list) assert.ok((await accepted).ok)
    const txs = await propose([hopeless, behind])
    assert.deepEqual(txs, [])
    await decide(txs)
    for (const [index, code] of [GovernanceReject.PROPOSAL_NOT_FOUND, TransactionReject.BAD_SEQUENCE].entries()) {
      const bytes = [hopeless, behind][index] as Uint8Array
      const verdict = await watched.application.checkTx(bytes, 'recheck')
      assert.equal(verdict.ok ? 0 : verdict.code, code)
      const answer = await list[index]?.committed
      assert.equal(answer?.ok === false && answer.code, code)
    }
    // What they had reserved is free.
    const corrected = ben.sign(founding(), { sequence: 0 })
    assert.ok((await hand(corrected).accepted).ok)
  }))

test('what this node would have left out waits on where another block was decided', () =>
  withWatched(async ({ watched, submissions, decide, propose }) => {
    const ana = givenSigner('ana')
    const [first, second] = [ana.sign(founding('One')), ana.sign(founding('Two'))]
    // The first came by way of another node, whose block has it; here only the second waits, and does not fit yet.
    const pending = submissions.add(second, sha256(second))
    assert.deepEqual(await propose([second]), [])
    await decide([first])
    assert.ok((await watched.application.checkTx(second, 'recheck')).ok)
    await decide([second])
    assert.equal((await pending.committed).ok, true)
  }))

test('a refused transaction in a decided block is answered with its code', () =>
  withWatched(async ({ hand, decide }) => {
    const bytes = givenSigner('ben').sign(HOPELESS)
    const pending = hand(bytes)
    await pending.accepted
    await decide([bytes])
    const answer = await pending.committed
    assert.equal(answer.ok ? 0 : answer.code, GovernanceReject.PROPOSAL_NOT_FOUND)
  }))

test('a pool that is full refuses before the check, and takes again when a block made room', () =>
  withWatched(async ({ watched, hand, decide }) => {
    const list = Array.from({ length: 3 }, (_, index) => givenSigner(`p${index}`).sign(founding()))
    const answers = await Promise.all(list.map((bytes) => hand(bytes).accepted))
    assert.deepEqual(
      answers.map((answer) => (answer.ok ? 'waits' : answer.code)),
      ['waits', 'waits', 0],
    )
    await decide(list.slice(0, 2))
    assert.equal((await watched.application.checkTx(list[2] as Uint8Array, 'new')).ok, true)
  }, 2))

test('a CometBFT that starts anew has an empty pool', () =>
  withWatched(async ({ watched, hand }) => {
    const bytes = givenSigner('ana').sign(founding())
    const pending = hand(bytes)
    await pending.accepted
    await watched.forget()
    assert.deepEqual([pending.isAdmitted, pending.admittedAt, pending.isLost], [true, undefined, true])
    assert.ok((await watched.application.checkTx(bytes, 'new')).ok)
    assert.deepEqual([pending.admittedAt, pending.isLost], [0, false])
  }))

test('a proposal has what comes right after the last block, behind what CometBFT handed over', () =>
  withWatched(async ({ watched, submissions, hand, decide, propose }) => {
    const [ana, ben] = [givenSigner('ana'), givenSigner('ben')]
    const first = [ana.sign(founding('One')), ben.sign(founding('Two'))]
    for (const { accepted } of first.map(hand)) assert.ok((await accepted).ok)
    await decide(first)
    // Both were answered; the proposal begins before they come again.
    const second = [ana.sign(founding('Three')), ben.sign(founding('Four'))] as const
    assert.ok((await hand(second[0]).accepted).ok)
    const proposing = propose([second[0]])
    hand(second[1])
    assert.deepEqual(await proposing, second)
    await decide(second)
    assert.deepEqual([submissions.count(), watched.count()], [0, 0])
  }))

test('nobody is told a refusal of what CometBFT has not handed over', () =>
  withWatched(async ({ watched, hand, decide, propose }) => {
    const ben = givenSigner('ben')
    const known = givenSigner('ana').sign(founding())
    assert.ok((await hand(known).accepted).ok)
    await decide([known])
    const hopeless = hand(ben.sign(HOPELESS))
    assert.ok((await hopeless.accepted).ok)
    assert.deepEqual(await propose([]), [])
    await decide([])
    assert.ok((await watched.application.checkTx(hopeless.bytes, 'recheck')).ok)
    assert.deepEqual(await propose([hopeless.bytes]), [])
    await decide([])
    const verdict = await watched.application.checkTx(hopeless.bytes, 'recheck')
    assert.equal(verdict.ok ? 0 : verdict.code, GovernanceReject.PROPOSAL_NOT_FOUND)
  }))

test('a validator that is alone hands CometBFT one transaction, and proposes all in the order in which they came', () =>
  withWatched(async ({ watched, take, decide, propose, sent }) => {
    const ana = givenSigner('ana')
    const list = ['One', 'Two', 'Three'].map((name) => ana.sign(founding(name)))
    const pending = list.map(take)
    for (const { accepted } of pending) assert.ok((await accepted).ok)
    assert.deepEqual([sent, watched.count()], [list.slice(0, 1), 3])
    // CometBFT asks about what it was handed, and hands it back.
    assert.ok((await watched.application.checkTx(list[0] as Uint8Array, 'new')).ok)
    assert.deepEqual(await propose(list.slice(0, 1)), list)
    await decide(list.slice(0, 2))
    assert.ok((await pending[1]?.committed)?.ok)
    // The one that found no place is handed over now; a later one of the same signer may follow it.
    assert.deepEqual([sent.slice(1), watched.count()], [list.slice(2), 1])
    const last = ana.sign(founding('Four'))
    assert.ok((await take(last).accepted).ok)
    assert.deepEqual(await propose([]), [...list.slice(2), last])
    await decide([...list.slice(2), last])
    assert.equal(watched.count(), 0)
  }))

test('what a validator that is alone cannot put into its block is refused with the reason, and takes nothing', () =>
  withWatched(async ({ take, decide, propose, watched }) => {
    const ben = givenSigner('ben')
    const hopeless = take(ben.sign(HOPELESS))
    assert.ok((await hopeless.accepted).ok)
    await decide(await propose([]))
    const answer = await hopeless.committed
    assert.equal(!answer.ok && answer.code, GovernanceReject.PROPOSAL_NOT_FOUND)
    assert.equal(watched.count(), 0)
    assert.ok((await take(ben.sign(founding(), { sequence: 0 })).accepted).ok)
  }))

test('when a second validator comes, what still waits is handed to CometBFT for all to propose', () =>
  withWatched(async ({ watched, take, decide, sent, outside }) => {
    const list = ['ana', 'ben', 'eva'].map((name) => givenSigner(name).sign(founding()))
    for (const { accepted } of list.map(take)) assert.ok((await accepted).ok)
    outside.isAlone = false
    await decide(list.slice(0, 1))
    assert.deepEqual(sent, list)
    for (const bytes of list.slice(1)) assert.ok((await watched.application.checkTx(bytes, 'new')).ok)
    assert.equal(watched.count(), 2)
  }))

test('where CometBFT does not answer, a validator that is alone tells those who wait', () =>
  withWatched(async ({ watched, take, outside }) => {
    outside.isReachable = false
    const bytes = givenSigner('ana').sign(founding())
    const answer = await take(bytes).committed
    assert.deepEqual(answer, { ok: false, hash: sha256(bytes), code: 0, detail: {}, unavailable: true })
    assert.equal(watched.count(), 0)
    outside.isReachable = true
    assert.ok((await take(bytes).accepted).ok)
  }))

test('what an earlier CometBFT had checked and the verdict of which comes late is no word about the next one', () =>
  withWatched(async ({ watched, submissions }) => {
    const bytes = givenSigner('ana').sign(founding())
    const pending = submissions.add(bytes, sha256(bytes))
    const late = watched.application.checkTx(bytes, 'new')
    await watched.forget()
    assert.ok((await late).ok)
    assert.deepEqual([pending.isAdmitted, pending.isLost, watched.count()], [true, true, 0])
    // And what it had reserved is free.
    assert.ok((await watched.application.checkTx(bytes, 'new')).ok)
  }))

test('what CometBFT had taken and never asked about is lost with it, as is what passed the check', () =>
  withWatched(async ({ watched, submissions, hand }) => {
    const [checked, taken, onItsWay] = ['ana', 'ben', 'eva'].map((name) => givenSigner(name).sign(founding()))
    await hand(checked as Uint8Array).accepted
    for (const bytes of [taken, onItsWay] as Uint8Array[]) submissions.add(bytes, sha256(bytes))
    submissions.take(sha256(taken as Uint8Array))
    await watched.forget()
    assert.deepEqual(
      submissions.all().map(({ isLost }) => isLost),
      [true, true, false],
    )
  }))

test('what waits at a validator that is no longer alone is lost until CometBFT has asked about it', () =>
  withWatched(async ({ watched, take, decide, outside, submissions }) => {
    const bytes = givenSigner('ana').sign(founding())
    assert.ok((await take(bytes).accepted).ok)
    Object.assign(outside, { isAlone: false, isReachable: false })
    for (let blocks = 0; blocks < 4; blocks++) await decide([])
    assert.deepEqual([submissions.first()?.isLost, watched.count()], [true, 0], 'nobody is told that it was refused')
    assert.ok((await watched.application.checkTx(bytes, 'new')).ok)
    assert.deepEqual([submissions.first()?.isLost, watched.count()], [false, 1])
  }))

test('a node that proposes nothing refuses what the blocks of others do not take, with the reason', () =>
  withWatched(async ({ watched, hand, decide, outside }) => {
    const [ana, ben] = [givenSigner('ana'), givenSigner('ben')]
    outside.proposes = false
    // The second follows the first one; the third is good, and blocks are full.
    const list = [ben.sign(HOPELESS), ben.sign(founding('After')), ana.sign(founding('Bakery'))]
    const pending = list.map(hand)
    for (const { accepted } of pending) assert.ok((await accepted).ok)
    const recheck = () => Promise.all(list.map((bytes) => watched.application.checkTx(bytes, 'recheck')))
    for (let blocks = 0; blocks < 2; blocks++) {
      await decide([])
      assert.ok((await recheck()).every(({ ok }) => ok))
    }
    await decide([])
    const codes = [GovernanceReject.PROPOSAL_NOT_FOUND, TransactionReject.BAD_SEQUENCE, 0]
    assert.deepEqual(
      (await recheck()).map((check) => (check.ok ? 0 : check.code)),
      codes,
    )
    for (const [index, code] of codes.slice(0, 2).entries()) {
      const answer = await pending[index]?.committed
      assert.equal(answer?.ok === false && answer.code, code)
    }
    await decide(list.slice(2))
    assert.equal((await pending[2]?.committed)?.ok, true)
    assert.ok((await hand(ben.sign(founding(), { sequence: 0 })).accepted).ok, 'what they had reserved is free')
  }))

test('who was told that it takes too long may ask again: at a validator alone it still waits', () =>
  withWatched(async ({ take, decide, propose, submissions }) => {
    const bytes = givenSigner('ana').sign(founding())
    await take(bytes).accepted
    submissions.settle(sha256(bytes), { ok: false, hash: sha256(bytes), code: 0, detail: {}, unavailable: true })
    const again = take(bytes)
    assert.ok((await again.accepted).ok)
    await decide(await propose([bytes]))
    assert.ok((await again.committed).ok)
  }))
