/**
 * `npm run example:election -- FILE.soi [--seed TEXT] [--validators N]`: a real election, from founding to recount. A fresh
 * node process; a member with a key of their own for each real ballot; each joins and votes with their own signed
 * transaction over HTTP; block time closes the vote; the result is compared with a count of the file itself; and a second
 * process, which has nothing but the exported bundle, verifies it.
 *
 * With `--validators`, a network of so many real validators: ballots go to all nodes, one of which is killed in the middle
 * and started again; at the end all have the same root.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { publicKeyFromSeed, sha256 } from '@icn/crypto'
import { type Ballot, proveInvitation, publicKeyToText } from '@icn/protocol'
import { type Actor, ApiError, type Client, createActor, keyFromSeed, Unreachable } from '@icn/sdk'
import { type ElectionReport, parseProfile, tallyFile } from '@icn/tally/files'
import { openOneNode } from './polls/one-node.ts'
import type { Polls } from './polls/polls.ts'
import { openValidators } from './polls/validators.ts'

const CLI = new URL('../apps/cli/bin/icn.js', import.meta.url).pathname
/** Members who act at the same time. */
const AT_ONCE = 32
const DAY_MS = 86_400_000
const MOST_ATTEMPTS = 40
const PAUSE_MS = 250

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string', default: 'election' }, validators: { type: 'string' } },
})
const [file] = positionals
if (file === undefined || !/^(?:[1-9]\d?)?$/.test(values.validators ?? '')) {
  console.error('usage: npm run example:election -- FILE.soi [--seed TEXT] [--validators N]')
  process.exit(2)
}
process.exitCode = (await holdElection(file, values.seed, Number(values.validators ?? 0))) ? 0 : 1

async function holdElection(path: string, seed: string, validators: number): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'icn-election-'))
  const text = readFileSync(path, 'utf8')
  const profile = parseProfile(text, basename(path))
  if (profile.kind !== 'ranked') throw new Error(`${path} holds no rankings`)
  const ballots = profile.ballots.flatMap(({ order, count }) => Array.from({ length: count }, () => order as Ballot))
  const expected = tallyFile(text, basename(path), { method: 'schulze' }) as ElectionReport
  const polls =
    validators === 0
      ? await openOneNode(join(folder, 'node'))
      : await openValidators(folder, validators, ballots.length)
  try {
    const [client] = polls.clients as [Client]
    const startMs = performance.now()
    const members = ballots.map((_, index) => `${seed} ${index}`)
    const founder = actorOf(client, `${seed} founder`)
    const org = await gather(polls, founder, members, seed)
    console.log(`${members.length} members joined ${org}`)

    const votingMs = polls.votingMs(performance.now() - startMs)
    const proposal = await propose(founder, org, basename(path), profile.candidates, votingMs)
    await cast(polls, members, ballots, proposal)
    console.log(
      `${ballots.length} ballots cast as signed transactions, joining included in ${((performance.now() - startMs) / 1000).toFixed(1)} s`,
    )

    await polls.close(proposal)
    const { status, result } = await client.call('proposal', { params: { id: proposal } })
    const winners = result?.winners ?? []
    console.log(
      `voting closed by block time: ${status}, winner ${winners.join(', ')}; the file says ${expected.winners.join(', ')}`,
    )
    for (const line of await polls.report()) console.log(line)

    const bundle = join(folder, 'bundle.icn')
    writeFileSync(bundle, await client.bundle(proposal))
    await polls.stop()
    const verdict = verifyElsewhere(bundle)
    console.log(
      `a second process with nothing but the bundle says: ${verdict.ok ? 'proved' : 'not proved'}, winner ${verdict.winners.join(', ')}`,
    )
    return (
      [winners, verdict.winners].every((own) => own.join() === expected.winners.join()) &&
      verdict.ok &&
      status === 'passed'
    )
  } finally {
    await polls.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

function actorOf(client: Client, name: string): Actor {
  return createActor({ client, key: keyFromSeed(sha256(new TextEncoder().encode(`icn example ${name}`))) })
}

/** Founds the organization, and everybody joins with one invitation. */
async function gather(polls: Polls, founder: Actor, members: readonly string[], seed: string): Promise<string> {
  const [client] = polls.clients as [Client]
  const charter = { quorum: { num: 1, den: 100 }, votingMs: DAY_MS / 2 }
  const founded = await founder.act({
    kind: 'org.found',
    name: 'Voters',
    orgKind: 'community',
    founderName: 'Secretary',
    charter,
  })
  const org = String(founded.result.org)
  const secret = sha256(new TextEncoder().encode(`icn example ${seed} invitation`))
  const { network: chainId, time } = await client.call('network', {})
  const invitationKey = publicKeyToText(publicKeyFromSeed(secret))
  const expiresTimeMs = Date.parse(time) + DAY_MS
  const invited = await founder.act({
    kind: 'member.invite',
    org,
    invitationKey,
    uses: members.length,
    expiresTimeMs,
    roles: [],
  })
  const id = String(invited.result.invitation)
  await eachOf(members, (name, index) => {
    const member = actorOf(clientAt(polls, index), name)
    const invitation = { id, proof: proveInvitation(chainId, id, member.did, secret) }
    return member.act({ kind: 'member.apply', org, name: `Voter ${index + 1}`, statement: '', invitation })
  })
  return org
}

/** Each at a node of their own; where that one is gone, at the next: a ballot that comes twice replaces itself. */
async function cast(
  polls: Polls,
  members: readonly string[],
  ballots: readonly Ballot[],
  proposal: string,
): Promise<void> {
  let count = 0
  await eachOf(members, async (name, index) => {
    polls.onBallot(count++)
    const body = { kind: 'vote.cast', proposal, ballot: ballots[index] as never, reason: '' } as const
    for (let attempt = 0; ; attempt++) {
      try {
        return await actorOf(clientAt(polls, index + attempt), name).act(body)
      } catch (error) {
        // The first one may wait for a block still: until it is there, the count of this member is ahead.
        const isAhead = attempt > 0 && error instanceof ApiError && error.reason === 'BAD_SEQUENCE'
        if (attempt === MOST_ATTEMPTS || !(isAhead || isGone(error))) throw error
        await pause(PAUSE_MS)
      }
    }
  })
}

/** The node was killed, or is closing. */
function isGone(error: unknown): boolean {
  return error instanceof Unreachable || (error instanceof ApiError && error.status >= 500)
}

function clientAt({ clients }: Polls, index: number): Client {
  return clients[index % clients.length] as Client
}

async function propose(
  founder: Actor,
  org: string,
  title: string,
  candidates: readonly string[],
  votingMs: number,
): Promise<string> {
  const options = candidates.map((label) => ({ label, actions: [], costMinor: 0 }))
  const settings = {
    actions: [],
    seats: 1,
    maxScore: 0,
    budgetMinor: 0,
    discussionMs: null,
    votingMs,
    amends: null,
  }
  const words = { type: 'standard', title, text: '', method: 'schulze' } as const
  const receipt = await founder.act({ kind: 'proposal.new', org, ...words, options, ...settings })
  return String(receipt.result.proposal)
}

async function eachOf<T>(items: readonly T[], work: (item: T, index: number) => Promise<unknown>): Promise<void> {
  const next = items.entries()
  const worker = async () => {
    for (const [index, item] of next) await work(item, index)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

function verifyElsewhere(bundle: string): { readonly ok: boolean; readonly winners: readonly string[] } {
  const { ok, result } = JSON.parse(
    execFileSync(process.execPath, [CLI, 'audit', 'verify', bundle, '--json'], { encoding: 'utf8' }),
  ) as {
    ok: boolean
    result: { winners: string[] } | null
  }
  return { ok, winners: result?.winners ?? [] }
}
