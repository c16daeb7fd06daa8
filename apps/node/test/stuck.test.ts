import assert from 'node:assert/strict'
import { mock, type TestContext, test } from 'node:test'
import { watchStuck } from '../src/cometbft/stuck.ts'

interface Given {
  /** `undefined`: CometBFT does not answer. */
  place: string | undefined
  /** Heights of those who are connected. */
  peers: readonly number[]
  readonly restarts: string[]
  looks(count: number): Promise<void>
}

/** One of validators with `powers`; five seconds pass when the test says so. */
function givenWatch(t: TestContext, ...powers: readonly number[]): Given {
  mock.timers.enable({ apis: ['setInterval'] })
  const restarts: string[] = []
  const given: Given = { place: '7/0/4', peers: [7], restarts, looks }
  const rpc = async (method: string) => {
    if (given.place === undefined) return { ok: false, error: 'no answer' } as const
    const peers = given.peers.map((height) => ({ peer_state: { round_state: { height: String(height) } } }))
    const result = method === 'consensus_state' ? { round_state: { 'height/round/step': given.place } } : { peers }
    return { ok: true, result } as const
  }
  const end = watchStuck({ rpc, powers: () => powers }, (place) => restarts.push(place))
  t.after(() => {
    end()
    mock.timers.reset()
  })

  async function looks(count: number): Promise<void> {
    for (let look = 0; look < count; look++) {
      mock.timers.tick(5_000)
      for (let turns = 0; turns < 20; turns++) await Promise.resolve()
    }
  }

  return given
}

test('a CometBFT that waits for votes while the other one is there is started again, later where that does not help', async (t) => {
  const given = givenWatch(t, 1, 1)
  await given.looks(6)
  assert.deepEqual(given.restarts, [])
  await given.looks(1)
  assert.deepEqual(given.restarts, ['7/0/4'])
  await given.looks(11)
  assert.equal(given.restarts.length, 1, 'the other one may be at work on it too')
  await given.looks(1)
  assert.equal(given.restarts.length, 2)
  await given.looks(23)
  assert.equal(given.restarts.length, 2)
  await given.looks(1)
  assert.equal(given.restarts.length, 3)
})

for (const [name, powers, change] of [
  ['a round that is left', [1, 1], (given: Given, look: number) => (given.place = `7/${look >> 2}/4`)],
  ['a step that ends by itself', [1, 1], (given: Given) => (given.place = '7/0/1')],
  [
    'one that is busy and does not answer',
    [1, 1],
    (given: Given, look: number) => (given.place = look % 6 ? '7/0/8' : undefined),
  ],
  ['nobody there', [1, 1], (given: Given) => (given.peers = [])],
  ['one of three there, who could not decide', [1, 1, 1], (given: Given) => (given.peers = [7])],
  ['two whose power is too little, whoever they are', [4, 3, 3, 3], (given: Given) => (given.peers = [7])],
  ['others who are behind', [1, 1], (given: Given) => (given.peers = [6, 6])],
] as const) {
  test(`nothing is started again for ${name}`, async (t) => {
    const given = givenWatch(t, ...powers)
    for (let look = 0; look < 40; look++) {
      change(given, look)
      await given.looks(1)
    }
    assert.deepEqual(given.restarts, [])
  })
}

test('one that lacks a block which others have is started again', async (t) => {
  const given = givenWatch(t, 1, 1, 1)
  Object.assign(given, { place: '7/1/8', peers: [9, 9] })
  await given.looks(7)
  assert.deepEqual(given.restarts, ['7/1/8'])
})

test('one that could decide with a strong one is started again, however many weak ones are away', async (t) => {
  const given = givenWatch(t, 1, 1, 1, 10)
  given.peers = [7]
  await given.looks(7)
  assert.deepEqual(given.restarts, ['7/0/4'])
})
