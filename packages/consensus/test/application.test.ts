import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sha256, toHex } from '@icn/crypto'
import { type Bodies, GovernanceReject, identityDid, signTransaction, TransactionReject } from '@icn/protocol'
import { founding, givenSigner, HOPELESS, type Signer } from '../../testkit/src/given-network.ts'
import { openSqlite, stores } from '../../testkit/src/given-store.ts'
import { withLedger } from './given-ledger.ts'

/** A comment of so many letters; whether its proposal is there comes after its size. */
function comment(who: Signer, letters: number): Uint8Array {
  const body = { kind: 'proposal.discuss', proposal: 'p1-0-aaaaaa', inReplyTo: null } as const
  return who.sign({ ...body, text: 'x'.repeat(letters) })
}

function forge(bytes: Uint8Array): Uint8Array {
  const forged = Uint8Array.from(bytes)
  forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1
  return forged
}

for (const [name, openStore] of stores) {
  test(`${name}: a block with one bad transaction, of a wrong height or time is not acceptable, and nothing changes`, () =>
    withLedger(openStore, async ({ application, store, commitBlock, next }) => {
      const [ana, ben] = [givenSigner('ana'), givenSigner('ben')]
      const old = ana.sign(founding('First'))
      await commitBlock([old])
      const good = [ana.sign(founding('Second')), ben.sign(founding('Third'))]
      const { height, timeMs } = next(good)
      const forgedSigner = signTransaction(
        {
          chainId: 'icn-given',
          signer: ben.did,
          keyId: ben.did.slice(8),
          sequence: 0,
          expiryHeight: 9,
          body: founding(),
        },
        ana.seed,
      )
      const bad: readonly (readonly [string, { txs: Uint8Array[]; height: number; timeMs: number }])[] = [
        ['a forged signature', { txs: [...good.slice(0, 1), forge(good[1] as Uint8Array)], height, timeMs }],
        ['a signature of somebody else', { txs: [...good.slice(0, 1), forgedSigner], height, timeMs }],
        ['a refused transaction', { txs: [...good, ben.sign(HOPELESS, { sequence: 1 })], height, timeMs }],
        ['a sequence left out', { txs: [ben.sign(founding(), { sequence: 1 })], height, timeMs }],
        ['one twice', { txs: [...good, good[0] as Uint8Array], height, timeMs }],
        ['one of an earlier block', { txs: [old], height, timeMs }],
        ['one that expired', { txs: [ben.sign(founding(), { sequence: 0, expiryHeight: 1 })], height, timeMs }],
        ['no transaction at all', { txs: [...good, new Uint8Array([0xff, 0])], height, timeMs }],
        ['an empty transaction', { txs: [...good, new Uint8Array(0)], height, timeMs }],
        ['the height before', { txs: good, height: height - 1, timeMs }],
        ['the height after', { txs: good, height: height + 1, timeMs }],
        ['an earlier time', { txs: good, height, timeMs: store.committed().timeMs - 1 }],
        ['no time', { txs: good, height, timeMs: Number.NaN }],
      ]
      const before = store.committed()
      for (const [fault, request] of bad) {
        assert.equal(await application.processProposal(request), false, fault)
        assert.deepEqual(store.committed(), before, fault)
      }
      assert.equal(await application.processProposal({ txs: good, height, timeMs }), true)
      assert.equal(await application.processProposal({ txs: good, height, timeMs: before.timeMs }), true)
      assert.deepEqual(store.committed(), before)
      // What was executed for a proposal left nothing behind.
      const { final } = await commitBlock(good)
      assert.deepEqual(
        final.results.map(({ code }) => code),
        [0, 0],
      )
    }))

  test(`${name}: the first block is not older than the network`, () =>
    withLedger(openStore, async ({ application, next }) => {
      const request = next([])
      assert.equal(await application.processProposal({ ...request, timeMs: request.timeMs - 1_001 }), false)
      assert.equal(await application.processProposal({ ...request, timeMs: request.timeMs - 1_000 }), true)
    }))

  test(`${name}: finalizing what another proposed, again, or after a crash gives the root of the proposer`, () =>
    withLedger(openStore, async (proposer) =>
      withLedger(openStore, async (follower) => {
        const ana = givenSigner('ana')
        for (let round = 0; round < 3; round++) {
          const request = proposer.next([ana.sign(founding(`Org ${round}`)), givenSigner(`p${round}`).sign(founding())])
          const { txs } = await proposer.application.prepareProposal({ ...request, maxTxBytes: 1_000_000 })
          assert.equal(txs.length, 2)
          const own = await proposer.application.finalizeBlock({ ...request, txs })
          const copies = { ...request, txs: txs.map((bytes) => Uint8Array.from(bytes)) }
          const foreign = await follower.application.finalizeBlock(copies)
          assert.deepEqual(foreign, own)
          assert.deepEqual(await follower.application.finalizeBlock(copies), own)
          assert.deepEqual(follower.application.info().height, round)

          await follower.restart()
          assert.deepEqual(follower.application.info(), { ...proposer.application.info(), height: round })
          assert.deepEqual(await follower.application.finalizeBlock(copies), own)
          const signed = { hash: sha256(own.appHash), header: own.appHash }
          const [block, followed] = [
            await proposer.application.commit(signed),
            await follower.application.commit(signed),
          ]
          assert.deepEqual(followed, block)
          assert.deepEqual(follower.application.info(), { height: round + 1, appHash: own.appHash, version: '1' })
          assert.equal(block.transactions, 2)
        }
      }),
    ))

  test(`${name}: another block than the prepared one may be decided`, () =>
    withLedger(openStore, async (ledger) =>
      withLedger(openStore, async (other) => {
        const [mine, theirs] = [givenSigner('ana').sign(founding('Mine')), givenSigner('ben').sign(founding('Theirs'))]
        await ledger.application.prepareProposal({ ...ledger.next([mine]), maxTxBytes: 1_000_000 })
        const decided = await ledger.commitBlock([theirs])
        assert.deepEqual(decided.final, (await other.commitBlock([theirs])).final)
        assert.deepEqual((await ledger.commitBlock([mine])).final, (await other.commitBlock([mine])).final)
      }),
    ))

  test(`${name}: a decided block with refused transactions has a result for each, and their signers lose nothing`, () =>
    withLedger(openStore, async ({ application, commitBlock }) => {
      const ana = givenSigner('ana')
      const garbage = new Uint8Array([0xff, 1, 2])
      const { final, block } = await commitBlock([
        garbage,
        ana.sign(HOPELESS, { sequence: 0 }),
        forge(ana.sign(founding(), { sequence: 0 })),
        ana.sign(founding()),
      ])
      const { NON_CANONICAL, BAD_SIGNATURE } = TransactionReject
      assert.deepEqual(
        final.results.map(({ code }) => code),
        [NON_CANONICAL, GovernanceReject.PROPOSAL_NOT_FOUND, BAD_SIGNATURE, 0],
      )
      assert.equal(final.hashes.length, 4)
      assert.ok(block.events.every(({ index }) => index >= 3))
      assert.equal((await application.checkTx(ana.sign(founding()), 'new')).ok, true)
    }))

  test(`${name}: a proposal keeps the order, takes what fits and never more; the rest waits`, () =>
    withLedger(openStore, async ({ application, next }) => {
      const signers = Array.from({ length: 8 }, (_, index) => givenSigner(`p${index}`))
      const list = signers.map((who, index) => who.sign(founding('x'.repeat(1 + index * 14))))
      const sizes = list.map(({ length }) => length)
      const total = sizes.reduce((sum, size) => sum + size, 0)
      for (let maxTxBytes = Math.max(...sizes); maxTxBytes <= total + 1; maxTxBytes += 57) {
        const { txs, refused } = await application.prepareProposal({ ...next(list), maxTxBytes })
        const bytes = txs.reduce((sum, { length }) => sum + length, 0)
        assert.ok(bytes <= maxTxBytes)
        assert.deepEqual(txs, list.slice(0, txs.length))
        assert.deepEqual(refused, [])
        const following = sizes[txs.length]
        assert.ok(following === undefined || bytes + following > maxTxBytes, 'no room is left for the next')
      }
      const whole = await application.prepareProposal({ ...next(list), maxTxBytes: total })
      assert.equal(whole.txs.length, list.length)
    }))

  test(`${name}: a proposal takes no more transactions than the engine wants; the rest waits`, () =>
    withLedger(openStore, async ({ application, next }) => {
      const list = Array.from({ length: 5 }, (_, index) => givenSigner(`p${index}`).sign(founding(`Shop ${index}`)))
      for (const maxTransactions of [1, 3, 5, 6]) {
        const { txs, refused } = await application.prepareProposal({
          ...next(list),
          maxTxBytes: 1_000_000,
          maxTransactions,
        })
        assert.deepEqual([txs, refused], [list.slice(0, maxTransactions), []])
      }
    }))

  test(`${name}: what no block has room for is refused, and holds up nobody`, () =>
    withLedger(openStore, async ({ application, next }) => {
      const [huge, small] = [comment(givenSigner('ana'), 4_000), givenSigner('ben').sign(founding())]
      const { txs, refused } = await application.prepareProposal({ ...next([huge, small]), maxTxBytes: 1_000 })
      assert.deepEqual(txs, [small])
      assert.deepEqual(
        refused.map(({ bytes, check }) => [bytes, check.code]),
        [[huge, TransactionReject.TOO_LARGE]],
      )
    }))

  test(`${name}: what was refused in a proposal is told so, and those behind it too`, () =>
    withLedger(openStore, async ({ application, next }) => {
      const ana = givenSigner('ana')
      const list = [ana.sign(founding()), ana.sign(HOPELESS), ana.sign(founding()), givenSigner('ben').sign(founding())]
      for (const bytes of list) assert.equal((await application.checkTx(bytes, 'new')).ok, true)
      const { txs, refused } = await application.prepareProposal({ ...next(list), maxTxBytes: 1_000_000 })
      assert.deepEqual(txs, [list[0], list[3]])
      assert.deepEqual(
        refused.map(({ bytes, check }) => [bytes, check.hash, check.code]),
        [
          [list[1], sha256(list[1] as Uint8Array), GovernanceReject.PROPOSAL_NOT_FOUND],
          [list[2], sha256(list[2] as Uint8Array), TransactionReject.BAD_SEQUENCE],
        ],
      )
    }))

  test(`${name}: rechecking tells what a block left of those who wait`, () =>
    withLedger(openStore, async ({ application, commitBlock }) => {
      const ana = givenSigner('ana')
      const [first, second, third] = [ana.sign(founding()), ana.sign(founding('2')), ana.sign(founding('3'))]
      const short = givenSigner('ben').sign(founding(), { expiryHeight: 1 })
      for (const bytes of [first, second, third, short]) {
        assert.equal((await application.checkTx(bytes, 'new')).ok, true)
      }
      await commitBlock([first])
      const codes: number[] = []
      for (const bytes of [first, second, third, short]) {
        const check = await application.checkTx(bytes, 'recheck')
        codes.push(check.ok ? 0 : check.code)
      }
      assert.deepEqual(codes, [TransactionReject.DUPLICATE, 0, 0, TransactionReject.EXPIRED])
      // What waits counts again: the next of this signer is the one after it.
      const again = await application.checkTx(ana.sign(founding('other'), { sequence: 1 }), 'new')
      assert.equal(again.ok ? 0 : again.code, TransactionReject.BAD_SEQUENCE)
      assert.equal((await application.checkTx(ana.sign(founding('4')), 'new')).ok, true)
    }))

  test(`${name}: the allowance counts what waits`, () =>
    withLedger(
      openStore,
      async ({ application, commitBlock }) => {
        const list = Array.from({ length: 4 }, (_, index) => givenSigner(`p${index}`).sign(founding()))
        const codesOf = async (txs: readonly Uint8Array[], kind: 'new' | 'recheck') => {
          const codes: number[] = []
          for (const bytes of txs) {
            const check = await application.checkTx(bytes, kind)
            codes.push(check.ok ? 0 : check.code)
          }
          return codes
        }
        const { ALLOWANCE_USED_UP } = TransactionReject
        assert.deepEqual(await codesOf(list, 'new'), [0, 0, 0, ALLOWANCE_USED_UP])
        await commitBlock(list.slice(0, 2))
        assert.deepEqual(await codesOf(list.slice(2), 'recheck'), [0, ALLOWANCE_USED_UP])
      },
      { strangerAllowance: { burst: 3, perHour: 1 } },
    ))
}

test('a key that was revoked earlier in the block signs nothing, though its transaction passed the check', () =>
  withLedger(openSqlite, async ({ application, commitBlock, next }) => {
    const [first, second] = [givenSigner('first'), givenSigner('second')]
    const keys = [first, second].map(({ did }, index) => ({ id: `k${index}`, publicKey: did.slice('did:key:'.length) }))
    const register: Bodies['identity.register'] = { kind: 'identity.register', keys, services: [] }
    const signer = identityDid('icn-given', register)
    const { final } = await commitBlock([first.sign(register, { signer, keyId: 'k0', sequence: 0 })])
    assert.equal(final.results[0]?.code, 0)
    const revoke: Bodies['identity.rotate'] = { kind: 'identity.rotate', add: [], revoke: ['k1'] }
    const list = [
      second.sign({ kind: 'identity.services', services: [] }, { signer, keyId: 'k1', sequence: 1 }),
      first.sign(revoke, { signer, keyId: 'k0', sequence: 2 }),
      second.sign({ kind: 'identity.services', services: [] }, { signer, keyId: 'k1', sequence: 3 }),
    ]
    for (const bytes of list) assert.equal((await application.checkTx(bytes, 'new')).ok, true)
    const { txs, refused } = await application.prepareProposal({ ...next(list), maxTxBytes: 10_000 })
    assert.deepEqual(txs, list.slice(0, 2))
    assert.deepEqual(
      refused.map(({ check }) => check.code),
      [TransactionReject.BAD_SIGNATURE],
    )
    assert.equal(await application.processProposal(next(list)), false)
  }))

for (const [name, openStore] of stores) {
  test(`${name}: preparing, judging and finalizing the same block executes it once, whatever the round`, () =>
    withLedger(openStore, async ({ application, next, executions }) => {
      const copy = (list: readonly Uint8Array[]) => list.map((bytes) => Uint8Array.from(bytes))
      const [ana, ben] = [givenSigner('ana').sign(founding('One')), givenSigner('ben').sign(founding('Two'))]
      const request = next([ana, ben])
      const { txs } = await application.prepareProposal({ ...request, maxTxBytes: 1_000_000 })
      assert.equal(executions(), 2)
      assert.equal(await application.processProposal({ ...request, txs: copy(txs) }), true)
      const later = { ...request, timeMs: request.timeMs + 1, txs: copy([ben]) }
      assert.equal(await application.processProposal(later), true)
      assert.equal(executions(), 3)
      const own = await application.finalizeBlock({ ...request, txs: copy(txs) })
      assert.equal(executions(), 3)
      // The end of a block was run: what was kept of it is not used again.
      assert.deepEqual(await application.finalizeBlock({ ...request, txs: copy(txs) }), own)
      assert.equal(executions(), 5)
      const decided = await application.finalizeBlock(later)
      assert.deepEqual([decided.results.length, executions()], [1, 5])
      await application.commit({ hash: decided.appHash, header: decided.appHash })
      const after = next([ana])
      await application.prepareProposal({ ...after, maxTxBytes: 1_000_000 })
      assert.equal(await application.processProposal({ ...after, timeMs: after.timeMs + 1 }), true)
      assert.equal(executions(), 7)
    }))

  test(`${name}: what a refused transaction had taken is free at once, and others keep theirs`, () =>
    withLedger(openStore, async ({ application, next }) => {
      const [ana, ben] = [givenSigner('ana'), givenSigner('ben')]
      const list = [ana.sign(founding('One')), ben.sign(HOPELESS)]
      for (const bytes of list) assert.ok((await application.checkTx(bytes, 'new')).ok)
      const { refused } = await application.prepareProposal({ ...next(list), maxTxBytes: 1_000_000 })
      assert.deepEqual(
        refused.map(({ bytes }) => bytes),
        [list[1]],
      )
      assert.ok((await application.checkTx(ana.sign(founding('Two')), 'new')).ok)
      assert.ok((await application.checkTx(ben.sign(founding('Three'), { sequence: 0 }), 'new')).ok)
    }))
}

for (const [name, openStore] of stores) {
  test(`${name}: blocks without transactions leave the state as it is, apart from once a minute`, () =>
    withLedger(openStore, async ({ commitBlock }) => {
      const roots: string[] = []
      for (let second = 0; second < 130; second++) roots.push(toHex((await commitBlock([])).final.appHash))
      const changes = roots.slice(1).filter((root, index) => root !== roots[index])
      assert.equal(changes.length, 2)
    }))
}
