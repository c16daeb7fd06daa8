import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { sha256 } from '@icn/crypto'
import type { Whereabouts } from '../src/cometbft/line.ts'
import { type SlowSubmission, watchPatience } from '../src/cometbft/patience.ts'
import { createSubmissions, type Submissions } from '../src/cometbft/submissions.ts'

const BYTES = [Uint8Array.of(1), Uint8Array.of(2)] as const
const HASHES = BYTES.map((bytes) => sha256(bytes)) as [Uint8Array, Uint8Array]

interface Given {
  readonly submissions: Submissions
  /** By their hashes; `handed over` where nothing is said. */
  readonly at: Map<Uint8Array, Whereabouts>
  readonly slow: readonly SlowSubmission[]
  pass(ms: number): void
}

/** Who waits is told after 30 s; time passes when the test says so. */
function withPatience(work: (given: Given) => void | Promise<void>): () => Promise<void> {
  return async () => {
    mock.timers.enable({ apis: ['setInterval'] })
    let nowMs = 1_000
    const clock = mock.method(performance, 'now', () => nowMs)
    const submissions = createSubmissions()
    const slow: SlowSubmission[] = []
    const at = new Map<Uint8Array, Whereabouts>()
    const whereabouts = (hash: Uint8Array) => at.get(hash) ?? 'handed over'
    const end = watchPatience({ submissions, whereabouts, answerWithinMs: 30_000, onSlow: (told) => slow.push(told) })
    const pass = (ms: number) => {
      for (const untilMs = nowMs + ms; nowMs < untilMs; ) {
        nowMs += 500
        mock.timers.tick(500)
      }
    }
    try {
      await work({ submissions, at, slow, pass })
    } finally {
      end()
      clock.mock.restore()
      mock.timers.reset()
    }
  }
}

test(
  'who has waited too long is told that nobody knows, the next one in its turn',
  withPatience(async ({ submissions, pass }) => {
    const first = submissions.add(BYTES[0], HASHES[0])
    pass(10_000)
    const second = submissions.add(BYTES[1], HASHES[1])
    pass(20_000)
    const unknown = { ok: false, code: 0, detail: {}, hash: HASHES[0], unavailable: true }
    assert.deepEqual([await first.committed, await first.accepted], [unknown, unknown])
    assert.equal(submissions.first(), second)
    pass(10_000)
    assert.deepEqual(await second.committed, { ...unknown, hash: HASHES[1] })
    assert.equal(submissions.count(), 0)
  }),
)

test(
  'it is said where the one is that has waited longest, after five seconds and every ten',
  withPatience(({ submissions, at, slow, pass }) => {
    submissions.add(BYTES[0], HASHES[0])
    submissions.add(BYTES[1], HASHES[1])
    const seen = () => slow.map(({ waitedMs, whereabouts }) => [waitedMs, whereabouts])
    pass(4_500)
    assert.deepEqual(seen(), [])
    pass(500)
    at.set(HASHES[0], 'under check')
    pass(10_000)
    at.set(HASHES[0], 'waits for a block')
    pass(10_000)
    assert.deepEqual(seen(), [
      [5_000, 'handed over'],
      [15_000, 'under check'],
      [25_000, 'waits for a block'],
    ])
    assert.deepEqual([slow[0]?.hash, slow[0]?.waiting], [HASHES[0], 2])
    submissions.settle(HASHES[0], { ok: true, hash: HASHES[0], height: 2, index: 0, result: {} })
    pass(4_500)
    assert.equal(slow.length, 3, 'not again so soon')
  }),
)

test(
  'what is quick is not spoken of, and one that is slow after it is',
  withPatience(({ submissions, at, slow, pass }) => {
    submissions.add(BYTES[0], HASHES[0])
    pass(5_000)
    submissions.settle(HASHES[0], { ok: true, hash: HASHES[0], height: 2, index: 0, result: {} })
    submissions.add(BYTES[1], HASHES[1])
    at.set(HASHES[1], 'lost')
    pass(5_000)
    assert.deepEqual(
      slow.map(({ hash, whereabouts }) => [hash, whereabouts]),
      [
        [HASHES[0], 'handed over'],
        [HASHES[1], 'lost'],
      ],
    )
  }),
)
