import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { TransactionReject } from '@icn/protocol'
import { SIMULATED_START_MS } from '@icn/testkit'
import { founding, givenSigner, proposing, type Signer } from '../../testkit/src/given-network.ts'
import { openMemory } from '../../testkit/src/given-store.ts'
import type { CommittedBlock } from '../src/index.ts'
import { type GivenSolo, HOUR_MS, IDLE_MS, withSolo } from './given-solo.ts'

const DAY_MS = 24 * HOUR_MS
/** Deadlines of governance that one block handles. */
const DEADLINES_A_BLOCK = 50

/** A cooperative of one, with votes of these lengths, all begun in the block of the time that is answered. */
async function givenVotes({ solo }: GivenSolo, ana: Signer, lengthsMs: readonly number[]): Promise<number> {
  const founded = await solo.submit(ana.sign(founding('Bakery', { openProposalsPerMember: 1_000 })), 'committed')
  assert.ok(founded.ok)
  const org = String(founded.result.org)
  const list = lengthsMs.map((votingMs) => ana.sign(proposing(org, { votingMs })))
  const answers = await solo.submitMany(list, 'committed')
  assert.ok(answers.every(({ ok }) => ok))
  return solo.status().timeMs
}

/** Ends of votes, in order: when the block says. */
function closings(blocks: readonly CommittedBlock[]): number[] {
  return blocks.flatMap(({ events, timeMs }) =>
    events.filter(({ topic }) => topic === 'proposal.closed').map(() => timeMs),
  )
}

test('the first block comes at once, then one after each idle time; a timer that fires early makes none', () =>
  withSolo(openMemory, async (given) => {
    const { solo, clock, timerDueMs, fire, blockByTimer } = given
    assert.ok((timerDueMs() ?? Number.POSITIVE_INFINITY) <= clock.now())
    assert.equal((await blockByTimer()).timeMs, SIMULATED_START_MS)
    for (let height = 2; height <= 4; height++) {
      await nextTurn()
      const dueMs = SIMULATED_START_MS + (height - 1) * IDLE_MS
      assert.equal(timerDueMs(), dueMs)
      clock.putForward(IDLE_MS - 1)
      fire()
      for (let turn = 0; turn < 5; turn++) await nextTurn()
      assert.equal(solo.status().height, height - 1)
      assert.equal(timerDueMs(), dueMs)
      const block = await blockByTimer()
      assert.deepEqual([block.height, block.timeMs, block.transactions], [height, dueMs, 0])
    }
  }))

test('a refused allowance is there again at the time that was said, though no block came in between', () =>
  withSolo(
    openMemory,
    async ({ solo, clock, store }) => {
      const ana = givenSigner('ana')
      assert.ok((await solo.submit(ana.sign(founding()), 'committed')).ok)
      assert.ok((await solo.submit(ana.sign(founding('Second')), 'committed')).ok)
      const { height } = store.committed()
      clock.putForward(10_000)
      const bytes = ana.sign(founding('Third'))
      const refused = await solo.submit(bytes, 'committed')
      assert.ok(!refused.ok && refused.code === TransactionReject.ALLOWANCE_USED_UP)
      const retryAtMs = Number(refused.detail.retryAtMs)
      // Rounded up: what was refilled by the first attempt is rounded down.
      assert.ok([60_000, 60_001].includes(retryAtMs - SIMULATED_START_MS))
      clock.putForward(retryAtMs - 2 - clock.now())
      assert.equal((await solo.submit(bytes, 'committed')).ok, false)
      assert.equal(store.committed().height, height)
      clock.putForward(retryAtMs - clock.now())
      const answer = await solo.submit(bytes, 'committed')
      assert.ok(answer.ok && answer.height === height + 1)
    },
    { params: { memberAllowance: { burst: 1, perHour: 60 } } },
  ))

test('a deadline fires by the timer at its very time, between idle blocks', () =>
  withSolo(openMemory, async (given) => {
    const votingMs = 2 * IDLE_MS + 12_345
    const beginMs = await givenVotes(given, givenSigner('ana'), [votingMs])
    const times: number[] = []
    while (closings(given.blocks).length === 0) {
      times.push((await given.blockByTimer()).timeMs - beginMs)
      await nextTurn()
    }
    assert.deepEqual(times, [IDLE_MS, 2 * IDLE_MS, votingMs])
    assert.equal(given.timerDueMs(), beginMs + votingMs + IDLE_MS)
  }))

test('a clock that jumps back takes no block time with it; deadlines keep their block time', () =>
  withSolo(openMemory, async (given) => {
    const { solo, clock, blocks } = given
    const ana = givenSigner('ana')
    const votingMs = IDLE_MS / 2
    const beginMs = await givenVotes(given, ana, [votingMs])
    clock.putForward(-5 * HOUR_MS)
    const answer = await solo.submit(ana.sign(founding('Later')), 'committed')
    assert.ok(answer.ok)
    assert.equal(solo.status().timeMs, beginMs)
    assert.ok(blocks.every(({ timeMs }, index) => timeMs >= (blocks[index - 1]?.timeMs ?? 0)))
    assert.deepEqual(closings(blocks), [])
    await given.blockByTimer()
    assert.deepEqual(closings(blocks), [beginMs + votingMs])
  }))

test('what one block could not finish goes on in the next, even after the clock jumped back', () =>
  withSolo(openMemory, async (given) => {
    const count = DEADLINES_A_BLOCK + 7
    const votingMs = IDLE_MS / 2
    const beginMs = await givenVotes(given, givenSigner('ana'), Array(count).fill(votingMs))
    await given.blockByTimer()
    assert.equal(closings(given.blocks).length, DEADLINES_A_BLOCK)
    await nextTurn()
    given.clock.putForward(-HOUR_MS)
    const block = given.nextBlock()
    given.fire()
    assert.equal((await block).timeMs, beginMs + votingMs)
    assert.deepEqual(closings(given.blocks), Array(count).fill(beginMs + votingMs))
  }))

/** A run-off in which Ana ranks some of the options, which takes several blocks to count where a block does little. */
async function givenRunOff({ solo }: GivenSolo): Promise<number> {
  const ana = givenSigner('ana')
  const founded = await solo.submit(ana.sign(founding()), 'committed')
  assert.ok(founded.ok)
  const options = Array.from({ length: 8 }, (_, index) => ({ label: `Option ${index}`, actions: [], costMinor: 0 }))
  const settings = { method: 'irv', options, votingMs: IDLE_MS / 2 } as const
  const made = await solo.submit(ana.sign(proposing(String(founded.result.org), settings)), 'committed')
  assert.ok(made.ok)
  const proposal = String(made.result.proposal)
  const vote = ana.sign({ kind: 'vote.cast', proposal, ballot: [[3, 1], [2]], reason: '' })
  assert.ok((await solo.submit(vote, 'committed')).ok)
  return solo.status().timeMs + settings.votingMs
}

const LITTLE = { countUnitsPerBlock: 1 }

test('a count that one block cannot finish makes blocks at once, whatever the clock does, and then no more', () =>
  withSolo(
    openMemory,
    async (given) => {
      const { blocks, clock, timerDueMs } = given
      const endMs = await givenRunOff(given)
      const before = blocks.length
      clock.putForward(endMs - clock.now())
      while (closings(blocks).length === 0) {
        await given.blockByTimer()
        await nextTurn()
        assert.equal(blocks.at(-1)?.timeMs, endMs)
        assert.ok(blocks.length < 200, 'the count ends')
      }
      assert.ok(blocks.length - before > 2, `${blocks.length - before} blocks`)
      assert.equal(
        blocks[before]?.events.some(({ topic }) => topic === 'proposal.counting'),
        true,
      )
      assert.equal(timerDueMs(), endMs + IDLE_MS)
    },
    LITTLE,
  ))

test('time put forward does not pass by a count', () =>
  withSolo(
    openMemory,
    async (given) => {
      const { solo, blocks, clock } = given
      const endMs = await givenRunOff(given)
      await solo.advance(clock, endMs - clock.now())
      assert.deepEqual(closings(blocks), [endMs])
      assert.ok(blocks.filter(({ timeMs }) => timeMs === endMs).length > 2)
    },
    LITTLE,
  ))

test('a week put forward passes through every deadline at its time, without an outage', () =>
  withSolo(openMemory, async (given) => {
    const { solo, clock, blocks } = given
    const many = DEADLINES_A_BLOCK * 2 + 5
    const lengths = [HOUR_MS, 5 * HOUR_MS + 1, DAY_MS, ...Array(many).fill(2 * DAY_MS), 6 * DAY_MS + 999, 7 * DAY_MS]
    const beginMs = await givenVotes(given, givenSigner('ana'), [...lengths, 8 * DAY_MS])
    const first = blocks.length
    const { height, timeMs } = await solo.advance(clock, 7 * DAY_MS)
    assert.deepEqual([timeMs, clock.now()], [beginMs + 7 * DAY_MS, beginMs + 7 * DAY_MS])
    assert.equal(height, blocks.at(-1)?.height)
    assert.deepEqual(
      closings(blocks).map((closedMs) => closedMs - beginMs),
      lengths,
    )
    for (const [index, block] of blocks.entries()) {
      if (index < first) continue
      const stepMs = block.timeMs - (blocks[index - 1]?.timeMs ?? 0)
      assert.ok(stepMs >= 0 && stepMs < HOUR_MS, `a step of ${stepMs} ms`)
    }
    await solo.advance(clock, DAY_MS)
    assert.equal(closings(blocks).at(-1), beginMs + 8 * DAY_MS)
  }))

test('what is put forward takes along what waits, and a broken invariant on the way is told', async () => {
  const bug = new Error('a bug')
  let isBroken = false
  const around = ({ finalizeBlock }: { finalizeBlock: GivenFinalize }) => ({
    finalizeBlock: (request: Parameters<GivenFinalize>[0]) => (isBroken ? Promise.reject(bug) : finalizeBlock(request)),
  })
  await withSolo(
    openMemory,
    async ({ solo, clock }) => {
      const waiting = solo.submit(givenSigner('ana').sign(founding()), 'committed')
      await solo.advance(clock, HOUR_MS)
      assert.ok((await waiting).ok)
      isBroken = true
      await assert.rejects(solo.advance(clock, HOUR_MS), bug)
      await assert.rejects(solo.halted, bug)
    },
    { around },
  )
})

type GivenFinalize = import('../src/index.ts').Application['finalizeBlock']
