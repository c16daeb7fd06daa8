import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ALERT_RULES, type Alert } from '../src/alerts/alert.ts'
import { type AlertState, judge, stateOf } from '../src/alerts/judge.ts'
import { longestGapMs, RULES } from '../src/alerts/rules.ts'
import type { Status } from '../src/index.ts'
import { after, givenStatus, START_MS } from './given-status.ts'

const memoryOf = (usedBytes: number) => ({
  machine: { ...givenStatus().machine, memory: { processBytes: 1, usedBytes, totalBytes: 100 } },
})
const diskOf = (freeBytes: number) => ({
  machine: { ...givenStatus().machine, disk: { freeBytes, totalBytes: 1_000 } },
})
const peersOf = (count: number) => ({ peers: givenStatus().peers.slice(0, count) })
const waitingOf = (count: number, ageMs = 0) => ({ waiting: { count, bytes: 0, ageMs } })
const rootsOf = (...contradictedBy: string[]) => ({ roots: { ...givenStatus().roots, contradictedBy } })

/** What is just not enough, what raises, what does not end it yet, what ends it. */
const CASES: readonly (readonly [Alert['rule'], ...Partial<Status>[]])[] = [
  ['no-block', { sinceBlockMs: 60_000 }, { sinceBlockMs: 60_001 }, { sinceBlockMs: 60_001 }, { sinceBlockMs: 60_000 }],
  [
    'low-participation',
    { participation: 0.66 },
    { participation: 0.6599 },
    { participation: 0.6699 },
    { participation: 0.67 },
  ],
  ['few-peers', peersOf(3), peersOf(2), peersOf(2), peersOf(3)],
  ['mempool-long', waitingOf(1_000), waitingOf(1_001), waitingOf(801), waitingOf(800)],
  ['memory-high', memoryOf(90), memoryOf(91), memoryOf(86), memoryOf(85)],
  ['disk-low', diskOf(100), diskOf(99), diskOf(119), diskOf(120)],
  ['root-diverges', rootsOf(), rootsOf('the node at b'), rootsOf('the node at b'), rootsOf()],
  ['engine-silent', {}, { unreachable: ['CometBFT'] }, { unreachable: ['CometBFT'] }, { unreachable: [] }],
]

/** Judges the same status so many times, ten seconds apart. */
function judgeTimes(state: AlertState, from: Status, times: number) {
  let result = { state, changed: [] as readonly Alert[], open: [] as readonly Alert[] }
  const changed: Alert[] = []
  for (let index = 0; index < times; index++) {
    result = judge(result.state, after(from, index))
    changed.push(...result.changed)
  }
  return { ...result, changed }
}

test('every rule has a case here', () => {
  assert.deepEqual(CASES.map(([rule]) => rule).sort(), [...ALERT_RULES].sort())
  assert.deepEqual(RULES.map(({ name }) => name).sort(), [...ALERT_RULES].sort())
})

for (const [name, almost, bad, between, good] of CASES) {
  const rule = RULES.find((own) => own.name === name)
  assert.ok(rule)
  test(`${name}: begins at its limit after ${rule.raiseAfter} samples, lasts in between, ends after ${rule.clearAfter}`, () => {
    const quiet = judgeTimes(new Map(), givenStatus(almost), 20)
    assert.deepEqual(quiet.changed, [])
    const soon = judgeTimes(quiet.state, givenStatus(bad), rule.raiseAfter - 1)
    assert.deepEqual(soon.changed, [])
    const raised = judge(soon.state, givenStatus(bad))
    const [alert] = raised.changed
    assert.ok(alert)
    assert.deepEqual([raised.changed.length, alert.rule, alert.startMs, alert.endMs], [1, name, START_MS, null])
    assert.match(alert.reason, /\w.*\.$/)
    assert.deepEqual(raised.open, [alert])
    const lasting = judgeTimes(raised.state, after(givenStatus(between), 1), 20)
    assert.deepEqual([lasting.changed, lasting.open.map(({ id }) => id)], [[], [alert.id]])
    const nearly = judgeTimes(lasting.state, after(givenStatus(good), 30), rule.clearAfter - 1)
    assert.deepEqual(nearly.changed, [])
    const over = judge(nearly.state, after(givenStatus(good), 40))
    assert.deepEqual(
      over.changed.map(({ id, endMs }) => [id, endMs]),
      [[alert.id, START_MS + 400_000]],
    )
    assert.deepEqual(over.open, [])
  })
}

test('one good sample between bad ones begins the count anew', () => {
  const bad = givenStatus(memoryOf(95))
  const { state } = judgeTimes(new Map(), bad, 2)
  const interrupted = judge(state, givenStatus(memoryOf(50)))
  assert.deepEqual(judgeTimes(interrupted.state, bad, 2).changed, [])
  assert.equal(judgeTimes(interrupted.state, bad, 3).changed.length, 1)
})

test('what cannot be told neither begins nor ends an alert', () => {
  const raised = judgeTimes(new Map(), givenStatus({ participation: 0.5 }), 2)
  assert.deepEqual(
    raised.open.map(({ rule }) => rule),
    ['low-participation'],
  )
  const blind = judgeTimes(raised.state, givenStatus({ participation: null }), 50)
  assert.deepEqual([blind.changed, blind.open.length], [[], 1])
})

test('an idle network may wait as long as it is idle and a minute more; one with work waiting may not', () => {
  assert.equal(longestGapMs({ ...waitingOf(0), idleMs: 5_000 }), 60_000)
  assert.equal(longestGapMs({ ...waitingOf(0), idleMs: 600_000 }), 660_000)
  assert.equal(longestGapMs({ ...waitingOf(1, 60_001), idleMs: 600_000 }), 60_000)
  const idle = { idleMs: 600_000, sinceBlockMs: 599_000 }
  assert.deepEqual(judge(new Map(), givenStatus(idle)).open, [])
  const busy = judge(new Map(), givenStatus({ ...idle, ...waitingOf(1, 61_000) }))
  assert.deepEqual(
    busy.open.map(({ rule, threshold }) => [rule, threshold]),
    [['no-block', 60]],
  )
})

test('a node that has just started is not late, however old the last block is', () => {
  const started = givenStatus({ sinceBlockMs: 86_400_000, uptimeMs: 59_000 })
  assert.deepEqual(judge(new Map(), started).open, [])
  assert.equal(judge(new Map(), { ...started, uptimeMs: 61_000 }).open.length, 1)
})

test('solo and small networks need no peers', () => {
  const three = givenStatus().validators.slice(0, 3)
  for (const change of [{ engine: 'solo' as const }, { validators: three }])
    assert.deepEqual(judgeTimes(new Map(), givenStatus({ ...peersOf(0), ...change }), 10).open, [])
})

test('a node that catches up does not judge participation', () => {
  assert.deepEqual(judgeTimes(new Map(), givenStatus({ participation: 0.1, catchingUp: true }), 10).open, [])
})

test('after a restart an open alert goes on with its beginning, and the worst come first', () => {
  const both = { ...memoryOf(95), ...rootsOf('the node at b') }
  const raised = judgeTimes(new Map(), givenStatus(both), 3)
  assert.deepEqual(
    raised.open.map(({ rule }) => rule),
    ['root-diverges', 'memory-high'],
  )
  const restarted = judge(stateOf(raised.open), after(givenStatus(both), 100))
  assert.deepEqual(restarted.changed, [])
  assert.deepEqual(
    restarted.open.map(({ id }) => id),
    raised.open.map(({ id }) => id),
  )
})
