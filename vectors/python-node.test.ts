import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { organizationDid } from '@icn/protocol'
import { type NodeProcess, startProcess } from '../apps/node/test/node-process.ts'
import { ICN_PY, preparePython } from './python-environment.ts'

const environment = preparePython()
const skip = 'skip' in environment && environment.skip
const python = 'python' in environment ? environment.python : ''
const folder = mkdtempSync(join(tmpdir(), 'icn-python-node-'))
const key = join(folder, 'ada.key')
let node: NodeProcess | undefined

before(async () => {
  if (skip === false) node = await startProcess(join(folder, 'node'), ['--dev-clock'])
})
after(async () => {
  await node?.end('SIGTERM')
  rmSync(folder, { recursive: true, force: true })
})

interface Receipt {
  readonly hash: string
  readonly result: Readonly<Record<string, string>>
}
interface Refusal {
  readonly error: { readonly code: number; readonly name: string; readonly expected?: number }
}

/** Runs the program in Python and answers what it printed. */
function icn(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(python, [ICN_PY, ...args], { encoding: 'utf8' })
  assert.equal(status, 0, `icn.py ${args.join(' ')}: ${stdout}${stderr}`)
  return stdout.trim()
}

function refused(...args: string[]): Refusal['error'] {
  const { status, stdout, stderr } = spawnSync(python, [ICN_PY, ...args], { encoding: 'utf8' })
  assert.deepEqual([status, stdout], [1, ''], stderr)
  return (JSON.parse(stderr) as Refusal).error
}

function place(): readonly string[] {
  return ['--node', node?.url ?? '', '--key', key]
}

function submit(body: object, ...flags: string[]): Receipt {
  return JSON.parse(icn('submit', ...place(), '--body', JSON.stringify(body), ...flags)) as Receipt
}

async function get<T>(path: string): Promise<T> {
  const answer = await fetch(`${node?.url}${path}`)
  assert.equal(answer.status, 200, path)
  return (await answer.json()) as T
}

const votes = [
  { method: 'yes-no', type: 'standard', options: [], ballot: 'yes', winners: [] },
  { method: 'stv', type: 'standard', seats: 2, options: [0, 0, 0], ballot: [[2], [0, 1]], winners: [2, 0, 1] },
  { method: 'irv', type: 'standard', options: [0, 0, 0], ballot: [[1], [0]], winners: [1] },
  {
    method: 'equal-shares',
    type: 'budget',
    budgetMinor: 10_000,
    options: [6_000, 4_000, 9_000],
    ballot: [
      [2, 1],
      [0, 3],
    ],
    winners: [0],
  },
] as const

let did = ''
let org = ''

test('a key made in Python founds an organization, proposes and votes, and Python recounts what was decided', {
  skip,
}, async () => {
  const network = await get<{ network: string; genesisHash: string }>('/v1/network')
  did = icn('key', key)
  const founding = { kind: 'org.found', name: 'Bäckerei', orgKind: 'cooperative', founderName: 'Ada', charter: {} }
  const founded = submit(founding).result.org ?? ''
  org = founded.startsWith('did:') ? founded : organizationDid(network.network, founded)

  const proposals = votes.map(({ ballot, winners: _, options, ...rest }) => {
    const texts = {
      title: `By ${rest.method}`,
      text: '',
      actions: [],
      discussionMs: null,
      votingMs: 86_400_000,
      amends: null,
    }
    const list = options.map((costMinor, index) => ({ label: `Option ${index}`, actions: [], costMinor }))
    const settings = { seats: 1, maxScore: 0, budgetMinor: 0, ...texts, ...rest, options: list }
    const proposal = submit({ kind: 'proposal.new', org, ...settings }).result.proposal ?? ''
    submit({ kind: 'vote.cast', proposal, ballot: rest.method === 'yes-no' ? 'no' : [], reason: '' })
    submit({ kind: 'vote.cast', proposal, ballot, reason: 'Brötchen 🥐' })
    return proposal
  })
  assert.equal(refused('fetch-bundle', '--node', node?.url ?? '', proposals[0] ?? '').code, 0)

  const body = JSON.stringify({ advanceMs: 86_400_000 })
  const headers = { 'content-type': 'application/json' }
  assert.equal((await fetch(`${node?.url}/v1/dev/clock`, { method: 'POST', body, headers })).status, 200)
  for (const [index, proposal] of proposals.entries()) {
    const file = join(folder, proposal)
    const fetched = spawnSync(python, [ICN_PY, 'fetch-bundle', '--node', node?.url ?? '', proposal])
    assert.equal(fetched.status, 0)
    writeFileSync(file, fetched.stdout)
    const verdict = JSON.parse(icn('verify-bundle', file, '--genesis-hash', network.genesisHash)) as {
      result: { turnoutHeads: number; winners: number[] }
    }
    assert.equal(verdict.result.turnoutHeads, 1)
    assert.deepEqual(verdict.result.winners, votes[index]?.winners)
  }
})

test('what the node must refuse is refused with its code, and nothing changes', { skip }, async () => {
  assert.notEqual(org, '', 'the test before founded an organization')
  const standing = async () => [
    (await get<{ appHash: string }>('/v1/network')).appHash,
    (await get<{ sequence: number }>(`/v1/signers/${did}`)).sequence,
  ]
  const earlier = await standing()
  const [, sequence] = earlier as [string, number]
  const { network } = await get<{ network: string }>('/v1/network')
  const body = JSON.stringify({ kind: 'member.leave', org })
  const build = (chain: string) =>
    icn('build', '--key', key, '--chain', chain, '--sequence', `${sequence}`, '--expiry', '900', '--body', body)
  const send = (bytes: string) => ['send', '--node', node?.url ?? '', bytes]
  const sound = build(network)
  const changed = sound.slice(0, -2) + (sound.endsWith('00') ? '01' : '00')

  const gap = refused('submit', ...place(), '--body', body, '--sequence', String(sequence + 1))
  assert.deepEqual([gap.code, gap.name, gap.expected], [1011, 'BAD_SEQUENCE', sequence])
  assert.deepEqual(await standing(), earlier)
  for (const bytes of [build(`${network}-2`), changed]) {
    const { code, name } = refused(...send(bytes))
    assert.deepEqual([code, name], [1007, 'BAD_SIGNATURE'])
    assert.deepEqual(await standing(), earlier)
  }

  // The sound bytes pass, once: what was refused was refused for what was changed in it.
  icn(...send(sound))
  const later = await standing()
  assert.equal(later[1], sequence + 1)
  assert.notEqual(later[0], earlier[0])
  assert.equal(refused(...send(sound)).name, 'DUPLICATE')
  assert.deepEqual(await standing(), later)
})
