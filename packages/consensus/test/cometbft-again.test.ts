/** What was refused, left out or given up: the same bytes, or others in their place, may come again. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { founding, givenSigner, HOPELESS } from '../../testkit/src/given-network.ts'
import { signedBy, withWatched } from './given-watched.ts'

for (const isAlone of [true, false]) {
  test(`what was refused may come again with the same bytes, at ${isAlone ? 'a validator alone' : 'one of several'}`, () =>
    withWatched(
      async ({ take, ask, decide, propose, sent }) => {
        const hopeless = givenSigner('ben').sign(HOPELESS)
        const first = take(hopeless)
        assert.deepEqual(await sent(), [hopeless])
        assert.ok((await ask(hopeless)).ok)
        assert.deepEqual(await propose(), [])
        await decide([])
        assert.equal((await first.committed).ok, false)
        assert.equal((await ask(hopeless, 'recheck')).ok, false)
        const again = take(hopeless)
        assert.deepEqual(await sent(), [hopeless])
        assert.ok((await ask(hopeless)).ok)
        assert.ok((await again.accepted).ok)
      },
      { isAlone },
    ))
}

test('what a block left out is not what a validator that is alone rings for the next one with', () =>
  withWatched(
    async ({ line, take, ask, decide, propose, sent }) => {
      const [ana, ben] = [givenSigner('ana'), givenSigner('ben')]
      const [good, hopeless] = [ana.sign(founding()), ben.sign(HOPELESS)]
      for (const { accepted } of [good, hopeless].map(take)) await accepted
      assert.deepEqual(await sent(), [good])
      assert.ok((await ask(good)).ok)
      assert.deepEqual(await propose(), [good])
      await decide([good])
      assert.equal(line.state().mempool, 0)
      const next = ben.sign(founding(), { sequence: 0 })
      assert.ok((await take(next).accepted).ok)
      assert.deepEqual(await sent(), [next])
    },
    { isAlone: true },
  ))

test('what a node gives up has nothing reserved any more', () =>
  withWatched(async ({ line, ask, decide }) => {
    const [ofOthers] = signedBy('ana')
    assert.ok((await ask(ofOthers)).ok)
    await decide([])
    await decide([])
    assert.equal(line.state().mempool, 0)
    assert.ok((await ask(ofOthers)).ok)
  }))

test('what clients send while CometBFT begins anew keeps its part of their sequence', () =>
  withWatched(
    async ({ line, take }) => {
      const [ana, ben] = [givenSigner('ana'), givenSigner('ben')]
      const before = take(ben.sign(founding()))
      const begun = line.begunAnew()
      const during = Array.from({ length: 12 }, (_, index) => take(ana.sign(founding(`Bakery ${index}`))))
      await begun
      const after = take(ana.sign(founding('Dairy')))
      for (const { accepted } of [before, ...during, after]) assert.ok((await accepted).ok)
      assert.equal(line.state().mempool, 14)
    },
    { isAlone: true },
  ))
