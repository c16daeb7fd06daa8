import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { withTimerSlack } from '../src/cometbft/timer-slack.ts'

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
