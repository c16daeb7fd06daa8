import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'

test('a real election, cast as signed transactions and recounted by a stranger, has the published winner', async () => {
  const args = ['examples/election.ts', 'examples/elections/debian-2012-leader.soi']
  const { stdout } = await promisify(execFile)(process.execPath, args)
  assert.match(stdout, /403 ballots cast as signed transactions/)
  assert.match(stdout, /winner Stefano Zacchiroli; the file says Stefano Zacchiroli/)
  assert.match(stdout, /proved, winner Stefano Zacchiroli/)
})
