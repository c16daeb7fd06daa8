import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mock, test } from 'node:test'
import { watchIdle, withTimerSlack } from '../src/cometbft/timer-slack.ts'

const FILE = '/proc/self/timerslack_ns'
const skip = existsSync(FILE) ? false : 'no timer slack on this system'

test('what is started may be woken 2 ms late, and this process as before', { skip }, () => {
  const own = readFileSync(FILE, 'utf8')
  const { stdout } = withTimerSlack(() => spawnSync('cat', [FILE], { encoding: 'utf8' }))
  assert.equal(stdout.trim(), '2000000')
  assert.equal(readFileSync(FILE, 'utf8'), own)
  assert.notEqual(own, stdout)
})

test('this process is as before too where nothing could be started', { skip }, () => {
  const own = readFileSync(FILE, 'utf8')
  assert.throws(() =>
    withTimerSlack(() => {
      throw new Error('no such program')
    }),
  )
  assert.equal(readFileSync(FILE, 'utf8'), own)
})

test('one that is idle may be woken 20 ms late, until something happens', { skip }, (context) => {
  const child = spawn('sleep', ['60'])
  const pid = child.pid ?? 0
  mock.timers.enable({ apis: ['setInterval'] })
  let nowMs = 0
  const clock = mock.method(performance, 'now', () => nowMs)
  const slackMs = () => Number(readFileSync(`/proc/${pid}/timerslack_ns`, 'utf8')) / 1e6
  const pass = (ms: number) => {
    nowMs += ms
    mock.timers.tick(ms)
  }
  let denied: unknown
  let running: number | undefined = pid
  const slack = watchIdle(
    () => running,
    (error) => (denied = error),
  )
  try {
    const before = slackMs()
    pass(4_000)
    assert.equal(slackMs(), before)
    pass(1_000)
    if (denied !== undefined) return context.skip(String(denied))
    assert.equal(slackMs(), 20)
    slack.wake()
    assert.equal(slackMs(), 2)
    pass(4_000)
    slack.wake()
    pass(4_000)
    assert.equal(slackMs(), 2)
    // Between two processes there is none; the next one is idle too.
    running = undefined
    pass(3_000)
    running = pid
    pass(1_000)
    assert.equal(slackMs(), 20)
  } finally {
    slack.end()
    clock.mock.restore()
    mock.timers.reset()
    child.kill()
  }
})
