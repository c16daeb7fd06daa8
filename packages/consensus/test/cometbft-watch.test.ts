import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as elapsed, setImmediate } from 'node:timers/promises'
import { sha256 } from '@icn/crypto'
import { GovernanceReject, TransactionReject } from '@icn/protocol'
import { founding, givenSigner, HOPELESS } from '../../testkit/src/given-network.ts'
import { openMemory } from '../../testkit/src/given-store.ts'
import type { Broadcast } from '../src/cometbft/broadcaster.ts'
import { pack, unpack } from '../src/cometbft/parcels.ts'
import { createSubmissions, type Submissions } from '../src/cometbft/submissions.ts'
import { type WatchedApplication, watchApplication } from '../src/cometbft/watch-application.ts'
import type { Application, CheckResult, CommittedBlock } from '../src/index.ts'
import { type Ledger, withLedger } from './given-ledger.ts'

type Pending = ReturnType<Submissions['add']>

interface Watched {
  readonly ledger: Ledger
  readonly submissions: Submissions
  readonly watched: WatchedApplication
  readonly blocks: readonly CommittedBlock[]
  /** A client of this node hands them in. */
  take(bytes: Uint8Array): Pending
  /** CometBFT asks about an entry of its pool. */
  ask(entry: Uint8Array, kind?: 'new' | 'recheck'): Promise<CheckResult>
  /** Finalizes and commits what somebody proposed. */
  decide(txs: readonly Uint8Array[]): Promise<void>
  propose(): Promise<Uint8Array[]>
  /** Entries that CometBFT was handed, since this was asked last. */
  sent(): Promise<readonly Uint8Array[]>
  /** What happens outside. */
  readonly outside: { isAlone: boolean; says: Broadcast; proposes: boolean }
}

/** Verification takes a while in its thread; nothing else does. */
const VERIFIED_MS = 500

interface Options {
  readonly poolSize?: number
  readonly isAlone?: boolean
  readonly around?: (application: Application) => Partial<Application>
}

/** The calls that CometBFT makes, made by the test; this node is one of several validators where nothing else is said. */
function withWatched(work: (given: Watched) => Promise<void>, options: Options = {}): Promise<void> {
  const { poolSize = 100, isAlone = false, around = () => ({}) } = options
  return withLedger(openMemory, async (ledger) => {
    const submissions = createSubmissions()
    const blocks: CommittedBlock[] = []
    const outside: Watched['outside'] = { isAlone, says: 'taken', proposes: true }
    let handed: Uint8Array[] = []
    const watched = watchApplication({
      application: { ...ledger.application, ...around(ledger.application) },
      submissions,
      poolSize,
      send: async (entry) => {
        handed.push(entry)
        return outside.says
      },
      isAlone: () => outside.isAlone,
      proposes: () => outside.proposes,
      onAdmitted: () => {},
      onBlock: (block) => void blocks.push(block),
      hasFailed: () => false,
      onFailure: (error) => assert.fail(String(error)),
    })
    const { application } = watched
    const take: Watched['take'] = (bytes) => {
      const pending = submissions.add(bytes, sha256(bytes))
      void watched.take(bytes, sha256(bytes))
      return pending
    }
    const decide = async (txs: readonly Uint8Array[]) => {
      await application.finalizeBlock(ledger.next(txs))
      await application.commit({ hash: sha256(Uint8Array.of(blocks.length)), header: new Uint8Array(0) })
    }
    const propose = async () =>
      (await application.prepareProposal({ ...ledger.next([]), maxTxBytes: 1_000_000 })).txs.map((bytes) =>
        Uint8Array.from(bytes),
      )
    const ask: Watched['ask'] = (entry, kind = 'new') => application.checkTx(entry, kind)
    const sent = async () => {
      for (let tries = 0; handed.length === 0 && tries < VERIFIED_MS; tries++) await elapsed(1)
      const list = handed.map((entry) => Uint8Array.from(entry))
      handed = []
      return list
    }
    await work({ ledger, submissions, watched, blocks, take, ask, decide, propose, sent, outside })
  })
}

function signedBy(...names: readonly string[]): [Uint8Array, Uint8Array, Uint8Array] {
  return names.map((name) => givenSigner(name).sign(founding())) as [Uint8Array, Uint8Array, Uint8Array]
}

function codeOf(answer: CheckResult | undefined): number | 'none' {
  return answer === undefined || answer.ok ? 'none' : answer.code
}

test('what comes together is handed to CometBFT as one entry, and is accepted when CometBFT asks about that', () =>
  withWatched(async ({ watched, take, ask, sent, decide, propose }) => {
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
    assert.equal(watched.line().mempool, 3)
    assert.deepEqual(await propose(), list)
    await decide(list)
    for (const { committed } of pending) assert.ok((await committed).ok)
    assert.equal(watched.line().mempool, 0)
  }))

test('one alone is handed over as it is', () =>
  withWatched(async ({ take, sent, ask }) => {
    const [bytes] = signedBy('ana')
    const { accepted } = take(bytes)
    assert.deepEqual(await sent(), [bytes])
    assert.ok((await ask(bytes)).ok)
    assert.ok((await accepted).ok)
  }))

test('an entry is good while anything that it carries waits, and nothing of it comes again afterwards', () =>
  withWatched(async ({ watched, ask, decide, propose }) => {
    const [ana, ben] = signedBy('ana', 'ben')
    const entry = pack([ana, ben])
    assert.ok((await ask(entry)).ok)
    await decide([ana])
    assert.ok((await ask(entry, 'recheck')).ok)
    assert.deepEqual(await propose(), [ben])
    await decide([ben])
    assert.equal((await ask(entry, 'recheck')).ok, false)
    // A peer that is late.
    assert.equal((await ask(entry)).ok, false)
    assert.equal(watched.line().mempool, 0)
  }))

test('each transaction of an entry has a verdict of its own; one good one is enough', () =>
  withWatched(async ({ watched, ask, propose }) => {
    const [good, other] = signedBy('ana', 'ben')
    const broken = other.slice()
    broken[broken.length - 1] = (broken.at(-1) ?? 0) ^ 1
    assert.ok((await ask(pack([broken, good]))).ok)
    assert.deepEqual(await propose(), [good])
    assert.equal(codeOf(await ask(pack([broken, broken]))), TransactionReject.BAD_SIGNATURE)
    assert.equal(watched.line().mempool, 1)
  }))

test('what waits already makes no entry good: the same in other parcels fills nobody’s pool', () =>
  withWatched(async ({ watched, ask }) => {
    const [ana, ben, eva] = signedBy('ana', 'ben', 'eva')
    assert.ok((await ask(pack([ana, ben]))).ok)
    for (const entry of [ana, pack([ben, ana]), pack([ana, ana])]) assert.equal(codeOf(await ask(entry)), 0)
    assert.ok((await ask(pack([ben, eva]))).ok)
    assert.equal(watched.line().mempool, 3)
  }))

test('a parcel in a parcel, and one that is not made as ours are, is refused', () =>
  withWatched(async ({ watched, ask }) => {
    const [ana, ben] = signedBy('ana', 'ben')
    const inner = pack([ana, ben])
    for (const entry of [pack([inner, inner]), Buffer.concat([inner, Uint8Array.of(0)]), Uint8Array.of(0)]) {
      assert.equal(codeOf(await ask(entry)), TransactionReject.NON_CANONICAL)
    }
    assert.equal(watched.line().mempool, 0)
  }))

test('what a client and CometBFT bring in one moment is checked once', () => {
  let checks = 0
  const around = ({ checkTx }: Application): Partial<Application> => ({
    checkTx: (...given) => {
      checks++
      return checkTx(...given)
    },
  })
  return withWatched(
    async ({ take, ask, watched }) => {
      const [bytes] = signedBy('ana')
      const { accepted } = take(bytes)
      assert.ok((await ask(bytes)).ok)
      assert.ok((await accepted).ok)
      assert.deepEqual([checks, watched.line().mempool], [1, 1])
    },
    { around },
  )
})

test('what CometBFT no longer asks about after a commit is handed over again while somebody waits for it', () =>
  withWatched(async ({ watched, take, ask, sent, decide }) => {
    const [kept, dropped, ofOthers] = signedBy('ana', 'ben', 'eva')
    const [keptOne, droppedOne] = [take(kept), take(dropped)]
    assert.equal((await sent()).length, 1)
    for (const bytes of [kept, dropped, ofOthers]) assert.ok((await ask(bytes)).ok)
    assert.ok((await keptOne.accepted).ok && (await droppedOne.accepted).ok)
    await decide([])
    assert.ok((await ask(kept, 'recheck')).ok)
    assert.equal(watched.line().mempool, 3)
    await decide([])
    assert.deepEqual([await sent(), watched.line().mempool], [[dropped], 2])
    assert.equal(watched.whereabouts(sha256(dropped)), 'handed over')
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
      assert.ok((await ask(pack(list))).ok)
      assert.equal(codeOf(await ask(list[2])), 0)
      await decide(list.slice(0, 2))
      assert.ok((await ask(list[2])).ok)
    },
    { poolSize: 2 },
  ))

test('a CometBFT that starts anew is handed what somebody waits for; what others brought they bring again', () =>
  withWatched(async ({ watched, take, ask, sent }) => {
    const [checked, taken, ofOthers] = signedBy('ana', 'ben', 'eva')
    const pending = take(checked)
    assert.deepEqual(await sent(), [checked])
    for (const bytes of [checked, ofOthers]) assert.ok((await ask(bytes)).ok)
    take(taken)
    assert.deepEqual(await sent(), [taken])
    await watched.begunAnew()
    assert.deepEqual(
      [checked, taken].map((bytes) => watched.whereabouts(sha256(bytes))),
      ['lost', 'lost'],
    )
    const [entry] = await sent()
    assert.deepEqual(entry && unpack(entry), [checked, taken])
    for (const bytes of [entry as Uint8Array, ofOthers]) assert.ok((await ask(bytes)).ok)
    assert.deepEqual([watched.line().mempool, pending.admittedAt], [3, 0])
  }))

test('what an earlier CometBFT had checked and the verdict of which comes late is no word about the next one', () =>
  withWatched(async ({ watched, take, ask, sent }) => {
    const [own, ofOthers] = signedBy('ana', 'ben')
    take(own)
    const late = [ask(own), ask(ofOthers)]
    await watched.begunAnew()
    for (const verdict of late) assert.ok((await verdict).ok)
    assert.deepEqual([watched.line().mempool, watched.whereabouts(sha256(own))], [1, 'lost'])
    assert.deepEqual(await sent(), [own])
    // And what it had reserved is free.
    assert.ok((await ask(ofOthers)).ok)
  }))

test('a proposal has what comes right after the last block', () =>
  withWatched(async ({ submissions, watched, take, ask, decide, propose }) => {
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
    assert.deepEqual([submissions.count(), watched.line().mempool], [0, 0])
  }))

const ALONE = { isAlone: true }

test('a validator that is alone hands CometBFT one transaction, and proposes all in the order in which they came', () =>
  withWatched(async ({ watched, take, ask, decide, propose, sent }) => {
    const ana = givenSigner('ana')
    const list = ['One', 'Two', 'Three'].map((name) => ana.sign(founding(name)))
    const pending = list.map(take)
    for (const { accepted } of pending) assert.ok((await accepted).ok)
    assert.deepEqual([await sent(), watched.line().mempool], [list.slice(0, 1), 3])
    assert.ok((await ask(list[0] as Uint8Array)).ok)
    assert.deepEqual(await propose(), list)
    await decide(list.slice(0, 2))
    assert.ok((await pending[1]?.committed)?.ok)
    // The one that found no place is handed over now; a later one of the same signer may follow it.
    assert.deepEqual([await sent(), watched.line().mempool], [list.slice(2), 1])
    const last = ana.sign(founding('Four'))
    assert.ok((await take(last).accepted).ok)
    assert.deepEqual(await propose(), [...list.slice(2), last])
    await decide([...list.slice(2), last])
    assert.equal(watched.line().mempool, 0)
  }, ALONE))

test('what a validator that is alone cannot put into its block is refused with the reason, and takes nothing', () =>
  withWatched(async ({ take, decide, propose, watched }) => {
    const ben = givenSigner('ben')
    const hopeless = take(ben.sign(HOPELESS))
    assert.ok((await hopeless.accepted).ok)
    await decide(await propose())
    const answer = await hopeless.committed
    assert.equal(!answer.ok && answer.code, GovernanceReject.PROPOSAL_NOT_FOUND)
    assert.equal(watched.line().mempool, 0)
    assert.ok((await take(ben.sign(founding(), { sequence: 0 })).accepted).ok)
  }, ALONE))

test('when a second validator comes, what still waits is handed to CometBFT for all to propose', () =>
  withWatched(async ({ watched, take, ask, decide, sent, outside }) => {
    const list = signedBy('ana', 'ben', 'eva')
    for (const { accepted } of list.map(take)) assert.ok((await accepted).ok)
    assert.deepEqual(await sent(), list.slice(0, 1))
    outside.isAlone = false
    outside.says = 'unreachable'
    await decide(list.slice(0, 1))
    assert.equal(watched.whereabouts(sha256(list[1])), 'lost')
    assert.deepEqual((await sent()).map(unpack), [list.slice(1)])
    assert.equal(watched.line().mempool, 2, 'nobody is told that it was refused')
    assert.ok((await ask(pack(list.slice(1)))).ok)
    assert.equal(watched.whereabouts(sha256(list[1])), 'waits for a block')
  }, ALONE))

for (const isAlone of [true, false]) {
  const who = isAlone ? 'a validator that is alone' : 'one of several'
  test(`where CometBFT does not answer, ${who} tells those who come`, () =>
    withWatched(
      async ({ watched, take, sent, outside }) => {
        outside.says = 'unreachable'
        const list = signedBy('ana', 'ben')
        const answers = await Promise.all(list.map((bytes) => take(bytes).committed))
        const unavailable = { ok: false, code: 0, detail: {}, unavailable: true }
        assert.deepEqual(
          answers,
          list.map((bytes) => ({ ...unavailable, hash: sha256(bytes) })),
        )
        assert.equal(watched.line().mempool, 0)
        await sent()
        outside.says = 'taken'
        take(list[0])
        assert.deepEqual(await sent(), [list[0]], 'what they had reserved is free')
      },
      { isAlone },
    ))
}

test('a CometBFT that has no place is told as busy', () =>
  withWatched(async ({ watched, take, outside }) => {
    outside.says = 'full'
    const [bytes] = signedBy('ana')
    assert.deepEqual(await take(bytes).committed, { ok: false, hash: sha256(bytes), code: 0, detail: {} })
    assert.equal(watched.line().mempool, 0)
  }))

test('a node that proposes nothing refuses what the blocks of others do not take, with the reason', () =>
  withWatched(async ({ watched, take, ask, decide, outside, sent }) => {
    const [ana, ben] = [givenSigner('ana'), givenSigner('ben')]
    outside.proposes = false
    // The second follows the first one; the third is good, and blocks are full.
    const list = [ben.sign(HOPELESS), ben.sign(founding('After')), ana.sign(founding('Bakery'))]
    const pending = list.map(take)
    const [entry = new Uint8Array(0)] = await sent()
    assert.ok((await ask(entry)).ok)
    for (let blocks = 0; blocks < 3; blocks++) {
      assert.equal(watched.line().mempool, 3)
      await decide([])
      assert.ok((await ask(entry, 'recheck')).ok)
    }
    assert.equal(watched.line().mempool, 1)
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
