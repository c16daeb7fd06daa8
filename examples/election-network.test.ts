import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { setUpCometBft } from '../scripts/setup-cometbft.ts'

const setup = setUpCometBft({ quiet: true })

test('an election on four validators, one of which is killed in the middle, has the published winner and one root', {
  skip: setup.ok ? false : setup.reason,
}, async () => {
  const args = ['examples/election.ts', 'examples/elections/debian-2012-leader.soi', '--validators', '4']
  const { stdout } = await promisify(execFile)(process.execPath, args)
  assert.match(stdout, /403 ballots cast as signed transactions/)
  assert.match(stdout, /winner Stefano Zacchiroli; the file says Stefano Zacchiroli/)
  assert.match(stdout, /node 4 was killed after 202 ballots and caught up/)
  assert.match(stdout, /all 4 nodes have the root [0-9a-f]{64} at height \d+/)
  assert.match(stdout, /proved, winner Stefano Zacchiroli/)
})
