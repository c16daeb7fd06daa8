import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type LocalNetwork, type LocalNode, startNetwork } from '@icn/testkit/network'
import { setUpCometBft } from '../../../scripts/setup-cometbft.ts'
import { type Answer, act, newPerson } from './cooperative.ts'

const setup = setUpCometBft({ quiet: true })
const skip = setup.ok ? false : setup.reason
const folder = mkdtempSync(join(tmpdir(), 'icn-waiting-'))
let network: LocalNetwork
before(async () => {
  if (skip !== false) return
  const flags = ['--log-level', 'warn', '--consensus-idle-ms', '1000', '--consensus-answer-within-ms', '2000']
  network = await startNetwork({ folder, validators: 2, observers: 1, flags })
})
after(async () => {
  if (skip === false) await network.stop()
  rmSync(folder, { recursive: true, force: true })
})

const founding = { kind: 'org.found', name: 'Bakery', orgKind: 'cooperative', founderName: 'Ana', charter: {} } as const

test('an observer tells who waits why those who vote leave it out', { skip }, async () => {
  const observer = network.nodes[2] as LocalNode
  const { chainId } = network.genesis
  const vote = { kind: 'vote.cast', proposal: 'p7-0-k3j5x2', ballot: 'yes', reason: '' } as const
  const person = newPerson()
  let answer: Answer
  // A slow machine may take more than these two seconds for three blocks; then the same is asked again.
  do answer = await act(observer.url(), chainId, person, vote)
  while (answer.name === 'UNAVAILABLE')
  assert.deepEqual([answer.status, answer.name], [404, 'PROPOSAL_NOT_FOUND'])
  assert.equal((await act(observer.url(), chainId, person, founding)).status, 200)
})

test('where a network of two makes no block, who waits is told so, and the log says where it is', {
  skip,
}, async () => {
  const [first, second] = network.nodes as [LocalNode, LocalNode]
  const { chainId } = network.genesis
  const comet = second.cometBftPid() as number
  const person = newPerson()
  process.kill(comet, 'SIGSTOP')
  const answer = await act(first.url(), chainId, person, founding)
  assert.deepEqual([answer.status, answer.name], [503, 'UNAVAILABLE'])
  assert.match(
    first.log(),
    /"whereabouts":"waits for a block","waiting":1,"height":\d+,"msg":"a transaction waits for long"/,
  )
  const metrics = await (await fetch(`${first.url()}/metrics`)).text()
  assert.match(metrics, /icn_refusals_total\{name="UNAVAILABLE"\} 1/)
  assert.match(metrics, /icn_submission_age_seconds \d/)
  process.kill(comet, 'SIGCONT')
  let again = await act(first.url(), chainId, person, founding)
  while (again.name === 'UNAVAILABLE') again = await act(first.url(), chainId, person, founding)
  assert.ok(again.status === 200 || again.name === 'DUPLICATE', JSON.stringify(again))
})
