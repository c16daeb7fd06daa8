/** What CometBFT is answered about the entries of its pool. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TransactionReject } from '@icn/protocol'
import { founding, givenSigner } from '../../testkit/src/given-network.ts'
import { pack } from '../src/cometbft/parcels.ts'
import type { Application } from '../src/index.ts'
import { codeOf, signedBy, withWatched } from './given-watched.ts'

test('an entry is good while anything that it carries waits, and nothing of it comes again afterwards', () =>
  withWatched(async ({ line, ask, decide, propose }) => {
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
    assert.equal(line.state().mempool, 0)
  }))

test('each transaction of an entry has a verdict of its own; one good one is enough', () =>
  withWatched(async ({ line, ask, propose }) => {
    const [good, other] = signedBy('ana', 'ben')
    const broken = other.slice()
    broken[broken.length - 1] = (broken.at(-1) ?? 0) ^ 1
    assert.ok((await ask(pack([broken, good]))).ok)
    assert.deepEqual(await propose(), [good])
    assert.equal(codeOf(await ask(pack([broken, broken]))), TransactionReject.BAD_SIGNATURE)
    assert.equal(line.state().mempool, 1)
  }))

test('what waits already makes no entry good: the same in other parcels fills nobody’s pool', () =>
  withWatched(async ({ line, ask }) => {
    const [ana, ben, eva] = signedBy('ana', 'ben', 'eva')
    assert.ok((await ask(pack([ana, ben]))).ok)
    for (const entry of [ana, pack([ben, ana]), pack([ana, ana])]) assert.equal(codeOf(await ask(entry)), 0)
    assert.ok((await ask(pack([ben, eva]))).ok)
    assert.equal(line.state().mempool, 3)
  }))

test('a parcel in a parcel, and one that is not made as ours are, is refused', () =>
  withWatched(async ({ line, ask }) => {
    const [ana, ben] = signedBy('ana', 'ben')
    const inner = pack([ana, ben])
    for (const entry of [pack([inner, inner]), Buffer.concat([inner, Uint8Array.of(0)]), Uint8Array.of(0)]) {
      assert.equal(codeOf(await ask(entry)), TransactionReject.NON_CANONICAL)
    }
    assert.equal(line.state().mempool, 0)
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
    async ({ take, ask, line }) => {
      const [bytes] = signedBy('ana')
      const { accepted } = take(bytes)
      assert.ok((await ask(bytes)).ok)
      assert.ok((await accepted).ok)
      assert.deepEqual([checks, line.state().mempool], [1, 1])
    },
    { around },
  )
})

test('what peers bring takes half of the places under check at most, and leaves the rest to clients of this node', () =>
  withWatched(
    async ({ take, ask, line }) => {
      const names = ['ana', 'ben', 'eva', 'dan', 'fay', 'gus']
      const list = names.map((name) => givenSigner(name).sign(founding()))
      const asked = list.slice(0, 4).map((bytes) => ask(bytes))
      assert.equal(line.state().mempool, 2)
      const own = list.slice(4).map(take)
      for (const { accepted } of own) assert.ok((await accepted).ok)
      assert.deepEqual((await Promise.all(asked)).map(codeOf), ['none', 'none', 0, 0])
      assert.equal(line.state().mempool, 4)
    },
    { poolSize: 4, isAlone: true },
  ))
