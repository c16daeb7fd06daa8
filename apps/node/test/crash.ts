import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Body, rejectName } from '@icn/protocol'
import { createRandom } from '@icn/testkit'
import { act, foundCooperative, openProposal, type Person } from './cooperative.ts'
import { type NodeProcess, runNode, startProcess } from './node-process.ts'

export interface CrashOptions {
  readonly rounds: number
  /** Decides when each kill comes. */
  readonly seed: number
  readonly onRound?: (line: string) => void
}

/** Who vote at the same time. */
const VOTERS = 40
/** After so many rounds a fast machine has used up the allowance of a person; then others are next. */
const ROUNDS_A_GROUP = 50

/**
 * Under constant load, ends the node with SIGKILL `rounds` times and opens it again on the same folder. After each
 * fall every acknowledged vote must be on the ledger, and no signer's count may differ from what was acknowledged by
 * more than the one transaction that was under way. At the end all blocks are replayed from the genesis.
 */
export async function crashRounds({ rounds, seed, onRound }: CrashOptions): Promise<{ acknowledged: number }> {
  const home = mkdtempSync(join(tmpdir(), 'icn-crash-'))
  const random = createRandom(seed)
  try {
    let node = await startProcess(home)
    const groups = Math.ceil(rounds / ROUNDS_A_GROUP)
    const { org, people } = await foundCooperative(node.url, node.network, VOTERS * groups)
    const [author] = people as [Person]
    const proposal = await openProposal(node.url, node.network, author, org)
    let acknowledged = 0
    for (let round = 1; round <= rounds; round++) {
      const killAfterMs = random.below(400)
      const first = (round % groups) * VOTERS
      const voters = people.slice(first, first + VOTERS)
      const hashes = await voteUntilKilled(node, voters, proposal, killAfterMs)
      node = await startProcess(home)
      for (const hash of hashes) {
        const answer = await fetch(`${node.url}/v1/transactions/${hash}`)
        assert.equal(answer.status, 200, `seed ${seed}, round ${round}: the acknowledged vote ${hash} is lost`)
        await answer.body?.cancel()
      }
      for (const person of voters) await catchUp(node, person, `seed ${seed}, round ${round}`)
      acknowledged += hashes.length
      onRound?.(`round ${round}: killed after ${killAfterMs} ms, ${hashes.length} acknowledged, height ${node.height}`)
    }
    assert.equal(await node.end('SIGTERM'), 0)
    const verified = await runNode(['verify', '--home', home, '--replay'])
    assert.equal(verified.code, 0, `seed ${seed}: ${verified.stderr}`)
    assert.ok(acknowledged >= rounds, `seed ${seed}: the load was too small to prove anything`)
    return { acknowledged }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

/** Everybody votes again and again until the process is gone. Answers the hashes of what was acknowledged. */
async function voteUntilKilled(
  node: NodeProcess,
  people: readonly Person[],
  proposal: string,
  afterMs: number,
): Promise<string[]> {
  const hashes: string[] = []
  let gone = false
  const killed = new Promise<void>((resolve) => {
    setTimeout(() => {
      gone = true
      void node.end('SIGKILL').then(() => resolve())
    }, afterMs)
  })
  const voting = people.map(async (person) => {
    while (!gone) {
      const ballot = person.sequence % 2 === 0 ? 'yes' : 'no'
      const body: Body = { kind: 'vote.cast', proposal, ballot, reason: '' }
      const answer = await act(node.url, node.network, person, body).catch(() => undefined)
      if (answer === undefined) return
      assert.equal(answer.status, 200, `a vote was refused: ${answer.name ?? rejectName(0)}`)
      hashes.push(answer.hash)
    }
  })
  await Promise.all([killed, ...voting])
  return hashes
}

/** One transaction may have been committed without its answer arriving; never two, and never one fewer. */
async function catchUp(node: NodeProcess, person: Person, where: string): Promise<void> {
  const answer = await fetch(`${node.url}/v1/signers/${person.did}`)
  const { sequence } = (await answer.json()) as { sequence: number }
  const ahead = sequence - person.sequence
  assert.ok(
    ahead === 0 || ahead === 1,
    `${where}: ${person.did} has sequence ${sequence}, ${person.sequence} acknowledged`,
  )
  person.sequence = sequence
}
