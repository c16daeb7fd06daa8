/**
 * `npm run example:election -- FILE.soi [--seed TEXT]`: a real election, from founding to recount. A fresh node process; a
 * member with a key of their own for each real ballot; each joins and votes with their own signed transaction over HTTP;
 * block time closes the vote; the result is compared with a count of the file itself; and a second process, which has
 * nothing but the exported bundle, verifies it.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { publicKeyFromSeed, sha256 } from '@icn/crypto'
import { type Ballot, proveInvitation, publicKeyToText } from '@icn/protocol'
import { type Actor, type Client, createActor, createClient, keyFromSeed } from '@icn/sdk'
import { type ElectionReport, parseProfile, tallyFile } from '@icn/tally/files'

const CLI = new URL('../apps/cli/bin/icn.js', import.meta.url).pathname
const NODE = new URL('../apps/node/bin/icn-node.js', import.meta.url).pathname
/** Members who act at the same time. */
const AT_ONCE = 32
const DAY_MS = 86_400_000

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string', default: 'election' } },
})
const [file] = positionals
if (file === undefined) {
  console.error('usage: npm run example:election -- FILE.soi [--seed TEXT]')
  process.exit(2)
}
process.exitCode = (await holdElection(file, values.seed)) ? 0 : 1

async function holdElection(path: string, seed: string): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'icn-election-'))
  const text = readFileSync(path, 'utf8')
  const profile = parseProfile(text, basename(path))
  if (profile.kind !== 'ranked') throw new Error(`${path} holds no rankings`)
  const ballots = profile.ballots.flatMap(({ order, count }) => Array.from({ length: count }, () => order as Ballot))
  const expected = tallyFile(text, basename(path), { method: 'schulze' }) as ElectionReport
  const node = await startNode(join(folder, 'node'))
  try {
    const client = createClient({ url: node.url })
    const startMs = performance.now()
    const members = ballots.map((_, index) => actorOf(client, `${seed} ${index}`))
    const founder = actorOf(client, `${seed} founder`)
    const org = await gather(client, founder, members, seed)
    console.log(`${members.length} members joined ${org}`)

    const proposal = await propose(founder, org, basename(path), profile.candidates)
    await eachOf(members, (member, index) =>
      member.act({ kind: 'vote.cast', proposal, ballot: ballots[index] as never, reason: '' }),
    )
    console.log(
      `${ballots.length} ballots cast as signed transactions, joining included in ${((performance.now() - startMs) / 1000).toFixed(1)} s`,
    )

    await client.call('advanceClock', { body: { advanceMs: DAY_MS } })
    const { status, result } = await client.call('proposal', { params: { id: proposal } })
    const winners = result?.winners ?? []
    console.log(
      `voting closed by block time: ${status}, winner ${winners.join(', ')}; the file says ${expected.winners.join(', ')}`,
    )

    const bundle = join(folder, 'bundle.icn')
    writeFileSync(bundle, await client.bundle(proposal))
    await node.stop()
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
    await node.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

function actorOf(client: Client, name: string): Actor {
  return createActor({ client, key: keyFromSeed(sha256(new TextEncoder().encode(`icn example ${name}`))) })
}

/** Founds the organization, and everybody joins with one invitation. */
async function gather(client: Client, founder: Actor, members: readonly Actor[], seed: string): Promise<string> {
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
  await eachOf(members, (member, index) => {
    const invitation = { id, proof: proveInvitation(chainId, id, member.did, secret) }
    return member.act({ kind: 'member.apply', org, name: `Voter ${index + 1}`, statement: '', invitation })
  })
  return org
}

async function propose(founder: Actor, org: string, title: string, candidates: readonly string[]): Promise<string> {
  const options = candidates.map((label) => ({ label, actions: [], costMinor: 0 }))
  const settings = {
    actions: [],
    seats: 1,
    maxScore: 0,
    budgetMinor: 0,
    discussionMs: null,
    votingMs: null,
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

async function startNode(home: string): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const args = [NODE, 'start', '--home', home, '--http-port', '0', '--dev-clock', '--log-level', 'warn']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  return { url: await urlOf(child), stop: () => stop(child) }
}

async function urlOf({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('the node has no output')
  for await (const line of createInterface({ input: stdout })) {
    const url = /^ready (\S+)/.exec(line)?.[1]
    if (url !== undefined) {
      stdout.resume()
      return url
    }
  }
  throw new Error('the node ended before it was ready')
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}
