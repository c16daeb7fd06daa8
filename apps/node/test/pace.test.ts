import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, mock, test } from 'node:test'
import { createPace } from '../src/cometbft/pace.ts'

const folder = mkdtempSync(join(tmpdir(), 'icn-pace-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** What happens outside, and how often CometBFT had to be started again. */
interface Given {
  isAlone: boolean
  peers: string
  restarts: number
  looks(): Promise<void>
}

function givenPace(cometHome: string, isAlone = true): Given & ReturnType<typeof createPace> {
  const given = { isAlone, peers: '0', restarts: 0 }
  const rpc = async () => ({ ok: true, result: { n_peers: given.peers } }) as const
  const pace = createPace({ cometHome, isAlone: () => given.isAlone, rpc })
  pace.watch(() => given.restarts++)
  async function looks(): Promise<void> {
    mock.timers.tick(5_000)
    for (let turns = 0; turns < 10; turns++) await Promise.resolve()
  }
  return Object.assign(given, { looks, ...pace })
}

test('a validator that is alone pauses from the first follower on, also after its next start, until a second one votes', async (t) => {
  mock.timers.enable({ apis: ['setInterval'] })
  t.after(() => mock.timers.reset())
  const given = givenPace(folder)
  await given.looks()
  assert.deepEqual([given.isPaced(), given.restarts], [false, 0])
  given.peers = '1'
  await given.looks()
  assert.deepEqual([given.isPaced(), given.restarts, existsSync(join(folder, 'followed'))], [true, 1, true])
  given.peers = '0'
  await given.looks()
  assert.deepEqual([given.isPaced(), given.restarts], [true, 1], 'who is away comes back')
  assert.equal(givenPace(folder).isPaced(), true)
  given.isAlone = false
  await given.looks()
  assert.deepEqual([given.isPaced(), given.restarts], [false, 2])
})

test('one of several, or one that nobody follows, pauses no longer than it must', async (t) => {
  mock.timers.enable({ apis: ['setInterval'] })
  t.after(() => mock.timers.reset())
  const among = givenPace(mkdtempSync(join(folder, 'among-')), false)
  among.peers = '3'
  await among.looks()
  assert.deepEqual([among.isPaced(), among.restarts], [false, 0])
})
